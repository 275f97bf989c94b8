// The graph of one cluster, rebuilt from its master's log: an engine like the master's, with the master's kinds and rules. Within
// the limits of this process it equals the master's graph. Beyond them it omits what a master with these limits would, reports
// that in `completeness`, and numbers its own revisions.
import { randomUUID } from 'node:crypto';
import { fault } from '../../src/errors.ts';
import type { Steps } from '../../src/steps.ts';
import { engineOptionsOf } from '../engine-options.ts';
import { cutFamily } from '../graph/engine/cut-relations.ts';
import { createEngine, type EngineOptions } from '../graph/engine/engine.ts';
import type { RelationLimit } from '../graph/engine/relation-limit.ts';
import { EngineTarget, ToldClock } from '../graph/replication/engine-target.ts';
import type { LogLine, Synced } from '../graph/replication/log-lines.ts';
import { createMirror } from '../graph/replication/mirror.ts';
import type { KindSaid, LimitSaid, Origin } from '../graph/replication/origin.ts';
import type { Retention } from '../graph/revisions/retention.ts';
import { kinds as registry } from '../kinds/index.ts';
import type { Kind } from '../kinds/kind.ts';
import { typeOfKind } from '../kinds/lookup.ts';
import type { Rule } from '../relations/relation.ts';
import { createTypeNames, type TypeNames } from '../type-names.ts';
import { ReaderLimits } from './reader-limits.ts';

export interface ReplicaGraphOptions {
  /** The cluster's name in this process. */
  readonly cluster?: string;
  readonly origin: Origin;
  readonly rules: readonly Rule[];
  readonly retention: Retention;
  /** Limits of all graphs of this process. */
  readonly limits?: ReaderLimits;
}

export class ReplicaGraph extends EngineTarget {
  readonly engineOptions: EngineOptions;
  readonly names: TypeNames;
  /** By type. */
  readonly kinds: ReadonlyMap<string, Kind>;
  /** The lower of the master's limit and this process's. */
  readonly limit: RelationLimit;
  /** Stops counting the graph. */
  readonly release: () => void;
  readonly #cluster: string;
  readonly #limits: ReaderLimits;
  readonly #told: { limit: Required<RelationLimit> };
  #ownEpoch: string | undefined;

  constructor({ origin, rules, retention, limits = new ReaderLimits(), cluster = '' }: ReplicaGraphOptions) {
    const names = createTypeNames(registry);
    const kinds = new Map<string, Kind>();
    const told = { limit: limitOf(origin.limit) };
    const limit = lowerOf(told, limits.limitOf(cluster));
    const own: Rule[] = [...rules];
    const clock = new ToldClock();
    const { clusterName, createdBy, virtualTypes, namespaces = [] } = origin;
    const said = { clusterName, createdBy, virtualTypes, namespaces };
    const engineOptions = engineOptionsOf({ ...said, rules: own, names, clock: clock.read, retention, limit });
    const engine = createEngine({ ...engineOptions, derivesLater: true });
    const addKind = (kind: KindSaid) => {
      names.add(kind);
      kinds.set(typeOfKind(kind), kind);
    };
    super({
      engine,
      mirror: createMirror(engine),
      clock,
      addKind,
      setRules: (now) => void own.splice(0, own.length, ...now),
      setLimit: (now) => void (told.limit = limitOf(now)),
    });
    origin.kinds.forEach(addKind);
    this.engineOptions = engineOptions;
    this.names = names;
    this.kinds = kinds;
    this.limit = limit;
    this.release = limits.add(cluster, engine);
    this.#cluster = cluster;
    this.#limits = limits;
    this.#told = told;
  }

  /** Set once the graph may differ from the master's: its revisions are then its own. */
  override get ownEpoch(): string | undefined {
    return this.#ownEpoch;
  }

  /** @throws Fault `no_room` if this process has no room for more of the cluster. */
  override apply(timestamp: string, lines: readonly LogLine[]): void {
    super.apply(timestamp, lines);
    this.#compare();
    const reason = this.#limits.fullFor(this.#cluster);
    if (reason !== undefined) throw fault('no_room', { reason });
  }

  /** Call between two messages, when the limits of this process may have changed. */
  applyLimits(): void {
    this.#compare();
    if (this.#ownEpoch !== undefined) this.engine.transact(() => {});
  }

  override *finish(synced: Synced): Steps<void> {
    const own = [...this.engine.sources(cutFamily)].map(([name, state]) => ({ family: cutFamily, name, state }));
    const states = synced.states.filter(({ family }) => family !== cutFamily);
    yield* super.finish(this.#ownEpoch === undefined ? synced : { ...synced, states: [...states, ...own] });
  }

  #compare(): void {
    if (this.#ownEpoch === undefined && this.#leavesOut()) this.#ownEpoch = randomUUID().slice(0, 8);
  }

  #leavesOut(): boolean {
    const { limit } = this.#told;
    const own = this.#limits.limitOf(this.#cluster);
    if (own.closed && !limit.closed) return true;
    if (own.ofOneObject < limit.ofOneObject) return true;
    return own.selected < limit.selected && this.engine.selectedRelations.wanted > own.selected;
  }
}

/** Follows changes of both limits. */
function lowerOf(told: { readonly limit: Required<RelationLimit> }, own: Required<RelationLimit>): RelationLimit {
  return {
    get selected() {
      return Math.min(told.limit.selected, own.selected);
    },
    get followed() {
      return Math.min(told.limit.followed, own.followed);
    },
    get closed() {
      return told.limit.closed || own.closed;
    },
    get ofOneObject() {
      return Math.min(told.limit.ofOneObject, own.ofOneObject);
    },
  };
}

function limitOf({ selected, ofOneObject, closed, followed }: LimitSaid): Required<RelationLimit> {
  return {
    selected: countIn(selected),
    ofOneObject: countIn(ofOneObject),
    closed: closed === true,
    followed: countIn(followed),
  };
}

/** Others run the masters: a value that is no count sets no limit. */
function countIn(said: unknown): number {
  return typeof said === 'number' && said >= 0 ? said : Number.POSITIVE_INFINITY;
}
