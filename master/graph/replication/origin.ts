// What a log of what an engine is told begins with: whose graph it is, and what a copy must know that no entry says.
import type { Kind } from '../../kinds/kind.ts';
import type { Rule } from '../../relations/relation.ts';
import type { RelationLimit } from '../engine/relation-limit.ts';

/** A rule without what reads objects: a copy is told what was read. */
export type RuleSaid = Omit<Rule, 'infer'>;

/** A kind without what reads objects. */
export type KindSaid = Omit<Kind, 'reduce' | 'parts'>;

/** The limit as JSON has it: null is none. */
export interface LimitSaid {
  readonly selected: number | null;
  readonly ofOneObject: number;
  readonly closed: boolean;
  /** Left out: none. */
  readonly followed?: number | undefined;
}

export interface Origin {
  readonly clusterName: string;
  /** UID of the Namespace kube-system, where it can be read: the same cluster under another name. */
  readonly clusterUid?: string | undefined;
  /** It is made up, and runs nowhere. */
  readonly demo?: boolean | undefined;
  /** What every resource and relation says made it. */
  readonly createdBy: string;
  readonly virtualTypes: readonly string[];
  /** The only ones that are read; left out where all are. */
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

export function limitSaid({ selected, ofOneObject, closed = false, followed }: RelationLimit): LimitSaid {
  const said = { selected: Number.isFinite(selected) ? selected : null, ofOneObject, closed };
  return followed === undefined || !Number.isFinite(followed) ? said : { ...said, followed };
}
