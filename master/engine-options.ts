// Options of this program's engines, whether objects are read from a cluster or received from a master.
import type { Clock } from '../src/clock.ts';
import { applicationDerivation } from './applications/derivation.ts';
import type { EngineOptions } from './graph/engine/engine.ts';
import type { RelationLimit } from './graph/engine/relation-limit.ts';
import type { Retention } from './graph/revisions/retention.ts';
import { healthDerivation } from './health/derived/index.ts';
import { kinds } from './kinds/index.ts';
import { typeOfKind } from './kinds/lookup.ts';
import type { Rule } from './relations/relation.ts';
import type { TypeNames } from './type-names.ts';

export interface EngineParts {
  readonly clusterName: string;
  readonly createdBy: string;
  readonly rules: readonly Rule[];
  readonly virtualTypes: Iterable<string>;
  /** Empty for all. */
  readonly namespaces: readonly string[];
  readonly names: Pick<TypeNames, 'clusterScoped'>;
  readonly clock: Clock;
  readonly retention: Retention;
  readonly limit: RelationLimit;
}

export function engineOptionsOf({ virtualTypes, namespaces, names, ...parts }: EngineParts): EngineOptions {
  return {
    ...parts,
    virtualTypes: new Set(virtualTypes),
    derivations: [healthDerivation, applicationDerivation],
    answersFor: { Container: 'Pod', Process: 'Pod' },
    clusterScoped: names.clusterScoped,
    namespacedTypes: new Set(kinds.filter(({ namespaced }) => namespaced).map(typeOfKind)),
    namespaces: namespaces.length > 0 ? new Set(namespaces) : undefined,
  };
}
