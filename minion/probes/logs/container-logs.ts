// Logs of containers: files as written by kubelet and Docker.
import { setImmediate as turn } from 'node:timers/promises';
import type { ProbedNode, Round, Samples } from '../probe.ts';
import { namesIn, readLink } from '../read.ts';
import type { MessageCounter } from './counter.ts';
import { LineJoiner, logLineOf } from './line-forms.ts';
import { Drops, inOneTurn, type LogSource, labelsOf, redactingCounter } from './log-source.ts';
import { MessageJoiner } from './messages.ts';
import { linesOf, Tail } from './tail.ts';

/** Maximum containers followed. */
const mostFiles = 1000;

interface Followed {
  readonly tail: Tail;
  readonly lines: LineJoiner;
  readonly messages: MessageJoiner;
  readonly counter: MessageCounter;
  unread: number;
}

export class ContainerLogs implements LogSource {
  readonly #node: ProbedNode;
  readonly #followed = new Map<string, Followed>();
  readonly #drops = new Drops();
  #isFirst = true;

  constructor(node: ProbedNode) {
    this.#node = node;
  }

  follow({ containers }: Round, out: Samples): void {
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

  async look(): Promise<void> {
    for (const each of this.#followed.values()) await this.#lookAt(each);
  }

  samples({ containers }: Round, out: Samples): void {
    for (const container of containers) {
      for (const each of this.#followed.get(container.id)?.counter.all() ?? [])
        out.container(container, 'container_log_messages_total', each.count, labelsOf('stdout/stderr', each));
    }
    let skipped = 0;
    for (const { tail, unread } of this.#followed.values()) skipped += tail.skipped + unread;
    this.#drops.tell(out, 'log lines', skipped);
  }

  close(): void {
    for (const { tail } of this.#followed.values()) tail.close();
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
}

function followed(path: string, fromStart: boolean): Followed {
  const counter = redactingCounter();
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
