// The contract of a health rule: a pure function of one object. It looks nothing up; health that depends on other objects
// is derived from relations (derived/).
import type { HealthState } from '../../src/health-state.ts';
import type { KubernetesObject } from '../../src/model.ts';

export { type HealthState, healthStates, severity } from '../../src/health-state.ts';

export interface Health {
  readonly state: HealthState;
  /** One or two words: for Pods, Nodes, claims and Jobs kubectl's STATUS. */
  readonly reason: string;
  /** Path of the deciding field with array indexes; of a relation's field if `from` is set. */
  readonly field: string;
  /** Ready and wanted, like kubectl's READY: `2/3`. */
  readonly ready?: string | undefined;
  /** Id of the resource that causes it. */
  readonly from?: string | undefined;
}

export interface HealthRule {
  /** Types it reads. `*`: every type without a rule of its own. */
  readonly types: readonly string[];
  /** Patterns of the fields it reads. */
  readonly fields: readonly string[];
  /** One or two sentences for people: what is ok, and what is not. */
  readonly sentence: string;
  /** The rule handles deletion itself. For others that is `Terminating`. */
  readonly deletion?: true;
  /** Undefined if the object tells nothing about it. May throw on a malformed object: its health is then unknown. */
  of(object: KubernetesObject): Health | undefined;
}
