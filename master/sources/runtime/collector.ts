// Asks every minion once a `refresh` and hands the sink what changed. No minion can delay another, and whatever one of
// them does costs its own node alone.
//
// A node's station, and what the sink is told:
//
//   new minion          -> syncing
//   answered            -> snapshot (when it changed), synced
//   failed              -> stale, with why; asked again with back-off, up to three rounds apart
//   failing > dropAfter -> drop, absent; still asked
//   minion is gone      -> stale; after dropAfter: drop, and no station any more
//   new address, ready again -> asked at once
//
// Calls keep a phase that the node's name decides, so that they are spread over the interval for ever.
import { createHash } from 'node:crypto';
import { createBackoff } from '../../../src/backoff.ts';
import type { Clock } from '../../../src/clock.ts';
import { Fault, fault } from '../../../src/errors.ts';
import type { Logger } from '../../../src/logger.ts';
import type { MinionReader } from './minion-reader.ts';
import type { Minion, MinionSource } from './minions.ts';
import type { MinionState, RuntimeSink } from './sink.ts';
import { createSlots, type Slots } from './slots.ts';

export interface CollectorOptions {
  readonly minions: MinionSource;
  readonly open: (minion: Minion) => MinionReader;
  readonly sink: RuntimeSink;
  readonly logger: Logger;
  /** Milliseconds between two calls to one minion. */
  readonly refresh: number;
  /** Milliseconds after which the data of a silent minion is dropped. */
  readonly dropAfter: number;
  /** Most milliseconds one call may take. */
  readonly timeout: number;
  /** Most calls at once: to minions that answered last time, and as many again to others. */
  readonly atOnce: number;
  readonly clock: Clock;
  readonly random: () => number;
  /** Resolves after `ms`, or when `signal` aborts. */
  readonly sleep: (ms: number, signal: AbortSignal) => Promise<void>;
  /** A signal that aborts after `ms`. */
  readonly deadline: (ms: number) => AbortSignal;
}

export interface MinionStatus {
  readonly node: string;
  readonly url: string | undefined;
  readonly state: MinionState;
  readonly reason: string | undefined;
  /** Milliseconds that the last call took. */
  readonly took: number | undefined;
  readonly calls: number;
  readonly failures: number;
}

export interface Collector {
  start(): void;
  /** Resolves when no call is under way any more. */
  close(): Promise<void>;
  /** How each node's minion stands, in order of node. */
  status(): MinionStatus[];
}

interface Station {
  readonly node: string;
  minion: Minion | undefined;
  state: MinionState | undefined;
  reason: string | undefined;
  failingSince: number | undefined;
  dropped: boolean;
  took: number | undefined;
  calls: number;
  failures: number;
  following: AbortController;
}

/** While few minions are found they are asked at once: a first look need not wait for its phase of the interval. */
const firstSpread = 20;

