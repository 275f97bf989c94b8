// OOM kills: from the kernel's log if readable, which also names groups that no longer exist; otherwise from the counters
// of existing groups.
import { closeSync, constants, openSync, readSync } from 'node:fs';
import { ownerOfPath } from './cgroups/owner-of-path.ts';
import { oomKillsOf } from './cgroups/usage.ts';
import { cgroupsMounted } from './needs.ts';
import type { Probe, ProbedContainer, ProbedNode, Round } from './probe.ts';

export const oom = {
  name: 'oom',
  needs: [cgroupsMounted],
  start(node) {
    const kernel = KernelLog.open(node);
    const counts = new Map<string, number>();
    const first = new Map<string, number>();
    const look = (round: Round) => {
      for (const id of kernel?.killed() ?? []) counts.set(id, (counts.get(id) ?? 0) + 1);
      forgetOthers(round, counts, first);
    };
    // Of the last round: samples and facts are asked for one after the other.
    const kept = new Map<string, number>();
    const killsOf = (container: ProbedContainer) => {
      const counted = container.cgroup && oomKillsOf(container.cgroup);
      return Math.max(counts.get(container.id) ?? 0, counted ?? 0);
    };
    return {
      samples(round, out) {
        look(round);
        kept.clear();
        for (const container of round.containers) {
          const kills = killsOf(container);
          if (kills > 0) kept.set(container.id, kills);
          if (kills > 0) out.container(container, 'container_oom_kills_total', kills);
        }
      },
      facts(round, out) {
        for (const container of round.containers) {
          const kills = kept.get(container.id) ?? 0;
          if (kills > 0) out.container(container, { oomKills: kills });
        }
      },
      close: () => kernel?.close(),
    };
  },
} as const satisfies Probe;

/** Keeps a few hundred removed containers, in case one returns with the same id. */
function forgetOthers({ containers }: Round, ...tables: Map<string, number>[]): void {
  const known = new Set(containers.map(({ id }) => id));
  for (const table of tables) {
    for (const id of table.keys()) {
      if (table.size <= 1000) break;
      if (!known.has(id)) table.delete(id);
    }
  }
}

const record = /oom-kill:.*\btask_memcg=([^,\n]+)/;

/** The container or service in a kernel log record of a kill. Pure. */
export function victimOf(text: string): string | undefined {
  const path = record.exec(text)?.[1];
  return path === undefined ? undefined : ownerOfPath(path)?.id;
}

/** Maximum records per read: the log has a few thousand. */
const mostRecords = 10_000;

class KernelLog {
  readonly #file: number;
  readonly #buffer = Buffer.allocUnsafe(16_384);

  private constructor(file: number) {
    this.#file = file;
  }

  /** Undefined if unreadable. Skips records from before this process. */
  static open({ root }: ProbedNode): KernelLog | undefined {
    try {
      const log = new KernelLog(openSync(`${root}/dev/kmsg`, constants.O_RDONLY | constants.O_NONBLOCK));
      for (const _ of log.#records()) continue;
      return log;
    } catch {
      return undefined;
    }
  }

  /** One entry per kill since the last call. */
  killed(): string[] {
    return [...this.#records()].flatMap((text) => victimOf(text) ?? []);
  }

  close(): void {
    closeSync(this.#file);
  }

  *#records(): Generator<string> {
    for (let count = 0; count < mostRecords; count++) {
      try {
        const length = readSync(this.#file, this.#buffer, 0, this.#buffer.length, null);
        if (length <= 0) return;
        yield this.#buffer.toString('utf8', 0, length);
      } catch (error) {
        // EPIPE: records were overwritten before being read; the next read continues after them.
        if ((error as NodeJS.ErrnoException).code !== 'EPIPE') return;
      }
    }
  }
}
