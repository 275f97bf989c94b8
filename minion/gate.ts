// Bounds how many things are done at once, and how many may wait for their turn.
import { fault } from '../src/errors.ts';

export interface Gate {
  /** @throws Fault `engine_busy` when too many wait already. */
  run<T>(work: () => Promise<T>): Promise<T>;
}

export function createGate({ atOnce, waiting }: { readonly atOnce: number; readonly waiting: number }): Gate {
  const queue: (() => void)[] = [];
  let running = 0;
  const leave = () => {
    const next = queue.shift();
    if (next) next();
    else running--;
  };
  return {
    async run(work) {
      if (running < atOnce) running++;
      else if (queue.length >= waiting) throw fault('engine_busy');
      else await new Promise<void>((resolve) => queue.push(resolve));
      try {
        return await work();
      } finally {
        leave();
      }
    },
  };
}

/** `Promise.all` of `work` over `items`, `atOnce` at a time, in their order. The first failure ends it. */
export async function mapBounded<I, O>(
  items: readonly I[],
  atOnce: number,
  work: (item: I) => Promise<O>,
): Promise<O[]> {
  const results = new Array<O>(items.length);
  let next = 0;
  const worker = async () => {
    while (next < items.length) {
      const index = next++;
      results[index] = await work(items[index] as I);
    }
  };
  await Promise.all(Array.from({ length: Math.min(atOnce, items.length) }, worker));
  return results;
}
