// Tracks what an API server serves: asks periodically, and soon after a hint that it changed. A group that cannot be asked
// keeps its resources: they are unreachable, not deleted.
import type { Logger } from 'pino';
import { createBackoff, sleep } from '../../../src/backoff.ts';
import { explain } from './api-failure.ts';
import type { Client } from './client.ts';
import { discover, type GroupFailure, type Served, type ServedResource } from './discover.ts';
import type { Delay } from './standing.ts';

export interface DiscoveryOptions {
  readonly client: Client;
  readonly logger: Logger;
  /** Called with the first answer and with each different one; changed failures count as different. */
  readonly onChange: (change: DiscoveryChange) => void;
  /** Called with the reason when there is no answer, and without one when there is again. */
  readonly onReach?: (failure: string | undefined) => void;
  readonly delay?: Delay;
  readonly random?: () => number;
  readonly times?: Partial<DiscoveryTimes>;
}

/** Milliseconds. */
export interface DiscoveryTimes {
  readonly interval: number;
  /** A new definition is served with a delay: asks again after each of these. */
  readonly soon: readonly number[];
  readonly backoffBase: number;
  readonly backoffCap: number;
}

export interface DiscoveryChange {
  readonly served: Served;
  readonly appeared: readonly ServedResource[];
  readonly vanished: readonly ServedResource[];
}

export interface Discovery {
  /** Call after a hint that kinds came or went. */
  soon(): void;
  /** The last answer; undefined before the first. */
  current(): Served | undefined;
  /** Why the last request failed, if it did. */
  failure(): string | undefined;
  close(): Promise<void>;
}

const usualTimes: DiscoveryTimes = {
  interval: 60_000,
  soon: [200, 1_000, 5_000],
  backoffBase: 500,
  backoffCap: 30_000,
};

export function createDiscovery(options: DiscoveryOptions): Discovery {
  const { client, logger, onChange, onReach, delay = sleep, random = Math.random } = options;
  const times = { ...usualTimes, ...options.times };
  const backoff = createBackoff({ base: times.backoffBase, cap: times.backoffCap, random });
  const stop = new AbortController();
  let served: Served | undefined;
  let failure: string | undefined;
  let pending: number[] = [];
  let wake = new AbortController();

  async function ask(): Promise<void> {
    const next = keepUnanswered(await discover(client, stop.signal), served);
    const change = { served: next, ...changeOf(served, next) };
    logFailures(logger, served?.failures ?? [], next.failures);
    const isNews = served === undefined || !isSameFailures(served.failures, next.failures);
    served = next;
    if (isNews || change.appeared.length > 0 || change.vanished.length > 0) onChange(change);
  }

  /** Returns the milliseconds until the next round. */
  async function round(): Promise<number> {
    try {
      await ask();
      if (failure !== undefined) logger.info('discovery answers again');
      failure = undefined;
      onReach?.(undefined);
      backoff.reset();
      return pending.shift() ?? times.interval * (0.9 + 0.2 * random());
    } catch (error) {
      const reason = explain(error);
      if (!stop.signal.aborted && failure !== reason)
        logger.warn({ reason }, 'the API server does not say what it serves');
      failure = reason;
      if (!stop.signal.aborted) onReach?.(reason);
      return backoff.next();
    }
  }

  async function loop(): Promise<void> {
    while (!stop.signal.aborted) {
      const wait = await round();
      await delay(wait, AbortSignal.any([stop.signal, wake.signal]));
      if (wake.signal.aborted) await settle();
    }
  }

  async function settle(): Promise<void> {
    wake = new AbortController();
    await delay(pending.shift() ?? 0, stop.signal);
  }

  const ended = loop();
  return {
    soon() {
      pending = [...times.soon];
      wake.abort();
    },
    current: () => served,
    failure: () => failure,
    async close() {
      stop.abort();
      await ended;
    },
  };
}

/** Keeps resources of a failed group and version that the answer does not mention. */
function keepUnanswered(next: Served, before: Served | undefined): Served {
  if (before === undefined || next.failures.length === 0) return next;
  const known = new Set(next.resources.map(keyOf));
  const failed = new Set(next.failures.map(placeOf));
  const kept = before.resources.filter((one) => failed.has(placeOf(one)) && !known.has(keyOf(one)));
  return kept.length === 0 ? next : { ...next, resources: [...next.resources, ...kept] };
}

function changeOf(before: Served | undefined, after: Served): Omit<DiscoveryChange, 'served'> {
  const was = new Set(before?.resources.map(signatureOf));
  const is = new Set(after.resources.map(signatureOf));
  return {
    appeared: after.resources.filter((one) => !was.has(signatureOf(one))),
    vanished: before?.resources.filter((one) => !is.has(signatureOf(one))) ?? [],
  };
}

function placeOf({ group, version }: { readonly group: string; readonly version: string }): string {
  return `${group}/${version}`;
}

function keyOf(one: ServedResource): string {
  return `${placeOf(one)}/${one.plural}`;
}

/** Includes verbs and preference: a change of these is a change. */
function signatureOf(one: ServedResource): string {
  return [keyOf(one), one.kind, one.namespaced, one.preferred, ...one.verbs].join(' ');
}

function isSameFailures(before: readonly GroupFailure[], after: readonly GroupFailure[]): boolean {
  const texts = (all: readonly GroupFailure[]) => all.map((one) => `${placeOf(one)} ${one.reason}`).join();
  return texts(before) === texts(after);
}

function logFailures(logger: Logger, before: readonly GroupFailure[], after: readonly GroupFailure[]): void {
  const was = new Set(before.map(placeOf));
  const is = new Set(after.map(placeOf));
  for (const one of after) if (!was.has(placeOf(one))) logger.warn(one, `${placeOf(one)} cannot be discovered`);
  for (const one of before) if (!is.has(placeOf(one))) logger.info(`${placeOf(one)} can be discovered again`);
}
