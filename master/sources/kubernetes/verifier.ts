// Verifies all kinds periodically, one at a time, spread over the interval: a safety net for unforeseen errors. A kind
// whose watch broke is verified sooner, because a restarted API server may have another history with higher versions.
import type { Logger } from 'pino';
import type { Clock } from '../../../src/clock.ts';
import { explain } from './api-failure.ts';
import type { Reflector } from './reflector-options.ts';
import type { Delay } from './standing.ts';
import { type ComparedKind, compare, type Differences, lasting } from './verify-kind.ts';

export interface VerifiedKind extends ComparedKind {
  readonly type: string;
  readonly reflector: Pick<Reflector, 'health' | 'resync'>;
}

export interface VerifierOptions {
  readonly kinds: () => Iterable<VerifiedKind>;
  readonly times: VerifierTimes;
  readonly logger: Logger;
  readonly clock: Clock;
  readonly random: () => number;
  readonly delay: Delay;
}

/** Milliseconds. */
export interface VerifierTimes {
  /** Each kind is verified once per interval. */
  readonly interval: number;
  /** How long a difference must last. */
  readonly settle: number;
  /** Approximate delay after a broken watch. */
  readonly soon: number;
  /** Minimum between two verifications of a kind. */
  readonly rest: number;
  /** Interval of checks for due kinds. */
  readonly look: number;
}

export const usualVerifierTimes = { settle: 10_000, soon: 60_000, rest: 1_800_000, look: 10_000 };

export interface Verifications {
  /** Numbers of kinds that were equal, were repaired by a list, still differ, or could not be checked. */
  readonly equal: number;
  readonly repaired: number;
  readonly unrepaired: number;
  readonly failed: number;
  /** Number of objects with lasting differences. */
  readonly differences: number;
}

export interface Verifier {
  /** The watch of a kind broke. */
  doubt(type: string): void;
  counts(): Verifications;
  close(): Promise<void>;
}

export function createVerifier(options: VerifierOptions): Verifier {
  const rounds = new VerifyingRounds(options);
  const ended = rounds.run();
  return {
    doubt: (type) => rounds.doubt(type),
    counts: () => ({ ...rounds.counts }),
    async close() {
      rounds.stop();
      await ended;
    },
  };
}

/** Last and next verification of a kind. */
interface Due {
  next: number;
  last: number;
  /** Differences that a list did not repair: unusable objects. */
  unrepaired: Differences;
}

class VerifyingRounds {
  readonly counts = { equal: 0, repaired: 0, unrepaired: 0, failed: 0, differences: 0 };
  readonly #o: VerifierOptions;
  readonly #stop = new AbortController();
  readonly #due = new Map<string, Due>();

  constructor(options: VerifierOptions) {
    this.#o = options;
  }

  stop(): void {
    this.#stop.abort();
  }

  doubt(type: string): void {
    const { clock, random, times } = this.#o;
    const due = this.#dueOf(type);
    const soon = clock() + times.soon * (0.5 + random());
    due.next = Math.min(due.next, Math.max(soon, due.last + times.rest));
  }

  async run(): Promise<void> {
    const { signal } = this.#stop;
    while (!signal.aborted) {
      await this.#o.delay(this.#o.times.look, signal);
      for (const kind of this.#o.kinds()) {
        if (signal.aborted) return;
        if (this.#dueOf(kind.type).next <= this.#o.clock()) await this.#verify(kind);
      }
    }
  }

  /** A new kind is first verified at a random point of the interval. */
  #dueOf(type: string): Due {
    const { clock, random, times } = this.#o;
    const found = this.#due.get(type);
    if (found !== undefined) return found;
    const due = { next: clock() + random() * times.interval, last: -Infinity, unrepaired: new Map() };
    this.#due.set(type, due);
    return due;
  }

  async #verify(kind: VerifiedKind): Promise<void> {
    const { clock, times, logger } = this.#o;
    const due = this.#dueOf(kind.type);
    // A kind out of sync is listed or stale anyway; it is checked afterwards.
    if (!isSynced(kind)) return void (due.next = clock() + times.soon);
    due.last = clock();
    due.next = due.last + times.interval;
    try {
      await this.#compareAndRepair(kind, due);
    } catch (error) {
      if (this.#stop.signal.aborted) return;
      this.counts.failed += 1;
      due.next = clock() + times.rest;
      logger.debug({ kind: kind.type, reason: explain(error) }, `${kind.type}: could not be verified`);
    }
  }

  async #compareAndRepair(kind: VerifiedKind, due: Due): Promise<void> {
    const found = await this.#lastingOf(kind);
    if (found === undefined) return;
    if (!isSynced(kind)) return void (due.next = this.#o.clock() + this.#o.times.soon);
    const news = new Map([...found].filter(([key, { listed }]) => due.unrepaired.get(key)?.listed !== listed));
    if (news.size === 0) return void (this.counts.equal += 1);
    this.counts.differences += news.size;
    this.#log(kind.type, news, 'differs from what the API server has: listed again');
    await kind.reflector.resync('repair');
    due.unrepaired = (await this.#lastingOf(kind)) ?? new Map();
    if (due.unrepaired.size === 0) return void (this.counts.repaired += 1);
    this.counts.unrepaired += 1;
    this.#log(kind.type, due.unrepaired, 'still differs from what the API server has');
  }

  async #lastingOf(kind: VerifiedKind): Promise<Differences | undefined> {
    const { signal } = this.#stop;
    const first = await compare(kind, signal);
    if (first === undefined || first.size === 0) return first;
    await this.#o.delay(this.#o.times.settle, signal);
    signal.throwIfAborted();
    return lasting(first, (await compare(kind, signal)) ?? new Map());
  }

  #log(type: string, differences: Differences, what: string): void {
    const some = [...differences.keys()].slice(0, 5).join(', ');
    this.#o.logger.warn({ kind: type, objects: differences.size, some }, `${type}: ${what}`);
  }
}

function isSynced({ reflector }: VerifiedKind): boolean {
  return reflector.health().state.state === 'synced';
}
