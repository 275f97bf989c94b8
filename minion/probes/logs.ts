// Containers' logs: number of messages by level, and patterns of warnings and worse. Reads files only, as written by
// kubelet and Docker.
import { setImmediate as turn } from 'node:timers/promises';
import { redactText } from '../../src/redact.ts';
import { repeat } from '../../src/repeat.ts';
import { MessageCounter } from './logs/counter.ts';
import { LineJoiner, logLineOf } from './logs/line-forms.ts';
import { MessageJoiner } from './logs/messages.ts';
import { Tail } from './logs/tail.ts';
import type { Probe, ProbedContainer, ProbedNode, Round, Samples } from './probe.ts';
import { namesIn, readLink } from './read.ts';

/** Milliseconds between two reads; a message is complete if nothing was added for that long. */
const period = 1000;
/** Maximum containers followed. */
const mostFiles = 1000;
/** Characters of a sample: one line on a page. */
const longestSample = 256;
/** Lines processed before yielding, a few milliseconds. */
const inOneTurn = 1000;

export const logs = {
  name: 'logs',
  needs: [
    {
      what: "the node's log files, read-only (/var/log, as root or in their group)",
      isMet: ({ root }) =>
        namesIn(`${root}/var/log/containers`).length > 0 || namesIn(`${root}/var/lib/docker`).length > 0,
    },
  ],
  start: (node) => new LogsProbe(node),
} as const satisfies Probe;

interface Followed {
  readonly tail: Tail;
  readonly lines: LineJoiner;
  readonly messages: MessageJoiner;
  readonly counter: MessageCounter;
  unread: number;
}

class LogsProbe {
  readonly #node: ProbedNode;
  readonly #followed = new Map<string, Followed>();
  readonly #stop: () => void;
  #reading = false;
  #isFirst = true;
  #skipped = 0;

  constructor(node: ProbedNode) {
    this.#node = node;
    this.#stop = repeat(period, () => this.#look(), node.logger);
  }

  async samples({ containers }: Round, out: Samples): Promise<void> {
    this.#follow(containers, out);
    await this.#look();
    for (const container of containers) {
      for (const { level, hash, sample, count } of this.#followed.get(container.id)?.counter.all() ?? []) {
        const labels = { source: 'stdout/stderr', level, pattern_hash: hash, sample };
        out.container(container, 'container_log_messages_total', count, labels);
      }
    }
    this.#tellSkipped(out);
  }

  close(): void {
    this.#stop();
    for (const { tail } of this.#followed.values()) tail.close();
  }

  #follow(containers: readonly ProbedContainer[], out: Samples): void {
    const known = new Set(containers.map(({ id }) => id));
    for (const [id, { tail }] of this.#followed) {
      if (known.has(id)) continue;
      tail.close();
      this.#followed.delete(id);
    }
    const paths = logPathsOf(this.#node.root);
    for (const { id, logPath, isService } of containers) {
      const path = paths.get(id) ?? (logPath && this.#node.root + logPath);
      if (isService || path === undefined || this.#followed.has(id)) continue;
      if (this.#followed.size >= mostFiles) out.drop('log files');
      else this.#followed.set(id, followed(path, !this.#isFirst));
    }
    this.#isFirst = false;
  }

  async #look(): Promise<void> {
    if (this.#reading) return;
    this.#reading = true;
    try {
      for (const each of this.#followed.values()) await this.#lookAt(each);
    } finally {
      this.#reading = false;
    }
  }

  async #lookAt(each: Followed): Promise<void> {
    let taken = 0;
    for (const line of linesOf(each.tail)) {
      const read = logLineOf(line);
      const whole = read && each.lines.take(read);
      if (!read) each.unread++;
      if (whole !== undefined) each.messages.add(whole);
      if (++taken % inOneTurn === 0) await turn();
    }
    if (taken === 0) each.messages.flush();
  }

  #tellSkipped(out: Samples): void {
    let skipped = 0;
    for (const { tail, unread } of this.#followed.values()) skipped += tail.skipped + unread;
    if (skipped > this.#skipped) out.drop('log lines', skipped - this.#skipped);
    this.#skipped = skipped;
  }
}

/** An unreadable file does not affect others. */
function linesOf(tail: Tail): string[] {
  try {
    return tail.lines();
  } catch {
    tail.close();
    return [];
  }
}

function followed(path: string, fromStart: boolean): Followed {
  const counter = new MessageCounter({ redact: (sample) => redactText(sample.slice(0, 4096)).slice(0, longestSample) });
  return {
    tail: new Tail({ path, fromStart }),
    lines: new LineJoiner(),
    messages: new MessageJoiner((message) => counter.add(message)),
    counter,
    unread: 0,
  };
}

/** Maximum chain of links: the kubelet's to the Pod's log, and that to the runtime's. */
const mostLinks = 4;

/** By container id, which ends the kubelet's file name. */
function logPathsOf(root: string): Map<string, string> {
  const folder = `${root}/var/log/containers`;
  const found = new Map<string, string>();
  for (const name of namesIn(folder)) {
    const id = /-([0-9a-f]{64})\.log$/.exec(name)?.[1];
    if (id !== undefined) found.set(id, followLinks(root, `${folder}/${name}`));
  }
  return found;
}

/** If the node's root is mounted elsewhere, links resolve below that. */
function followLinks(root: string, path: string): string {
  let at = path;
  for (let links = 0; links < mostLinks; links++) {
    const target = readLink(at);
    if (target === undefined || !target.startsWith('/')) return at;
    at = root + target;
  }
  return at;
}
