// Follows the graph from a revision on, for the watch, history, export, findings and other readers of the change stream. A
// transaction only schedules delivery: sinks run in a later turn, once for all changes of a turn, so a slow disk or network
// never blocks a transaction.
//
// A subscription costs only its position in the log. A full sink has no queue: when it is ready again it gets the missed
// changes merged.
import type { Batch, Content } from './revisions/feed.ts';

/** Why a subscriber cannot continue and must read the whole graph again. */
export type ResyncReason = 'unknown_revision' | 'log_overrun';

export interface Sink<C extends Content> {
  /** Takes one batch. False: full; call the subscription's `resume` when ready. May throw: see `fail`. */
  write(batch: Extract<Batch<C>, { kind: 'change' }>): boolean;
  /** The subscription continues from now; read the earlier state from the graph. Returns like `write`. */
  resync(reason: ResyncReason): boolean;
  /** The sink threw, or the batch could not be made. The subscription is already closed. */
  fail(error: unknown): void;
}

export interface SubscriptionOptions<C extends Content> {
  /** The last revision that the sink knows; undefined if none of this graph. */
  readonly from: number | undefined;
  /** The graph is a copy that may be behind the one that `from` is of: it is waited for. Else a later revision is unknown. */
  readonly mayBeAhead?: boolean | undefined;
  /** Makes the batch after a revision, such as `feed.next` with a filter. `together` merges everything. */
  readonly next: (revision: number, together: boolean) => Batch<C>;
  readonly sink: Sink<C>;
  /** Finds changes after a revision that the log no longer has; undefined if unknown. Meanwhile the sink gets nothing. */
  readonly catchUp?: ((from: number) => Promise<CaughtUp | undefined>) | undefined;
}

/** What a sink missed. */
export interface CaughtUp {
  /** The last one that it is of. */
  readonly revision: number;
  /** Gives it to the sink; returns as `Sink.write` does. */
  write(): boolean;
}

export interface Subscription {
  /** The last revision delivered, or without content for the sink. */
  readonly revision: number;
  /** The sink is full and waits for `resume`. */
  readonly slow: boolean;
  /** Delivers pending changes. Call it once after subscribing, and when a full sink is ready. */
  resume(): void;
  /** Ends delivery. May be called twice. */
  close(): void;
}

/** What subscriptions need from the graph. */
export interface Followed {
  readonly revision: number;
  readonly changes: {
    /** Changes are kept from the first subscription on. */
    record(): void;
    follow(listener: () => void): () => void;
  };
}

export interface SubscriptionsOptions {
  /** Receives the seconds from a turn's first change to its last delivery. */
  readonly onDelivered?: (seconds: number) => void;
}

/** Readers this many revisions behind get them in one batch. */
const behind = 16;

export class Subscriptions {
  readonly #graph: Followed;
  readonly #onDelivered: (seconds: number) => void;
  readonly #open = new Set<{ readonly slow: boolean; resume(): void }>();
  readonly #unfollow: () => void;
  #scheduled = false;

  constructor(graph: Followed, { onDelivered = () => {} }: SubscriptionsOptions = {}) {
    this.#graph = graph;
    this.#onDelivered = onDelivered;
    this.#unfollow = graph.changes.follow(() => this.#schedule());
  }

  get size(): number {
    return this.#open.size;
  }

  subscribe<C extends Content>(options: SubscriptionOptions<C>): Subscription {
    this.#graph.changes.record();
    const one = new Follower(this.#graph, options, () => this.#open.delete(one));
    this.#open.add(one);
    return one;
  }

  /** Ends all subscriptions. */
  close(): void {
    this.#unfollow();
    this.#open.clear();
  }

  #schedule(): void {
    if (this.#scheduled || this.#open.size === 0) return;
    this.#scheduled = true;
    const began = performance.now();
    setImmediate(() => {
      this.#scheduled = false;
      for (const one of this.#open) if (!one.slow) one.resume();
      this.#onDelivered((performance.now() - began) / 1000);
    });
  }
}

/** The same graph with fewer notifications: the first change at once, later ones after the given milliseconds. */
export function throttled(
  graph: Followed,
  interval: number,
  { now = () => performance.now(), later = setTimeout }: ThrottleOptions = {},
): Followed & { close(): void } {
  const timers = new Set<NodeJS.Timeout>();
  return {
    get revision() {
      return graph.revision;
    },
    changes: {
      record: () => graph.changes.record(),
      follow(listener) {
        let last = Number.NEGATIVE_INFINITY;
        let waiting = false;
        const tell = () => {
          last = now();
          waiting = false;
          listener();
        };
        return graph.changes.follow(() => {
          if (waiting) return;
          if (now() - last >= interval) return tell();
          waiting = true;
          const timer = later(
            () => {
              timers.delete(timer);
              tell();
            },
            last + interval - now(),
          );
          timers.add(timer.unref());
        });
      },
    },
    close() {
      for (const timer of timers) clearTimeout(timer);
    },
  };
}

export interface ThrottleOptions {
  readonly now?: () => number;
  readonly later?: (callback: () => void, ms: number) => NodeJS.Timeout;
}

class Follower<C extends Content> implements Subscription {
  readonly #graph: Followed;
  readonly #options: SubscriptionOptions<C>;
  readonly #onClose: () => void;
  #revision: number | undefined;
  #slow = false;
  #closed = false;
  #isCatchingUp = false;

  constructor(graph: Followed, options: SubscriptionOptions<C>, onClose: () => void) {
    this.#graph = graph;
    this.#options = options;
    this.#onClose = onClose;
    const { from, mayBeAhead = false } = options;
    this.#revision = from !== undefined && (mayBeAhead || from <= graph.revision) ? from : undefined;
  }

  get revision(): number {
    return this.#revision ?? this.#graph.revision;
  }

  get slow(): boolean {
    return this.#slow;
  }

  resume(): void {
    if (this.#isCatchingUp) return;
    this.#slow = false;
    this.#try(() => this.#advance());
  }

  #try(work: () => void): void {
    try {
      work();
    } catch (error) {
      this.close();
      this.#options.sink.fail(error);
    }
  }

  close(): void {
    this.#closed = true;
    this.#onClose();
  }

  #advance(): void {
    if (this.#revision === undefined) this.#resync('unknown_revision');
    let together = false;
    while (!this.#slow && !this.#closed && this.revision < this.#graph.revision) {
      const batch = this.#options.next(this.revision, together || this.#graph.revision - this.revision > behind);
      if (batch.kind === 'resync') return this.#overrun();
      this.#revision = batch.revision;
      if (batch.kind === 'nothing') continue;
      this.#slow = !this.#options.sink.write(batch);
      together = this.#slow;
    }
  }

  #overrun(): void {
    const { catchUp } = this.#options;
    if (!catchUp) return this.#resync('log_overrun');
    this.#isCatchingUp = true;
    this.#slow = true;
    void catchUp(this.revision)
      .catch(() => undefined)
      .then((missed) => {
        this.#isCatchingUp = false;
        if (!this.#closed) this.#try(() => this.#goOn(missed));
      });
  }

  #goOn(missed: CaughtUp | undefined): void {
    this.#slow = false;
    if (missed) {
      this.#revision = missed.revision;
      this.#slow = !missed.write();
    } else this.#resync('log_overrun');
    if (!this.#slow) this.#advance();
  }

  #resync(reason: ResyncReason): void {
    this.#revision = this.#graph.revision;
    this.#slow = !this.#options.sink.resync(reason);
  }
}
