// The form of a finding that is said in data: which resources, what must be so of them, and the words for it. See docs/rules.md.
import type { HealthState } from '../../../src/health-state.ts';
import type { CompiledSelector } from '../../graph/model/label-selector.ts';
import type { Wildcards } from '../../graph/questions/wildcard.ts';
import type { Requirement } from '../../relations/declared/declaration.ts';
import type { FindingClass, FindingSeverity } from '../contract.ts';

export interface DeclaredFinding {
  readonly finding: string;
  readonly class: FindingClass;
  readonly severity: FindingSeverity;
  readonly sentence: string;
  readonly remedy: string;
  readonly link: string;
  /** As they were written: names and patterns. */
  readonly type: readonly string[];
  readonly namespace?: Wildcards | undefined;
  readonly selector?: CompiledSelector | undefined;
  readonly health?: readonly HealthState[] | undefined;
  readonly where?: readonly Requirement[] | undefined;
  /** Milliseconds since it was made. */
  readonly age?: number | undefined;
  readonly relations?: readonly RelationCondition[] | undefined;
  readonly path?: PathCondition | undefined;
  /** It hangs on the object itself, not on the workload that it belongs to. */
  readonly itself?: boolean | undefined;
}

/** How many relations there are of that name, to or from resources of these types. */
export interface RelationCondition {
  readonly relation: Wildcards;
  readonly direction: 'out' | 'in';
  readonly type?: Wildcards | undefined;
  readonly types: readonly string[];
  readonly least: number;
  readonly most: number;
  /** The other end: there, known to be missing, or either. */
  readonly end: 'there' | 'missing' | 'any';
  readonly ready?: boolean | undefined;
}

/** Whether something of a type is reached over relations. */
export interface PathCondition {
  readonly to: Wildcards;
  readonly types: readonly string[];
  readonly over: Wildcards | undefined;
  readonly direction: 'up' | 'down' | 'both';
  readonly depth: number;
  readonly missing: boolean;
}
