// What was killed for memory: by the kernel's log where that may be read, which names the control group also of what is gone at
// the next look; else by the counters of the groups that are there.
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
    const killsOf = (container: ProbedContainer) => {
      const counted = container.cgroup && oomKillsOf(container.cgroup);
      return Math.max(counts.get(container.id) ?? 0, counted ?? 0);
    };
    return {
      samples(round, out) {
        look(round);
        for (const container of round.containers) {
          const kills = killsOf(container);
          if (kills > 0) out.container(container, 'container_oom_kills_total', kills);
        }
      },
      facts(round, out) {
        for (const container of round.containers) {
          const kills = killsOf(container);
          if (kills > 0) out.container(container, { oomKills: kills });
        }
      },
      close: () => kernel?.close(),
    };
  },
} as const satisfies Probe;

/** Those of containers that are no more; some hundreds are kept for what comes again under its id. */
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

/** The container or service that a record of the kernel's log says something was killed in. Pure. */
export function victimOf(text: string): string | undefined {
  const path = record.exec(text)?.[1];
  return path === undefined ? undefined : ownerOfPath(path)?.id;
}

/** Records a read takes at most: the log holds some thousands. */
const mostRecords = 10_000;

class KernelLog {
  readonly #file: number;
  readonly #buffer = Buffer.allocUnsafe(16_384);

  private constructor(file: number) {
    this.#file = file;
  }

  /** Undefined where it may not be read. What it holds already was before this process: it is read over. */
  static open({ root }: ProbedNode): KernelLog | undefined {
    try {
      const log = new KernelLog(openSync(`${root}/dev/kmsg`, constants.O_RDONLY | constants.O_NONBLOCK));
      for (const _ of log.#records()) continue;
      return log;
    } catch {
      return undefined;
    }
  }

  /** Of each kill since the last call. */
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
        // EPIPE: records were written over before they were read; the next read goes on behind them.
        if ((error as NodeJS.ErrnoException).code !== 'EPIPE') return;
      }
    }
  }
}
