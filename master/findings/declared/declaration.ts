// The form of a declared finding: resources, conditions and wording. See docs/rules.md.
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
  /** As written: names and patterns. */
  readonly type: readonly string[];
  readonly namespace?: Wildcards | undefined;
  readonly selector?: CompiledSelector | undefined;
  readonly health?: readonly HealthState[] | undefined;
  readonly where?: readonly Requirement[] | undefined;
  /** Minimum milliseconds since creation. */
  readonly age?: number | undefined;
  readonly relations?: readonly RelationCondition[] | undefined;
  readonly path?: PathCondition | undefined;
  /** Attached to the object itself, not to its workload. */
  readonly itself?: boolean | undefined;
}

/** Number of relations of that type to or from resources of these types. */
export interface RelationCondition {
  readonly relation: Wildcards;
  readonly direction: 'out' | 'in';
  readonly type?: Wildcards | undefined;
  readonly types: readonly string[];
  readonly least: number;
  readonly most: number;
  /** State of the other end: existing, known to be missing, or any. */
  readonly end: 'there' | 'missing' | 'any';
  readonly ready?: boolean | undefined;
}

/** Whether a resource of a type is reachable over relations. */
export interface PathCondition {
  readonly to: Wildcards;
  readonly types: readonly string[];
  readonly over: Wildcards | undefined;
  readonly direction: 'up' | 'down' | 'both';
  readonly depth: number;
  readonly missing: boolean;
}
