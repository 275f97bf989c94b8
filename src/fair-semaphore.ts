// A semaphore that gives places to waiting tenants in turn: however many callers of one tenant wait, the first of another
// waits one round. If the queue is full, the tenant with most callers in it loses one.

export interface FairSemaphoreOptions {
  /** Maximum number of waiting callers of all tenants; unlimited by default. */
  readonly waiting?: number;
  /** The error for callers who find the queue full or are removed from it. */
  readonly full?: () => Error;
}

interface Waiter {
  enter(): void;
  refuse(error: Error): void;
}

type Queue = Set<Waiter>;

export class FairSemaphore {
  readonly #places: number;
  readonly #most: number;
  readonly #full: () => Error;
  #taken = 0;
  #waiting = 0;
  /** Waiting callers by tenant, in the order of turns. */
  readonly #queues = new Map<string, Queue>();

  constructor(places: number, { waiting = Number.POSITIVE_INFINITY, full = queueFull }: FairSemaphoreOptions = {}) {
    this.#places = places;
    this.#most = waiting;
    this.#full = full;
  }

  /**
   * Waits for a place; returns a function that releases it (repeated calls do nothing).
   * @throws the signal's reason if it aborts first, or the error from `full`.
   */
  async acquire(tenant: string, signal?: AbortSignal): Promise<() => void> {
    signal?.throwIfAborted();
    if (this.#taken < this.#places) this.#taken++;
    else await this.#inTurn(tenant, signal);
    let held = true;
    return () => {
      if (held) this.#leave();
      held = false;
    };
  }

  /** Runs `work` in a place. @throws the error of `acquire` or `work`. */
  async run<T>(tenant: string, work: () => Promise<T>, signal?: AbortSignal): Promise<T> {
    const leave = await this.acquire(tenant, signal);
    try {
      return await work();
    } finally {
      leave();
    }
  }

  /** Passes the place to the next tenant, whose next turn is after all others. */
  #leave(): void {
    const [first] = this.#queues;
    if (!first) return void this.#taken--;
    const [tenant, queue] = first;
    const [next] = queue;
    this.#queues.delete(tenant);
    if (!next) return;
    this.#forget(tenant, queue, next);
    if (queue.size > 0) this.#queues.set(tenant, queue);
    next.enter();
  }

  #inTurn(tenant: string, signal: AbortSignal | undefined): Promise<void> {
    if (this.#waiting >= this.#most) this.#makeRoomFor(tenant);
    return new Promise((resolve, reject) => {
      const queue: Queue = this.#queues.get(tenant) ?? new Set();
      this.#queues.set(tenant, queue);
      const end = (settle: () => void) => {
        signal?.removeEventListener('abort', giveUp);
        settle();
      };
      const waiter: Waiter = { enter: () => end(resolve), refuse: (error) => end(() => reject(error)) };
      const giveUp = (): void => {
        this.#forget(tenant, queue, waiter);
        reject(signal?.reason as Error);
      };
      queue.add(waiter);
      this.#waiting++;
      signal?.addEventListener('abort', giveUp, { once: true });
    });
  }

  /** Removes the newest caller of the tenant with most in the queue; rejects the new caller if no tenant has more. */
  #makeRoomFor(comes: string): void {
    const own = this.#queues.get(comes)?.size ?? 0;
    const [largest] = [...this.#queues].toSorted(([, a], [, b]) => b.size - a.size);
    if (!largest || largest[1].size <= own + 1) throw this.#full();
    const newest = [...largest[1]].at(-1) as Waiter;
    this.#forget(...largest, newest);
    newest.refuse(this.#full());
  }

  #forget(tenant: string, queue: Queue, waiter: Waiter): void {
    if (!queue.delete(waiter)) return;
    this.#waiting--;
    if (queue.size === 0 && this.#queues.get(tenant) === queue) this.#queues.delete(tenant);
  }
}

function queueFull(): Error {
  return new Error('too many wait already');
}
