// Logs of containers, of systemd's units, and files under /var/log: number of messages by level, and patterns of warnings and
// worse. Reads files only.
import { repeat } from '../../src/repeat.ts';
import { ContainerLogs } from './logs/container-logs.ts';
import { JournalLogs, journalFolders } from './logs/journal-logs.ts';
import type { LogSource } from './logs/log-source.ts';
import { NodeFiles, nodeLogFolder } from './logs/node-files.ts';
import type { Probe, ProbedNode, Round, Samples } from './probe.ts';
import { namesIn } from './read.ts';

/** Milliseconds between two reads; a message is complete if nothing was added for that long. */
const period = 1000;

interface Part {
  readonly what: string;
  /** Any of them. */
  readonly folders: readonly string[];
  start(node: ProbedNode): LogSource;
}

const parts: readonly Part[] = [
  {
    what: 'containers',
    folders: ['/var/log/containers', '/var/lib/docker'],
    start: (node) => new ContainerLogs(node),
  },
  { what: 'the journal', folders: journalFolders, start: (node) => new JournalLogs(node) },
  { what: 'log files of the node', folders: [nodeLogFolder], start: (node) => new NodeFiles(node) },
];

const isThere = ({ root }: ProbedNode, folder: string) => namesIn(root + folder).length > 0;

export const logs = {
  name: 'logs',
  needs: [
    {
      what: "the node's log files, read-only (/var/log, /run/log; as root or in their group)",
      isMet: (node) => parts.some(({ folders }) => folders.some((folder) => isThere(node, folder))),
    },
  ],
  start: (node) => new LogsProbe(node),
} as const satisfies Probe;

class LogsProbe {
  readonly #sources: readonly LogSource[];
  readonly #stop: () => void;
  #looking: Promise<void> | undefined;

  constructor(node: ProbedNode) {
    tellMissing(node);
    // All of them: what is missing now may come later.
    this.#sources = parts.map(({ start }) => start(node));
    this.#stop = repeat(period, () => this.#look(), node.logger);
  }

  async samples(round: Round, out: Samples): Promise<void> {
    for (const source of this.#sources) source.follow?.(round, out);
    await this.#look();
    for (const source of this.#sources) source.samples(round, out);
  }

  close(): void {
    this.#stop();
    const closeAll = () => this.#sources.forEach((source) => source.close());
    // A look that is under way would open files again.
    if (this.#looking) void this.#looking.then(closeAll, closeAll);
    else closeAll();
  }

  #look(): Promise<void> {
    this.#looking ??= this.#lookAtAll().finally(() => {
      this.#looking = undefined;
    });
    return this.#looking;
  }

  async #lookAtAll(): Promise<void> {
    for (const source of this.#sources) await source.look();
  }
}

function tellMissing(node: ProbedNode): void {
  for (const { what, folders } of parts) {
    if (folders.some((folder) => isThere(node, folder))) continue;
    const reason = `nothing is in ${folders.map((folder) => node.root + folder).join(' or ')}`;
    node.logger.warn({ probe: 'logs', part: what, reason }, 'the logs of a part are not read while they are not there');
  }
}
