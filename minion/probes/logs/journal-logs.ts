// The journal of systemd: messages of each unit, and those of no unit as the node's.
import { setImmediate as turn } from 'node:timers/promises';
import { getOrMake } from '../../../src/get-or-make.ts';
import type { ProbedContainer, ProbedNode, Round, Samples } from '../probe.ts';
import { namesIn } from '../read.ts';
import type { MessageCounter } from './counter.ts';
import { JournalTail } from './journal/journal-tail.ts';
import { ownerOfEntry } from './journal/owner-of-entry.ts';
import type { JournalEntry, ReaderLimits } from './journal/reader.ts';
import { levelOf, levelOfPriority } from './level.ts';
import { Drops, type LogSource, labelsOf, redactingCounter } from './log-source.ts';
import { MessageJoiner } from './messages.ts';

export const journalFolders = ['/run/log/journal', '/var/log/journal'] as const;
/** The machine's own journal, and those of its namespaces. */
const machine = /^[0-9a-f]{32}(?:\.[\w.-]{1,64})?$/;
const mostTails = 16;
/** Milliseconds after which a unit is forgotten that does not run. */
const keptFor = 3_600_000;
const atOnce: ReaderLimits = { entries: 250, bytes: 8_388_608 };
/** Parts of a journal in one look: 20,000 entries. */
const mostParts = 80;

interface Unit {
  readonly messages: MessageJoiner;
  readonly counter: MessageCounter;
  last: number;
  /** Something came in this look. */
  isBusy: boolean;
}

export class JournalLogs implements LogSource {
  readonly #node: ProbedNode;
  /** By file, below the node's root. */
  readonly #tails = new Map<string, JournalTail>();
  readonly #units = new Map<string, Unit>();
  readonly #ofNode = redactingCounter();
  readonly #drops = new Drops();
  readonly #said = new Set<string>();
  readonly #mostUnits: number;
  /** Microseconds since the epoch: entries up to here were there before, or were read from another file. */
  #newest: number;
  #isFirst = true;
  #strangers = 0;

  /** `units`: maximum that are told apart. */
  constructor(node: ProbedNode, { units = 500 } = {}) {
    this.#node = node;
    this.#mostUnits = units;
    this.#newest = node.clock() * 1000;
    this.#follow();
  }

  async look(): Promise<void> {
    this.#follow();
    for (const tail of this.#tails.values()) await this.#lookAt(tail);
    for (const unit of this.#units.values()) {
      if (!unit.isBusy) unit.messages.flush();
      unit.isBusy = false;
    }
  }

  samples({ containers }: Round, out: Samples): void {
    const known = new Map(containers.map((each) => [each.id, each]));
    for (const [id, unit] of this.#units) {
      const container = known.get(id) ?? serviceOf(id);
      if (!known.has(id) && this.#isForgotten(id, unit)) this.#units.delete(id);
      else if (container)
        for (const each of unit.counter.all())
          out.container(container, 'container_log_messages_total', each.count, labelsOf('journald', each));
    }
    for (const each of this.#ofNode.all()) out.node('node_log_messages_total', each.count, labelsOf('journald', each));
    this.#tellDrops(out);
  }

  close(): void {
    for (const tail of this.#tails.values()) tail.close();
  }

  #follow(): void {
    for (const folder of journalFolders) {
      for (const name of namesIn(this.#node.root + folder)) {
        const path = `${folder}/${name}`;
        if (!machine.test(name) || this.#tails.has(path) || this.#tails.size >= mostTails) continue;
        const after = this.#isFirst ? undefined : this.#newest;
        this.#tails.set(path, new JournalTail({ folder: this.#node.root + path, name: 'system', after }));
      }
    }
    this.#isFirst = false;
  }

  /** An unreadable journal does not affect others. */
  async #lookAt(tail: JournalTail): Promise<void> {
    for (let part = 0; part < mostParts; part++) {
      const entries = nextOf(tail);
      if (!entries) return;
      for (const entry of entries) this.#take(entry);
      await turn();
    }
  }

  #take(entry: JournalEntry): void {
    this.#newest = Math.max(this.#newest, entry.realtime);
    const { MESSAGE: message = '', PRIORITY: priority, _TRANSPORT: transport } = entry.fields;
    const level = levelOfPriority(priority);
    const unit = this.#unitOf(ownerOfEntry(entry.fields));
    if (!unit) return this.#ofNode.add(message, level);
    unit.isBusy = true;
    unit.last = this.#node.clock();
    // Whatever a service prints has this priority, and each line is an entry.
    if (transport === 'stdout' && priority === '6') return unit.messages.add(message);
    unit.messages.flush();
    unit.counter.add(message, level);
  }

  #unitOf(owner: string | undefined): Unit | undefined {
    if (owner === undefined) return undefined;
    if (this.#units.size < this.#mostUnits || this.#units.has(owner)) return getOrMake(this.#units, owner, unitFound);
    this.#strangers++;
    return undefined;
  }

  #isForgotten(id: string, { last }: Unit): boolean {
    return serviceOf(id) === undefined || this.#node.clock() - last > keptFor;
  }

  #tellDrops(out: Samples): void {
    const sums = { entries: 0, fields: 0, files: 0 };
    for (const [path, tail] of this.#tails) {
      sums.entries += tail.skipped;
      sums.fields += tail.unreadableFields;
      sums.files += tail.lostFiles;
      const reason = tail.obstacle ?? (tail.isShut() ? 'it cannot be opened as a regular file' : undefined);
      if (reason !== undefined) this.#say({ journal: path, reason }, 'a journal file is not read');
    }
    for (const [what, sum] of Object.entries(sums)) this.#drops.tell(out, `journal ${what}`, sum);
    this.#drops.tell(out, 'messages of more units than are told apart', this.#strangers);
    if (sums.fields > 0)
      this.#say({}, 'some fields of journals are not read: compressed by LZ4 or XZ, too large, or damaged');
  }

  #say(facts: object, text: string): void {
    const key = JSON.stringify([facts, text]);
    if (this.#said.has(key) || this.#said.size >= mostTails * 4) return;
    this.#said.add(key);
    this.#node.logger.warn({ probe: 'logs', ...facts }, text);
  }
}

function unitFound(): Unit {
  const counter = redactingCounter({ forms: 512 });
  const messages = new MessageJoiner((message) => {
    const level = levelOf(message);
    counter.add(message, level === 'unknown' ? levelOfPriority('6') : level);
  });
  return { counter, messages, last: 0, isBusy: false };
}

/** A service that may have ended. */
function serviceOf(id: string): ProbedContainer | undefined {
  return id.startsWith('/') ? { id, name: id, isService: true } : undefined;
}

function nextOf(tail: JournalTail): readonly JournalEntry[] | undefined {
  try {
    return tail.next(atOnce);
  } catch {
    tail.close();
    return undefined;
  }
}