export function createCollector(options: CollectorOptions): Collector {
  const { minions, sink, logger, refresh, dropAfter, clock } = options;
  const stations = new Map<string, Station>();
  const running = new Set<Promise<void>>();
  const proven: Slots = createSlots(options.atOnce);
  const doubtful: Slots = createSlots(options.atOnce);
  let stopListening: (() => void) | undefined;
  let closed = false;

  function reconcile(): void {
    if (closed) return;
    const wanted = minions.minions();
    for (const minion of wanted.values()) arrive(minion, wanted.size);
    for (const station of stations.values()) if (!wanted.has(station.node) && station.minion) leave(station);
  }

  function arrive(minion: Minion, known: number): void {
    const station = stations.get(minion.node) ?? newStation(minion.node);
    const before = station.minion;
    station.minion = minion;
    if (before?.url === minion.url) {
      if (station.failingSince === undefined || before.ready || !minion.ready) return;
    }
    if (station.state === undefined) tell(station, 'syncing');
    run(station, (signal) => follow(station, minion, before ? 0 : Math.min(refresh, known * firstSpread), signal));
  }

  function newStation(node: string): Station {
    const counts = { took: undefined, calls: 0, failures: 0 };
    const nothing = { minion: undefined, state: undefined, reason: undefined, failingSince: undefined };
    const station = { node, ...nothing, ...counts, dropped: false, following: new AbortController() };
    stations.set(node, station);
    return station;
  }

  function leave(station: Station): void {
    station.minion = undefined;
    run(station, (signal) => depart(station, signal));
  }

  function run(station: Station, work: (signal: AbortSignal) => Promise<void>): void {
    station.following.abort();
    station.following = new AbortController();
    const follower = work(station.following.signal).catch((error: unknown) => {
      logger.error({ err: error, node: station.node }, 'the collector failed; this node is not followed any more');
    });
    running.add(follower);
    void follower.finally(() => running.delete(follower));
  }

  async function depart(station: Station, signal: AbortSignal): Promise<void> {
    fail(station, fault('minion_gone'));
    await options.sleep(station.dropped ? 0 : Math.max(0, untilDrop(station)), signal);
    if (signal.aborted) return;
    sink.drop(station.node);
    stations.delete(station.node);
  }

  async function follow(station: Station, minion: Minion, spread: number, signal: AbortSignal): Promise<void> {
    const reader = options.open(minion);
    const backoff = createBackoff({ base: refresh, cap: 3 * refresh, random: options.random });
    const share = phaseOf(station.node);
    await options.sleep(share * spread, signal);
    while (!signal.aborted) {
      const answered = await attempt(station, reader, signal);
      if (answered) backoff.reset();
      const wait = answered ? untilTurn(share) : Math.max(1, Math.min(backoff.next(), untilDrop(station)));
      await options.sleep(wait, signal);
    }
  }

  /** Milliseconds to the next moment of the node's phase. */
  function untilTurn(share: number): number {
    const into = (((clock() - share * refresh) % refresh) + refresh) % refresh;
    return refresh - into;
  }

  async function attempt(station: Station, reader: MinionReader, signal: AbortSignal): Promise<boolean> {
    // Minions that do not answer stand in a line of their own, where they hold up nobody who does.
    const leaveSlot = await (station.state === 'synced' ? proven : doubtful).take(signal);
    if (!leaveSlot) return false;
    const began = clock();
    const deadline = options.deadline(options.timeout);
    try {
      station.calls++;
      const snapshot = await reader.read(AbortSignal.any([signal, deadline]));
      if (signal.aborted) return false;
      if (snapshot) sink.snapshot(station.node, snapshot);
      succeed(station);
      return true;
    } catch (error) {
      if (signal.aborted) return false;
      reader.forget();
      station.failures++;
      fail(station, deadline.aborted ? fault('minion_slow', { limit: options.timeout }, error) : error);
      dropIfDue(station);
      return false;
    } finally {
      station.took = clock() - began;
      leaveSlot();
    }
  }

  function succeed(station: Station): void {
    station.failingSince = undefined;
    station.dropped = false;
    tell(station, 'synced');
  }

  function fail(station: Station, error: unknown): void {
    station.failingSince ??= clock();
    if (!(error instanceof Fault)) logger.error({ err: error, node: station.node }, 'a snapshot could not be taken in');
    const reason = error instanceof Fault ? error.message : fault('internal').message;
    tell(station, station.dropped ? 'absent' : 'stale', reason);
  }

  function untilDrop({ dropped, failingSince }: Station): number {
    if (dropped || failingSince === undefined) return Number.POSITIVE_INFINITY;
    return failingSince + dropAfter - clock();
  }

  function dropIfDue(station: Station): void {
    if (untilDrop(station) > 0) return;
    station.dropped = true;
    sink.drop(station.node);
    tell(station, 'absent', station.reason);
  }

  /** Says it to the sink and the log, once for each change. */
  function tell(station: Station, state: MinionState, reason?: string): void {
    if (station.state === state && station.reason === reason) return;
    station.state = state;
    station.reason = reason;
    sink.state(station.node, state, reason);
    const facts = { node: station.node, minion: station.minion?.url, state, reason };
    if (state === 'stale' || state === 'absent') logger.warn(facts, 'minion does not answer');
    else logger.info(facts, state === 'synced' ? 'minion answers' : 'minion found');
  }

  return {
    start() {
      stopListening = minions.onChange(reconcile);
      reconcile();
    },
    async close() {
      closed = true;
      stopListening?.();
      for (const { following } of stations.values()) following.abort();
      await Promise.all(running);
    },
    status: () => [...stations.values()].map(statusOf).sort((a, b) => (a.node < b.node ? -1 : 1)),
  };
}

function statusOf({ node, minion, state, reason, took, calls, failures }: Station): MinionStatus {
  return { node, url: minion?.url, state: state ?? 'syncing', reason, took, calls, failures };
}

/** From 0 up to 1, always the same for one name. */
export function phaseOf(node: string): number {
  return createHash('sha1').update(node).digest().readUInt32BE(0) / 2 ** 32;
}
