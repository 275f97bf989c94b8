// Shared by kinds that keep a number of Pods.
import type { KubernetesObject } from '../../src/model.ts';
import type { Health } from './health.ts';
import { byCondition, conditionsOf, countAt, health, specOf } from './read.ts';

export interface Replicas {
  readonly wanted: number;
  readonly ready: number;
}

/** `spec.replicas`; default 1. */
export function wantedReplicas(object: KubernetesObject): number {
  return countAt(specOf(object), 'replicas', 1);
}

export function readyOf({ wanted, ready }: Replicas): string {
  return `${ready}/${wanted}`;
}

/** Pods could not be created: a quota or admission plugin rejected them. */
export function creationFailure(object: KubernetesObject, replicas: Replicas): Health | undefined {
  const failure = conditionsOf(object).get('ReplicaFailure');
  if (failure?.status !== 'True') return undefined;
  return byCondition(replicas.ready > 0 ? 'degraded' : 'failed', failure, readyOf(replicas));
}

/** Scaled to zero. */
export function scaledDown(replicas: Replicas, existing: number): Health | undefined {
  if (replicas.wanted > 0) return undefined;
  if (existing > 0) return health('progressing', 'ScalingDown', 'status.replicas', readyOf(replicas));
  return health('idle', 'ScaledToZero', 'spec.replicas', readyOf(replicas));
}

/** All requested Pods exist: are they ready? */
export function readiness(replicas: Replicas, field: string): Health {
  const { ready, wanted } = replicas;
  if (ready >= wanted) return health('ok', 'Ready', field, readyOf(replicas));
  return health('degraded', ready > 0 ? 'PartlyReady' : 'NotReady', field, readyOf(replicas));
}
