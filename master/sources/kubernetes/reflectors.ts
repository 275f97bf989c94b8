// Runs one reflector for each kind that is read, and keeps the set of them as discovery changes.
import type { Logger } from 'pino';
import type { Clock } from '../../../src/clock.ts';
import type { SourceState } from '../../../src/model.ts';
import { createSemaphore } from '../../../src/semaphore.ts';
import type { Kind } from '../../kinds/kind.ts';
import { typeOfKind } from '../../kinds/lookup.ts';
import { chooseKinds, type KindChoice, type Reading, type Unread } from './choose-kinds.ts';
import type { Client } from './client.ts';
import type { GroupFailure } from './discover.ts';
import { createDiscovery, type DiscoveryTimes } from './discovery.ts';
import { createReflector, type Reflector, type ReflectorHealth, type ReflectorTimes } from './reflector.ts';
import type { Sink } from './sink.ts';
import type { Delay } from './standing.ts';

export interface ReflectorsOptions {
  readonly client: Client;
  /** The registry. */
  readonly kinds: readonly Kind[];
  /** Asked once for each type, those found by discovery included. */
  readonly sinkOf: (kind: Kind) => Sink;
  readonly config: ReflectorsConfig;
  readonly logger: Logger;
  /** Called after each event of a watch: see Reflector. */
  readonly onEvent?: (lag: number) => void;
  readonly clock?: Clock;
  readonly random?: () => number;
  readonly delay?: Delay;
  readonly times?: Partial<ReflectorTimes>;
  readonly discoveryTimes?: Partial<DiscoveryTimes>;
}

/** Of the program's Config. */
export interface ReflectorsConfig {
  readonly refresh: number;
  readonly namespaces?: readonly string[];
  readonly kinds?: KindChoice;
}

export interface Reflectors {
  /**
   * True for good once every kind of the first discovery is synced, forbidden or absent. A kind that the API server
   * itself fails to list (a broken conversion webhook) does not hold up the others for ever.
   */
  hasSynced(): boolean;
  /** What is still waited for, for a person; undefined once synced. */
  waitingFor(): string | undefined;
  readonly whenSynced: Promise<void>;
  health(): ReflectorsHealth;
  close(): Promise<void>;
}

export interface ReflectorsHealth {
  readonly discovery: { readonly failure?: string; readonly groups: readonly GroupFailure[] };
  /** By resource type. */
  readonly kinds: { readonly [type: string]: ReflectorHealth & { readonly version: string } };
}

interface Running {
  readonly reading: Reading;
  readonly reflector: Reflector;
}

/** Lists of this many kinds are in memory at once, two pages of each. */
const parallelLists = 4;
/** Kinds whose objects say that other kinds came or went. */
const definitions = new Set(['CustomResourceDefinition', 'APIService']);
const serverErrorsBelieved = 3;

export function createReflectors(options: ReflectorsOptions): Reflectors {
  const run = new Run(options);
  return {
    hasSynced: () => run.synced,
    waitingFor: () => run.waitingFor(),
    whenSynced: run.whenSynced,
    health: () => run.health(),
    close: () => run.close(),
  };
}

class Run {
  synced = false;
  readonly whenSynced: Promise<void>;
  readonly #o: ReflectorsOptions;
  readonly #running = new Map<string, Running>();
  readonly #sinks = new Map<string, Sink>();
  readonly #unread = new Map<string, Unread>();
  readonly #lists = createSemaphore(parallelLists);
  readonly #discovery;
  #announce: () => void = () => undefined;
  #first: Set<string> | undefined;
  #changes: Promise<void> = Promise.resolve();
  #closed = false;

  constructor(options: ReflectorsOptions) {
    this.#o = options;
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
    });
  }

  health(): ReflectorsHealth {
    const failure = this.#discovery.failure();
    const kinds = [...this.#running].map(
      ([type, { reading, reflector }]) => [type, { ...reflector.health(), version: reading.version }] as const,
    );
    return {
      discovery: { ...(failure === undefined ? {} : { failure }), groups: this.#discovery.current()?.failures ?? [] },
      kinds: Object.fromEntries(kinds),
    };
  }

  waitingFor(): string | undefined {
    if (this.synced) return undefined;
    if (this.#first === undefined) return this.#discovery.failure() ?? 'discovery';
    return this.#unsettled().join(', ');
  }

  async close(): Promise<void> {
    this.#closed = true;
    await this.#discovery.close();
    await this.#changes;
    await Promise.all([...this.#running.values()].map(({ reflector }) => reflector.close()));
  }

  async #apply(): Promise<void> {
    const served = this.#discovery.current();
    if (served === undefined || this.#closed) return;
    const { read, unread } = chooseKinds(this.#o.kinds, served, this.#o.config.kinds ?? { add: [], omit: [] });
    const wanted = new Map(read.map((reading) => [typeOfKind(reading.kind), reading]));
    await this.#stopOthers(wanted, new Map(unread.map((one) => [typeOfKind(one.kind), one])));
    for (const one of unread) this.#tellUnread(one);
    for (const [type, reading] of wanted) if (!this.#running.has(type)) this.#start(type, reading);
    this.#first ??= new Set(wanted.keys());
    this.#check();
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
      state: (state, reason) => {
        sink.state(state, reason);
        if (this.#first !== undefined) queueMicrotask(() => this.#check());
      },
    };
  }

  #check(): void {
    if (this.synced || this.#first === undefined || this.#unsettled().length > 0) return;
    this.synced = true;
    this.#announce();
  }

  #unsettled(): string[] {
    const states = [...this.#running].map(([type, { reflector }]) => ({ type, ...reflector.health() }));
    const anySynced = states.some(({ state }) => state.state === 'synced');
    return states.filter((one) => this.#first?.has(one.type) && !isSettled(one, anySynced)).map(({ type }) => type);
  }
}

const settled: ReadonlySet<SourceState['state']> = new Set(['synced', 'forbidden', 'absent', 'stale']);

function isSettled({ state, serverErrors }: ReflectorHealth, anySynced: boolean): boolean {
  return settled.has(state.state) || (anySynced && serverErrors >= serverErrorsBelieved);
}

function isSame(one: Reading, other: Reading): boolean {
  return (
    one.version === other.version && one.watchable === other.watchable && one.kind.namespaced === other.kind.namespaced
  );
}
