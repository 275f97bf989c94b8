// Bounds how much is done at once: a semaphore whose queue may have an end, and a map that does a few of many at a time.

export interface SemaphoreOptions {
  /** Most callers that may wait for a place; without it as many as come. */
  readonly waiting?: number;
  /** The error of a caller who finds the queue full. */
  readonly full?: () => Error;
}

/** Lets a few do something at once and the others wait in the order they came. */
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

  /** Places held now. */
  get taken(): number {
    return this.#taken;
  }

  /**
   * Waits for a place and answers the function that gives it back (calling it again does nothing).
   * @throws the signal's reason when it aborts first, or what `full` makes when too many wait already.
   */
  async acquire(signal?: AbortSignal): Promise<() => void> {
    signal?.throwIfAborted();
    if (this.#taken < this.#places) return this.#place();
    if (this.#queue.size >= this.#waiting) throw this.#full();
    return this.#inTurn(signal);
  }

  /** Does `work` in a place of its own. @throws what `acquire` or `work` throws. */
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
 * The results of `work` over `items`, in their order, `atOnce` at a time. After the first failure, or when `signal` aborts,
 * nothing more begins: the signal that each `work` is given aborts, and the failure is thrown once all that had begun
 * has ended. So nothing goes on behind the back of a caller who has been told that it failed.
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
