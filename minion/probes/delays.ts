// How long the threads of each container waited for a processor and for disks. Threads that start and end between two
// rounds are missed; the kernel's own pressure counters include them.
import { setImmediate as turn } from 'node:timers/promises';
import { waitedForDisk, waitedForProcessor } from './files/schedule.ts';
import { nodePidsSeen } from './needs.ts';
import type { Probe, ProbedContainer, ProbedNode, Round } from './probe.ts';
import { namesIn, readText } from './read.ts';

/** Maximum threads per round, at about 20 µs each. */
const mostThreads = 50_000;
const inOneTurn = 64;

interface Waited {
  processor: number;
  disk: number;
}

export const delays = {
  name: 'delays',
  needs: [
    nodePidsSeen,
    {
      what: 'a kernel that counts waiting (CONFIG_SCHED_INFO)',
      isMet: ({ proc }) => waitedForProcessor(readText(`${proc}/self/schedstat`) ?? '') !== undefined,
    },
  ],
  start(node) {
    const counter = new DelayCounter(node);
    return {
      async samples(round, out) {
        const left = await counter.look(round);
        if (left > 0) out.drop('threads', left);
        for (const container of round.containers) {
          const sum = counter.of(container);
          if (!sum) continue;
          out.container(container, 'container_resources_cpu_delay_seconds_total', sum.processor);
          if (counter.countedDisks) out.container(container, 'container_resources_disk_delay_seconds_total', sum.disk);
        }
      },
    };
  },
} as const satisfies Probe;

/** Keeps the last value of each thread and sums increases: the sum does not fall when threads end. */
export class DelayCounter {
  readonly #node: Pick<ProbedNode, 'proc'>;
  readonly #sums = new Map<string, Waited>();
  #threads = new Map<string, Waited>();
  #countedDisks = false;

  constructor(node: Pick<ProbedNode, 'proc'>) {
    this.#node = node;
  }

  /** The kernel counts waiting for disks only if enabled: whether it did in the last look. */
  get countedDisks(): boolean {
    return this.#countedDisks;
  }

  of({ id }: ProbedContainer): Readonly<Waited> | undefined {
    return this.#sums.get(id);
  }

  /** Returns the number of skipped threads. */
  async look(round: Round): Promise<number> {
    this.#countedDisks = readText(`${this.#node.proc}/sys/kernel/task_delayacct`)?.trim() === '1';
    const now = new Map<string, Waited>();
    let left = 0;
    for (const container of round.containers) {
      const sum = this.#sums.get(container.id) ?? { processor: 0, disk: 0 };
      this.#sums.set(container.id, sum);
      for (const pid of round.pidsOf(container)) {
        for (const thread of namesIn(`${this.#node.proc}/${pid}/task`)) {
          if (now.size >= mostThreads) left++;
          else this.#add(`${pid}/task/${thread}`, sum, now);
          if (now.size % inOneTurn === 0) await turn();
        }
      }
    }
    this.#threads = now;
    const known = new Set(round.containers.map(({ id }) => id));
    for (const id of this.#sums.keys()) if (!known.has(id)) this.#sums.delete(id);
    return left;
  }

  #add(thread: string, sum: Waited, now: Map<string, Waited>): void {
    const path = `${this.#node.proc}/${thread}`;
    const processor = waitedForProcessor(readText(`${path}/schedstat`) ?? '');
    if (processor === undefined) return;
    const before = this.#threads.get(thread);
    // A file less for each thread of the node.
    const disk = this.#countedDisks ? (waitedForDisk(readText(`${path}/stat`) ?? '') ?? 0) : (before?.disk ?? 0);
    // A thread's number may have been reused.
    sum.processor += grown(processor, before?.processor);
    sum.disk += grown(disk, before?.disk);
    now.set(thread, { processor, disk });
  }
}

function grown(now: number, before = 0): number {
  return now >= before ? now - before : now;
}
