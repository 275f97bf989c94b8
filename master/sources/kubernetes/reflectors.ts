// Runs one reflector per kind, and updates the set when discovery changes.

import type { Logger } from 'pino';
import { sleep } from '../../../src/backoff.ts';
import type { Clock } from '../../../src/clock.ts';
import { Semaphore } from '../../../src/concurrency.ts';
import type { Kind } from '../../kinds/kind.ts';
import { typeOfKind } from '../../kinds/lookup.ts';
import { chooseKinds, type KindChoice, type Reading, type Unread } from './choose-kinds.ts';
import type { Client } from './client.ts';
import { deliver } from './deliver.ts';
import type { GroupFailure } from './discover.ts';
import { createDiscovery, type DiscoveryTimes } from './discovery.ts';
import { firstOf, isSettled } from './first-sync.ts';
import { missingRights } from './missing-rights.ts';
import { ReachReport, type TellReach } from './reach-report.ts';
import { createReflector, type Reflector, type ReflectorHealth, type ReflectorTimes } from './reflector.ts';
import { createRequests } from './requests.ts';
import type { Sink } from './sink.ts';
import type { Delay } from './standing.ts';
import {
  createVerifier,
  usualVerifierTimes,
  type Verifications,
  type VerifiedKind,
  type Verifier,
  type VerifierTimes,
} from './verifier.ts';

export interface ReflectorsOptions {
  readonly client: Client;
  /** The registry. */
  readonly kinds: readonly Kind[];
  /** Called once per type, discovered ones included. */
  readonly sinkOf: (kind: Kind) => Sink;
  readonly config: ReflectorsConfig;
  readonly logger: Logger;
  readonly tell?: TellReach;
  /** Called after each event of a watch: see Reflector. */
  readonly onEvent?: (lag: number) => void;
  readonly clock?: Clock;
  readonly random?: () => number;
  readonly delay?: Delay;
  readonly times?: Partial<ReflectorTimes>;
  readonly discoveryTimes?: Partial<DiscoveryTimes>;
  readonly verifierTimes?: Partial<VerifierTimes>;
}

/** From the program's Config. */
export interface ReflectorsConfig {
  readonly refresh: number;
  readonly namespaces?: readonly string[];
  readonly kinds?: KindChoice;
  /** Milliseconds in which each kind is verified once; 0 or undefined for never. */
  readonly verify?: number;
}

export interface Reflectors {
  /**
   * True for good once every kind of the first discovery is synced, forbidden or absent. A kind that the API server itself
   * cannot list (a broken conversion webhook, for example) does not block the others for ever.
   */
  hasSynced(): boolean;
  /** What is still awaited, in words; undefined once synced. */
  waitingFor(): string | undefined;
  /** What these credentials may not read and how to grant it, in words; undefined if they may read everything. */
  notAllowed(): string | undefined;
  readonly whenSynced: Promise<void>;
  health(): ReflectorsHealth;
  /**
   * Repeats discovery and all lists, trusting nothing stored; readers see the old data until each list is complete.
   * Resolves when every kind was tried; never rejects.
   */
  resync(): Promise<Resync>;
  /** The same of these types alone, as far as they are read. */
  relist(types: ReadonlySet<string>): Promise<Resync>;
  close(): Promise<void>;
}

export interface Resync {
  /** Number of complete lists. */
  readonly listed: number;
  /** Reason of failure by resource type. */
  readonly failed: { readonly [type: string]: string };
}

export interface ReflectorsHealth {
  readonly discovery: { readonly failure?: string; readonly groups: readonly GroupFailure[] };
  /** By resource type. */
  readonly kinds: { readonly [type: string]: ReflectorHealth & { readonly version: string } };
  /** Undefined if nothing is verified. */
  readonly verifications?: Verifications;
}

interface Running {
  readonly reading: Reading;
  readonly reflector: Reflector;
}

/** Number of concurrent lists, each with two pages in memory. */
const parallelLists = 4;
/** Kinds whose objects define other kinds. */
const definitions = new Set(['CustomResourceDefinition', 'APIService']);
/** Minimum milliseconds between two full lists because of another history. */
const historyRest = 300_000;

export function createReflectors(options: ReflectorsOptions): Reflectors {
  const set = new KindSet(options);
  return {
    hasSynced: () => set.synced,
    waitingFor: () => set.waitingFor(),
    notAllowed: () => set.notAllowed(),
    whenSynced: set.whenSynced,
    health: () => set.health(),
    resync: () => set.resync('asked'),
    relist: (types) => set.relist(types, 'asked'),
    close: () => set.close(),
  };
}

class KindSet {
  synced = false;
  readonly whenSynced: Promise<void>;
  readonly #o: ReflectorsOptions;
  readonly #running = new Map<string, Running>();
  readonly #sinks = new Map<string, Sink>();
  readonly #unread = new Map<string, Unread>();
  readonly #lists = new Semaphore(parallelLists);
  readonly #discovery;
  #announce: () => void = () => undefined;
  #first: Set<string> | undefined;
  /** A type that was not settled when it was looked at last: while it is not, no other is looked at. */
  #awaited: string | undefined;
  #changes: Promise<void> = Promise.resolve();
  #closed = false;
  #verifier: Verifier | undefined;
  #historyAt = Number.NEGATIVE_INFINITY;
  readonly #report: ReachReport;

