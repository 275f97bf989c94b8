// Lets a few do something at once and gives free places to the tenants that wait in turn, one each: however many wait of
// one tenant, the first of another waits for one round.

type Waiting = Set<() => void>;

export class FairSemaphore {
  readonly #places: number;
  #taken = 0;
  /** Who waits, by tenant, in the order in which tenants have their turn. */
  readonly #queues = new Map<string, Waiting>();

  constructor(places: number) {
    this.#places = places;
  }

  /** Does `work` in a place of its own. @throws the signal's reason when it aborts before there is a place, else what `work` throws. */
  async run<T>(tenant: string, work: () => Promise<T>, signal?: AbortSignal): Promise<T> {
    signal?.throwIfAborted();
    if (this.#taken < this.#places) this.#taken++;
    else await this.#inTurn(tenant, signal);
    try {
      return await work();
    } finally {
      this.#leave();
    }
  }

  /** The place goes on to the next tenant, whose turn comes again after all others. */
  #leave(): void {
    const [first] = this.#queues;
    if (!first) return void this.#taken--;
    const [tenant, waiting] = first;
    const [next] = waiting as Iterable<() => void>;
    this.#queues.delete(tenant);
    if (next) waiting.delete(next);
    if (waiting.size > 0) this.#queues.set(tenant, waiting);
    next?.();
  }

  #inTurn(tenant: string, signal: AbortSignal | undefined): Promise<void> {
    return new Promise((resolve, reject) => {
      const waiting: Waiting = this.#queues.get(tenant) ?? new Set();
      this.#queues.set(tenant, waiting);
      const enter = (): void => {
        signal?.removeEventListener('abort', giveUp);
        resolve();
      };
      const giveUp = (): void => {
        waiting.delete(enter);
        if (waiting.size === 0 && this.#queues.get(tenant) === waiting) this.#queues.delete(tenant);
        reject(signal?.reason as Error);
      };
      waiting.add(enter);
      signal?.addEventListener('abort', giveUp, { once: true });
    });
  }
}
