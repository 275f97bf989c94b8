// Bounds concurrency: a semaphore with an optional queue limit, and a map with a maximum number at a time.

export interface SemaphoreOptions {
  /** Maximum number of waiting callers; unlimited by default. */
  readonly waiting?: number;
  /** The error for callers who find the queue full. */
  readonly full?: () => Error;
}

/** Admits a few callers at once; the others wait in order of arrival. */
export class Semaphore {
  readonly #places: number;
  readonly #waiting: number;
  readonly #full: () => Error;
  readonly #queue = new Set<() => void>();
  #taken = 0;

  constructor(places: number, { waiting = Number.POSITIVE_INFINITY, full = queueFull }: SemaphoreOptions = {}) {
    this.#places = places;
    this.#waiting = waiting;
    this.#full = full;
  }

  /** Places in use. */
  get taken(): number {
    return this.#taken;
  }

  /**
   * Waits for a place; returns a function that releases it (repeated calls do nothing).
   * @throws the signal's reason if it aborts first, or the error from `full` if too many wait.
   */
  async acquire(signal?: AbortSignal): Promise<() => void> {
    signal?.throwIfAborted();
    if (this.#taken < this.#places) return this.#place();
    if (this.#queue.size >= this.#waiting) throw this.#full();
    return this.#inTurn(signal);
  }

  /** Runs `work` in a place. @throws the error of `acquire` or `work`. */
  async run<T>(work: () => Promise<T>, signal?: AbortSignal): Promise<T> {
    const release = await this.acquire(signal);
    try {
      return await work();
    } finally {
      release();
    }
  }

  #place(): () => void {
    this.#taken += 1;
    let held = true;
    return () => {
      if (held) this.#release();
      held = false;
    };
  }

  #release(): void {
    this.#taken -= 1;
    const [next] = this.#queue;
    next?.();
  }

  #inTurn(signal: AbortSignal | undefined): Promise<() => void> {
    return new Promise((resolve, reject) => {
      const enter = (): void => {
        leave();
        resolve(this.#place());
      };
      const giveUp = (): void => {
        leave();
        reject(signal?.reason as Error);
      };
      const leave = (): void => {
        this.#queue.delete(enter);
        signal?.removeEventListener('abort', giveUp);
      };
      this.#queue.add(enter);
      signal?.addEventListener('abort', giveUp);
    });
  }
}

function queueFull(): Error {
  return new Error('too many wait already');
}

/**
 * The results of `work` for `items`, in order, at most `atOnce` at a time. After the first failure or when `signal` aborts,
 * nothing more starts and the signal passed to `work` aborts. The failure is thrown once all started work has ended, so nothing
 * continues after the caller knows of it.
 */
export async function mapBounded<I, O>(
  items: readonly I[],
  atOnce: number,
  work: (item: I, signal: AbortSignal) => Promise<O>,
  signal?: AbortSignal,
): Promise<O[]> {
  signal?.throwIfAborted();
  const ending = new AbortController();
  const end = () => ending.abort(signal?.reason);
  signal?.addEventListener('abort', end, { once: true });
  const results = new Array<O>(items.length);
  const left = items.entries();
  const worker = async () => {
    for (const [index, item] of left) {
      if (ending.signal.aborted) return;
      results[index] = await work(item, ending.signal);
    }
  };
  const guarded = () => worker().catch((error: unknown) => ending.abort(error));
  await Promise.all(Array.from({ length: Math.min(atOnce, items.length) }, guarded));
  signal?.removeEventListener('abort', end);
  ending.signal.throwIfAborted();
  return results;
}
