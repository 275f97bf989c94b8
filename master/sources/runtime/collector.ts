// Queries every minion once per `refresh` and passes changes to the sink. Minions cannot delay each other, and a failure
// affects one node only.
//
// State of a node, and what the sink is told:
//
//   new minion          -> syncing
//   answered            -> snapshot (when it changed), synced; partly where the node has more than one answer may hold
//   failed              -> stale, with why; asked again with back-off, up to three rounds apart
//   failing > dropAfter -> drop, absent; still asked
//   minion is gone      -> stale; after dropAfter: drop, and no station any more
//   new address, ready again -> asked at once
//
// A hash of the node's name fixes the phase of its calls, which spreads them over the interval.
import { createHash } from 'node:crypto';
import { createBackoff } from '../../../src/backoff.ts';
import type { MonotonicClock } from '../../../src/clock.ts';
import { Semaphore } from '../../../src/concurrency.ts';
import { fault } from '../../../src/errors.ts';
import type { Logger } from '../../../src/logger.ts';
import type { NodeSnapshot } from '../../../src/minion-api.ts';
import type { MinionReader } from './minion-reader.ts';
import type { Minion, MinionSource } from './minions.ts';
import type { RuntimeSink } from './sink.ts';
import { type MinionStatus, Station } from './station.ts';

/** A node's data, which may tell what it lacks. */
interface Read {
  readonly partly?: string;
}

export interface CollectorOptions<T extends Read = NodeSnapshot> {
  readonly minions: MinionSource;
  readonly open: (minion: Minion) => MinionReader<T>;
  readonly sink: RuntimeSink<T>;
  readonly logger: Logger;
  /** Milliseconds between two calls to a minion. */
  readonly refresh: number;
  /** Milliseconds until the data of a silent minion is dropped. */
  readonly dropAfter: number;
  /** Maximum milliseconds per call. */
  readonly timeout: number;
  /** Maximum concurrent calls: to minions that answered last time, and the same number to others. */
  readonly atOnce: number;
  readonly clock: MonotonicClock;
  readonly random: () => number;
  /** Resolves after `ms`, or when `signal` aborts. */
  readonly sleep: (ms: number, signal: AbortSignal) => Promise<void>;
  /** A signal that aborts after `ms`. */
  readonly deadline: (ms: number) => AbortSignal;
}

export interface Collector {
  start(): void;
  /** Resolves when no call is running. */
  close(): Promise<void>;
  /** The state of each node's minion, sorted by node. */
  status(): MinionStatus[];
}

/** The first few minions are queried at once, without waiting for their phase. */
const firstSpread = 20;

export function createCollector<T extends Read = NodeSnapshot>(options: CollectorOptions<T>): Collector {
  return new MinionCollector(options);
}

class MinionCollector<T extends Read> implements Collector {
  readonly #options: CollectorOptions<T>;
  readonly #stations = new Map<string, Station>();
  readonly #running = new Set<Promise<void>>();
  /** Minions that did not answer have a queue of their own and cannot delay others. */
  readonly #proven: Semaphore;
  readonly #doubtful: Semaphore;
  #stopListening: (() => void) | undefined;
  #closed = false;

  constructor(options: CollectorOptions<T>) {
    this.#options = options;
    this.#proven = new Semaphore(options.atOnce);
    this.#doubtful = new Semaphore(options.atOnce);
  }

  start(): void {
    this.#stopListening = this.#options.minions.onChange(() => this.#reconcile());
    this.#reconcile();
  }

  async close(): Promise<void> {
    this.#closed = true;
    this.#stopListening?.();
    for (const station of this.#stations.values()) station.stop();
    await Promise.all(this.#running);
  }

  status(): MinionStatus[] {
    return [...this.#stations.values()].map(({ status }) => status).sort((a, b) => (a.node < b.node ? -1 : 1));
  }

  #reconcile(): void {
    if (this.#closed) return;
    const wanted = this.#options.minions.minions();
    for (const minion of wanted.values()) this.#arrive(minion, wanted.size);
    for (const station of this.#stations.values())
      if (!wanted.has(station.node) && station.minion) this.#leave(station);
  }

  #arrive(minion: Minion, known: number): void {
    const station = this.#stations.get(minion.node) ?? new Station(minion.node, this.#options);
    this.#stations.set(minion.node, station);
    const before = station.minion;
    station.minion = minion;
    if (before?.url === minion.url && (!station.isFailing || before.ready || !minion.ready)) return;
    station.found();
    const spread = before ? 0 : Math.min(this.#options.refresh, known * firstSpread);
    this.#run(station, (signal) => this.#follow(station, minion, spread, signal));
  }

  #leave(station: Station): void {
    station.minion = undefined;
    this.#run(station, (signal) => this.#depart(station, signal));
  }

  #run(station: Station, work: (signal: AbortSignal) => Promise<void>): void {
    const follower = work(station.followAgain()).catch((error: unknown) => {
      const facts = { err: error, node: station.node };
      this.#options.logger.error(facts, 'the collector failed; this node is not followed any more');
    });
    this.#running.add(follower);
    void follower.finally(() => this.#running.delete(follower));
  }

  async #depart(station: Station, signal: AbortSignal): Promise<void> {
    station.fail(fault('minion_gone'));
    await this.#options.sleep(station.untilForgotten(), signal);
    if (signal.aborted) return;
    this.#options.sink.drop(station.node);
    this.#stations.delete(station.node);
  }

  async #follow(station: Station, minion: Minion, spread: number, signal: AbortSignal): Promise<void> {
    const { open, refresh, random, sleep } = this.#options;
    const reader = open(minion);
    const backoff = createBackoff({ base: refresh, cap: 3 * refresh, random });
    const share = phaseOf(station.node);
    await sleep(share * spread, signal);
    while (!signal.aborted) {
      const answered = await this.#attempt(station, reader, signal);
      if (answered) backoff.reset();
      const wait = answered ? this.#untilTurn(share) : Math.max(1, Math.min(backoff.next(), station.untilDrop()));
      await sleep(wait, signal);
    }
  }

  /** Milliseconds until the node's next phase. */
  #untilTurn(share: number): number {
    const { clock, refresh } = this.#options;
    const into = (((clock() - share * refresh) % refresh) + refresh) % refresh;
    return refresh - into;
  }

  async #attempt(station: Station, reader: MinionReader<T>, signal: AbortSignal): Promise<boolean> {
    const leaveSlot = await place(station.isAnswering ? this.#proven : this.#doubtful, signal);
    if (!leaveSlot) return false;
    const { clock, deadline, timeout } = this.#options;
    const began = clock();
    const late = deadline(timeout);
    try {
      station.calls++;
      const snapshot = await reader.read(AbortSignal.any([signal, late]));
      if (signal.aborted) return false;
      if (snapshot) this.#options.sink.snapshot(station.node, snapshot);
      if (snapshot) station.partly = snapshot.partly;
      station.succeed();
      return true;
    } catch (error) {
      if (signal.aborted) return false;
      reader.forget();
      station.failures++;
      station.fail(late.aborted ? fault('minion_slow', { limit: timeout }, error) : error);
      station.dropIfDue();
      return false;
    } finally {
      station.took = clock() - began;
      leaveSlot();
    }
  }
}

/** Undefined if `signal` aborts first. */
function place(line: Semaphore, signal: AbortSignal): Promise<(() => void) | undefined> {
  return line.acquire(signal).catch(() => undefined);
}

/** A number in [0, 1), fixed for each name. */
export function phaseOf(node: string): number {
  return createHash('sha1').update(node).digest().readUInt32BE(0) / 2 ** 32;
}
