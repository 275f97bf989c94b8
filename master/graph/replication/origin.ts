// The header of an input log: the cluster, and facts that a copy needs and no entry has.
import type { Kind } from '../../kinds/kind.ts';
import type { Rule } from '../../relations/relation.ts';
import type { RelationLimit } from '../engine/relation-limit.ts';

/** Without the code that reads objects: a copy receives its results. */
export type RuleSaid = Omit<Rule, 'infer'>;

/** Without the code that reads objects. */
export type KindSaid = Omit<Kind, 'reduce' | 'parts'>;

/** As JSON: null means unlimited. */
export interface LimitSaid {
  readonly selected: number | null;
  readonly ofOneObject: number;
  readonly closed: boolean;
  /** Left out: none. */
  readonly followed?: number | undefined;
}

export interface Origin {
  readonly clusterName: string;
  /** UID of the Namespace kube-system, if readable: identifies the cluster whatever its name. */
  readonly clusterUid?: string | undefined;
  /** The cluster is fictitious. */
  readonly demo?: boolean | undefined;
  /** The `createdBy` of every resource and relation. */
  readonly createdBy: string;
  readonly virtualTypes: readonly string[];
  /** The only namespaces that are read; undefined for all. */
  readonly namespaces?: readonly string[] | undefined;
  readonly rules: readonly RuleSaid[];
  readonly kinds: readonly KindSaid[];
  readonly limit: LimitSaid;
}

export function ruleSaid(rule: Rule): RuleSaid {
  const { infer: _, ...said } = rule;
  return said;
}

export function kindSaid(kind: Kind): KindSaid {
  const { reduce: _, parts: __, ...said } = kind;
  return said;
}

export function isSameLimit(a: LimitSaid, b: LimitSaid): boolean {
  const isSameTotal = a.selected === b.selected && a.followed === b.followed;
  return isSameTotal && a.ofOneObject === b.ofOneObject && a.closed === b.closed;
}

export function limitSaid({ selected, ofOneObject, closed = false, followed }: RelationLimit): LimitSaid {
  const said = { selected: Number.isFinite(selected) ? selected : null, ofOneObject, closed };
  return followed === undefined || !Number.isFinite(followed) ? said : { ...said, followed };
}
