// Bounds how many do something at once; the others wait in line, each ready to leave it.

export interface Slots {
  /** Resolves with what gives the place back, or undefined when `signal` aborts first. */
  take(signal: AbortSignal): Promise<(() => void) | undefined>;
  readonly taken: number;
}

export function createSlots(limit: number): Slots {
  const line = new Set<() => void>();
  let taken = 0;

  function leave(): void {
    taken--;
    const [next] = line;
    if (!next) return;
    line.delete(next);
    next();
  }

  function enter(): () => void {
    taken++;
    let left = false;
    return () => {
      if (!left) leave();
      left = true;
    };
  }

  return {
    get taken() {
      return taken;
    },
    take(signal) {
      if (signal.aborted) return Promise.resolve(undefined);
      if (taken < limit) return Promise.resolve(enter());
      return new Promise((resolve) => {
        const giveUp = () => {
          line.delete(go);
          resolve(undefined);
        };
        const go = () => {
          signal.removeEventListener('abort', giveUp);
          resolve(enter());
        };
        line.add(go);
        signal.addEventListener('abort', giveUp, { once: true });
      });
    },
  };
}

/** Calls `work` for each item, `limit` at once; results in order. The first failure ends it. */
export async function mapBounded<T, R>(
  items: readonly T[],
  limit: number,
  work: (item: T) => Promise<R>,
): Promise<R[]> {
  const results: R[] = [];
  const left = items.entries();
  let failed = false;
  async function worker(): Promise<void> {
    for (const [index, item] of left) {
      if (failed) return;
      results[index] = await work(item).catch((error: unknown) => {
        failed = true;
        throw error;
      });
    }
  }
  await Promise.all(Array.from({ length: Math.min(limit, items.length) }, worker));
  return results;
}
