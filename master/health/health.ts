// The contract of a health rule: a pure function of one object that says how the object fares. It never looks anything up;
// what one object's health owes to another's is derived over the relations (derived/).
import type { HealthState } from '../../src/health-state.ts';
import type { KubernetesObject } from '../../src/model.ts';

export { type HealthState, healthStates, severity } from '../../src/health-state.ts';

export interface Health {
  readonly state: HealthState;
  /** A word or two: of Pods, Nodes, claims and Jobs what kubectl prints as STATUS. */
  readonly reason: string;
  /** The path of the field that says so, exact to the array index; of a relation's field where `from` is given. */
  readonly field: string;
  /** Ready and wanted, as kubectl prints READY: `2/3`. */
  readonly ready?: string | undefined;
  /** The id of the resource it owes this to. */
  readonly from?: string | undefined;
}

export interface HealthRule {
  /** Types it reads. `*` is every type that has no rule of its own. */
  readonly types: readonly string[];
  /** The fields it reads, as patterns. */
  readonly fields: readonly string[];
  /** A sentence or two for people: what is ok, and what is not. */
  readonly sentence: string;
  /** It says itself what an object is that is being deleted. For all others that is `Terminating`. */
  readonly deletion?: true;
  /** Undefined where the object says nothing of it. May throw on a malformed object: then its health is unknown. */
  of(object: KubernetesObject): Health | undefined;
}
