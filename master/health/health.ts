// The contract of a health rule: a pure function of one object that says how the object fares. It never looks anything up;
// what one object's health owes to another's is derived over the relations (derived/).
import type { KubernetesObject } from '../../src/model.ts';

/**
 * From best to worst is another order: see `severity`. `ok` is as it is wanted; `progressing` on its way there; `degraded`
 * works in part, or not as wanted; `failed` does not work and will not by waiting; `done` has ended well; `idle` does nothing,
 * and is meant to; `unknown` cannot be told by what is known.
 */
export const healthStates = ['ok', 'progressing', 'degraded', 'failed', 'done', 'idle', 'unknown'] as const;

export type HealthState = (typeof healthStates)[number];

/** The larger, the more it asks for attention. */
export const severity: { readonly [state in HealthState]: number } = {
  idle: 0,
  done: 1,
  ok: 2,
  progressing: 3,
  unknown: 4,
  degraded: 5,
  failed: 6,
};

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
