// The graph of one cluster as its master tells it: an engine like the master's, the kinds that the master knows, and the
// rules that it ran.

import { engineOptionsOf } from '../engine-options.ts';
import { createEngine, type EngineOptions } from '../graph/engine/engine.ts';
import type { RelationLimit } from '../graph/engine/relation-limit.ts';
import { EngineTarget, ToldClock } from '../graph/replication/engine-target.ts';
import { createMirror } from '../graph/replication/mirror.ts';
import type { KindSaid, LimitSaid, Origin } from '../graph/replication/origin.ts';
import type { Retention } from '../graph/revisions/retention.ts';
import { kinds as registry } from '../kinds/index.ts';
import type { Kind } from '../kinds/kind.ts';
import { typeOfKind } from '../kinds/lookup.ts';
import type { Rule } from '../relations/relation.ts';
import { createTypeNames, type TypeNames } from '../type-names.ts';

export interface ReplicaGraphOptions {
  readonly origin: Origin;
  readonly rules: readonly Rule[];
  readonly retention: Retention;
}

export class ReplicaGraph extends EngineTarget {
  readonly engineOptions: EngineOptions;
  readonly names: TypeNames;
  /** By type. */
  readonly kinds: ReadonlyMap<string, Kind>;
  readonly limit: RelationLimit;

  constructor({ origin, rules, retention }: ReplicaGraphOptions) {
    const names = createTypeNames(registry);
    const kinds = new Map<string, Kind>();
    const limit = limitOf(origin.limit);
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
      setLimit: (now) => Object.assign(limit, limitOf(now)),
    });
    origin.kinds.forEach(addKind);
    this.engineOptions = engineOptions;
    this.names = names;
    this.kinds = kinds;
    this.limit = limit;
  }
}

function limitOf({ selected, ofOneObject, closed, followed }: LimitSaid): Required<RelationLimit> {
  const none = Number.POSITIVE_INFINITY;
  return { selected: selected ?? none, ofOneObject, closed, followed: followed ?? none };
}
