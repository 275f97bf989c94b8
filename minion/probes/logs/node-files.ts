// Log files of the node itself under /var/log, and one folder below: as syslog daemons and other programs write them.
import { type Dir, type Dirent, lstatSync, opendirSync, type Stats } from 'node:fs';
import { setImmediate as turn } from 'node:timers/promises';
import type { ProbedNode, Round, Samples } from '../probe.ts';
import type { MessageCounter } from './counter.ts';
import { levelOfPriority } from './level.ts';
import { Drops, inOneTurn, type LogSource, labelsOf, redactingCounter } from './log-source.ts';
import { MessageJoiner } from './messages.ts';
import { syslogLineOf } from './syslog.ts';
import { linesOf, Tail } from './tail.ts';

export const nodeLogFolder = '/var/log';
/** Names that syslog daemons use, beside `*.log`. */
const usual = new Set(['syslog', 'messages', 'secure', 'cron', 'maillog', 'debug']);
/** What other sources read. */
const foreign = new Set(['pods', 'containers', 'journal']);
/** Of an archive beside `app.log`: `app-20261128.log`, `app.1.log`. */
const archived = /^(.+?)[-.]\d[\d-]*\.log$/;
const mostFiles = 100;
const mostFolders = 200;
const bounds = { patterns: 64, forms: 512 } as const;
/** Looks between two searches for new files. */
const searchEvery = 10;
/** Searches after which a file is forgotten that is gone. */
const mostMissed = 6;
const mostFound = 1000;
/** Entries of all folders that are looked at in one search. */
const mostEntries = 20_000;

interface Followed {
  readonly tail: Tail;
  readonly messages: MessageJoiner;
  readonly counter: MessageCounter;
  /** Searches in a row that did not find it. */
  missed: number;
}

export class NodeFiles implements LogSource {
  readonly #node: ProbedNode;
  readonly #root: string;
  readonly #said = new Set<string>();
  /** By path on the node. */
  readonly #followed = new Map<string, Followed>();
  /** Names of files that are read under another. */
  readonly #renamed = new Set<string>();
  readonly #drops = new Drops();
  #looks = 0;
  #isFirst = true;
  #excess = 0;
  #isCut = false;
  #skipped = 0;

  constructor(node: ProbedNode) {
    this.#node = node;
    this.#root = node.root;
    this.#search();
  }

  async look(): Promise<void> {
    if (++this.#looks % searchEvery === 0) this.#search();
    for (const each of this.#followed.values()) await this.#lookAt(each);
  }

  samples(_round: Round, out: Samples): void {
    let skipped = this.#skipped;
    for (const [path, { counter, tail }] of this.#followed) {
      for (const each of counter.all()) out.node('node_log_messages_total', each.count, labelsOf(path, each));
      skipped += tail.skipped;
    }
    this.#drops.tell(out, 'bytes of log files', skipped);
    if (this.#excess > 0) out.drop('log files of the node', this.#excess);
    if (this.#isCut) out.drop('searches for log files of the node');
  }

  close(): void {
    for (const { tail } of this.#followed.values()) tail.close();
  }

  #search(): void {
    const found = this.#found();
    for (const [path, each] of this.#followed) this.#forget(path, each, found.has(path));
    for (const path of this.#renamed) if (!found.has(path)) this.#renamed.delete(path);
    this.#excess = 0;
    for (const [path, stats] of found) this.#follow(path, stats);
    this.#isFirst = false;
  }

  /** A rotated file may have no successor for a while. */
  #forget(path: string, each: Followed, isThere: boolean): void {
    each.missed = isThere ? 0 : each.missed + 1;
    if (each.missed < mostMissed) return;
    each.tail.close();
    this.#skipped += each.tail.skipped;
    this.#followed.delete(path);
  }

  #follow(path: string, stats: Stats): void {
    if (this.#followed.has(path) || this.#renamed.has(path)) return;
    if ([...this.#followed.values()].some(({ tail }) => tail.has(stats))) return void this.#renamed.add(path);
    if (this.#followed.size >= mostFiles) return void this.#excess++;
    const tail = new Tail({ path: this.#root + path, fromStart: !this.#isFirst, isShared: true });
    if (!tail.isOpen) this.#sayUnreadable(path);
    const counter = redactingCounter(bounds);
    const messages = new MessageJoiner((message) => counter.add(message));
    this.#followed.set(path, { tail, messages, counter, missed: 0 });
  }

  #sayUnreadable(path: string): void {
    if (this.#said.has(path) || this.#said.size >= mostFiles) return;
    this.#said.add(path);
    this.#node.logger.warn({ probe: 'logs', file: path }, 'a log file of the node cannot be opened');
  }

  /** By path on the node. */
  #found(): Map<string, Stats> {
    const found = new Map<string, Stats>();
    let left = mostEntries;
    const entriesAt = (place: string) => {
      const entries = entriesIn(this.#root + place, left);
      left -= entries.length;
      return entries;
    };
    const top = entriesAt(nodeLogFolder);
    const folders = top.filter((entry) => entry.isDirectory() && !foreign.has(entry.name)).slice(0, mostFolders);
    const places = ['', ...folders.map(({ name }) => `/${name}`)].map((place) => nodeLogFolder + place);
    for (const place of places) {
      const entries = place === nodeLogFolder ? top : entriesAt(place);
      for (const { name } of entries.filter(isLog)) {
        const stats = found.size < mostFound ? statsOf(`${this.#root}${place}/${name}`) : undefined;
        if (stats?.isFile()) found.set(`${place}/${name}`, stats);
      }
    }
    this.#isCut = left <= 0 || found.size >= mostFound;
    const archives = [...found.keys()].filter((path) => this.#isArchive(path, found));
    for (const path of archives) found.delete(path);
    return found;
  }

  /** The file whose archive it would be is there, or was until now. */
  #isArchive(path: string, found: ReadonlyMap<string, Stats>): boolean {
    const start = archived.exec(path)?.[1];
    if (start === undefined || this.#followed.has(path)) return false;
    return found.has(`${start}.log`) || this.#followed.has(`${start}.log`);
  }

  async #lookAt({ tail, messages, counter }: Followed): Promise<void> {
    let taken = 0;
    for (const line of linesOf(tail)) {
      const read = syslogLineOf(line);
      if (read) {
        messages.flush();
        counter.add(read.text, levelOfPriority(read.priority));
      } else messages.add(line);
      if (++taken % inOneTurn === 0) await turn();
    }
    if (taken === 0) messages.flush();
  }
}

function isLog(entry: Dirent): boolean {
  return entry.isFile() && (usual.has(entry.name) || entry.name.endsWith('.log'));
}

/** At most so many: others may write to the folder. Sorted, so that the same files are left out each time. */
function entriesIn(folder: string, most: number): Dirent[] {
  const entries: Dirent[] = [];
  let opened: Dir | undefined;
  try {
    opened = opendirSync(folder);
    for (let entry = opened.readSync(); entry && entries.length < most; entry = opened.readSync()) entries.push(entry);
  } catch {
    // It is not there, or was removed meanwhile.
  }
  opened?.closeSync();
  return entries.toSorted((a, b) => (a.name < b.name ? -1 : 1));
}

function statsOf(path: string): Stats | undefined {
  try {
    return lstatSync(path);
  } catch {
    // Removed meanwhile.
    return undefined;
  }
}