  constructor(options: ReflectorsOptions) {
    this.#o = options;
    this.#report = new ReachReport(options.tell);
    this.whenSynced = new Promise((resolve) => {
      this.#announce = resolve;
    });
    const { client, logger, delay, random, discoveryTimes } = options;
    this.#discovery = createDiscovery({
      client,
      logger,
      ...(delay ? { delay } : {}),
      ...(random ? { random } : {}),
      ...(discoveryTimes ? { times: discoveryTimes } : {}),
      onChange: () => {
        this.#changes = this.#changes
          .then(() => this.#apply())
          .catch((err: unknown) => logger.error({ err }, 'kinds could not be chosen'));
      },
      onReach: (failure) => this.#tellReach(failure),
    });
    void this.whenSynced.then(() => this.#begin());
  }

  health(): ReflectorsHealth {
    const failure = this.#discovery.failure();
    const kinds = [...this.#running].map(
      ([type, { reading, reflector }]) => [type, { ...reflector.health(), version: reading.version }] as const,
    );
    const verifications = this.#verifier?.counts();
    return {
      ...(verifications ? { verifications } : {}),
      discovery: { ...(failure === undefined ? {} : { failure }), groups: this.#discovery.current()?.failures ?? [] },
      kinds: Object.fromEntries(kinds),
    };
  }

  async resync(cause: 'asked' | 'history'): Promise<Resync> {
    this.#discovery.soon();
    return this.relist(new Set(this.#running.keys()), cause);
  }

  async relist(types: ReadonlySet<string>, cause: 'asked' | 'history'): Promise<Resync> {
    const asked = [...this.#running].filter(([type]) => types.has(type));
    const listed = asked.map(async ([type, { reflector }]) => [type, await reflector.resync(cause)] as const);
    const failed = (await Promise.all(listed)).filter(([, failure]) => failure !== undefined);
    return { listed: listed.length - failed.length, failed: Object.fromEntries(failed) as Resync['failed'] };
  }

  waitingFor(): string | undefined {
    if (this.synced) return undefined;
    const failure = this.#discovery.failure();
    if (this.#first === undefined) return failure ?? 'discovery';
    return firstOf([...this.#unsettled()]);
  }

  async close(): Promise<void> {
    this.#closed = true;
    await this.#verifier?.close();
    await this.#discovery.close();
    await this.#changes;
    await Promise.all([...this.#running.values()].map(({ reflector }) => reflector.close()));
  }

  async #apply(): Promise<void> {
    const served = this.#discovery.current();
    if (served === undefined || this.#closed) return;
    const { read, unread, leftOut } = chooseKinds(this.#o.kinds, served, this.#o.config.kinds ?? { add: [], omit: [] });
    const wanted = new Map(read.map((reading) => [typeOfKind(reading.kind), reading]));
    await this.#stopOthers(wanted, new Map(unread.map((one) => [typeOfKind(one.kind), one])));
    for (const one of unread) this.#tellUnread(one);
    for (const [type, reading] of wanted) if (!this.#running.has(type)) this.#start(type, reading);
    this.#first ??= new Set(wanted.keys());
    this.#report.family('leftOut', 'excluded', leftOut);
    this.#report.family('groups', 'unknown', new Map(served.failures.map((one) => [nameOf(one), one.reason])));
    this.#tellReach(this.#discovery.failure());
    this.#check();
  }

  #tellReach(failure: string | undefined): void {
    const isKnown = this.#first !== undefined;
    const nothing = isKnown && this.synced && this.#mayReadNothing() ? this.notAllowed() : undefined;
    this.#report.reach(failure, isKnown, nothing);
  }

  notAllowed(): string | undefined {
    const types = this.#forbidden();
    if (types.length === 0) return undefined;
    return missingRights(types, this.#running.size, this.#o.config.namespaces);
  }

  #forbidden(): string[] {
    return [...this.#running].flatMap(([type, { reflector }]) =>
      reflector.health().state.state === 'forbidden' ? [type] : [],
    );
  }

  #mayReadNothing(): boolean {
    return this.#running.size > 0 && this.#forbidden().length === this.#running.size;
  }

  /** After all lists: logs what is forbidden in one line, and starts verifying. */
  #begin(): void {
    const refused = this.notAllowed();
    if (refused !== undefined) this.#o.logger.warn({ kinds: this.#forbidden() }, refused);
    this.#tellReach(this.#discovery.failure());
    const { config, clock = Date.now, delay = sleep, random = Math.random, logger, verifierTimes } = this.#o;
    if (!config.verify || this.#closed) return;
    this.#verifier = createVerifier({
      kinds: () => this.#verified(),
      times: { ...usualVerifierTimes, interval: config.verify, ...verifierTimes },
      ...{ logger, clock, random, delay },
    });
  }

  #verified(): VerifiedKind[] {
    const { client, config } = this.#o;
    return [...this.#running].map(
      ([
        type,
        {
          reading: { kind, version },
          reflector,
        },
      ]) => {
        const requests = createRequests({ kind, version, ...config });
        return { type, client, kind: kind.kind, requests, sink: this.#sinkOf(kind), reflector };
      },
    );
  }

  /** Built-in kinds share an etcd: if one has another history, all have. */
  #otherHistory(kind: Kind): void {
    const now = (this.#o.clock ?? Date.now)();
    // Custom kinds have a group in their type; Events may have an etcd of their own.
    if (typeOfKind(kind) !== kind.kind || kind.kind === 'Event' || now - this.#historyAt < historyRest) return;
    this.#historyAt = now;
    void this.resync('history');
  }

  async #stopOthers(wanted: ReadonlyMap<string, Reading>, unread: ReadonlyMap<string, Unread>): Promise<void> {
    for (const [type, { reading, reflector }] of [...this.#running]) {
      const next = wanted.get(type);
      if (next !== undefined && isSame(next, reading)) continue;
      await reflector.close();
      this.#running.delete(type);
      if (next === undefined && !unread.has(type)) await this.#gone(reading.kind);
      else if (next === undefined) await this.#sinkOf(reading.kind).list().commit('');
    }
  }

  async #gone(kind: Kind): Promise<void> {
    const reason = 'the API server does not serve it any more';
    this.#o.logger.info({ kind: typeOfKind(kind) }, `${typeOfKind(kind)}: ${reason}`);
    const sink = this.#sinkOf(kind);
    sink.state('absent', reason);
    await sink.list().commit('');
  }

  #tellUnread(unread: Unread): void {
    const type = typeOfKind(unread.kind);
    const before = this.#unread.get(type);
    if (before?.state === unread.state && before.reason === unread.reason) return;
    this.#unread.set(type, unread);
    this.#sinkOf(unread.kind).state(unread.state, unread.reason);
  }

  #start(type: string, { kind, version, watchable }: Reading): void {
    this.#unread.delete(type);
    const { client, logger, config, onEvent, clock, random, delay, times } = this.#o;
    const reflector = createReflector({
      client,
      kind,
      version,
      watchable,
      logger,
      sink: this.#sinkOf(kind),
      lists: this.#lists,
      times: { refresh: config.refresh, ...times },
      onAbsent: () => this.#discovery.soon(),
      onList: () => this.#check(),
      onCut: () => this.#verifier?.doubt(type),
      onOtherHistory: () => this.#otherHistory(kind),
      ...(config.namespaces ? { namespaces: config.namespaces } : {}),
      ...(onEvent ? { onEvent } : {}),
      ...(clock ? { clock } : {}),
      ...(random ? { random } : {}),
      ...(delay ? { delay } : {}),
    });
    this.#running.set(type, { reading: { kind, version, watchable }, reflector });
  }

  #sinkOf(kind: Kind): Sink {
    const type = typeOfKind(kind);
    const sink = this.#sinks.get(type) ?? this.#observed(kind, this.#o.sinkOf(kind));
    this.#sinks.set(type, sink);
    return sink;
  }

  #observed(kind: Kind, sink: Sink): Sink {
    const defines = definitions.has(typeOfKind(kind));
    return {
      ...sink,
      event: (type, object) => {
        sink.event(type, object);
        if (defines) this.#discovery.soon();
      },
      events: (all) => {
        const unkept = deliver(sink, all);
        if (defines) this.#discovery.soon();
        return unkept;
      },
      state: (state, reason) => {
        sink.state(state, reason);
        if (this.#first !== undefined) queueMicrotask(() => this.#check());
      },
    };
  }

  #check(): void {
    if (this.synced || this.#first === undefined || this.#isAwaited(this.#awaited)) return;
    [this.#awaited] = this.#unsettled();
    if (this.#awaited !== undefined) return;
    this.synced = true;
    this.#announce();
  }

  #unsettled(): Iterator<string> & Iterable<string> {
    return this.#running.keys().filter((type) => this.#isAwaited(type));
  }

  /** Of the first discovery, followed, and not settled. */
  #isAwaited(type: string | undefined): boolean {
    const running = type !== undefined && this.#first?.has(type) ? this.#running.get(type) : undefined;
    return running !== undefined && !isSettled(running.reflector.health(), () => this.#isAnySynced());
  }

  #isAnySynced(): boolean {
    return this.#running.values().some(({ reflector }) => reflector.health().state.state === 'synced');
  }
}

function nameOf({ group, version }: GroupFailure): string {
  return group === '' ? version : `${group}/${version}`;
}

function isSame(one: Reading, other: Reading): boolean {
  return (
    one.version === other.version && one.watchable === other.watchable && one.kind.namespaced === other.kind.namespaced
  );
}
