// Shorthands for objects, and their expected health.
import type { HealthState } from '../../master/health/health.ts';
import type { KubernetesObject } from '../../src/model.ts';

export interface HealthCase {
  /** The case in a few words. */
  readonly of: string;
  readonly spec?: unknown;
  readonly status?: unknown;
  readonly generation?: number;
  readonly deleted?: true;
  /** Fields besides metadata, spec and status. */
  readonly rest?: object;
  /** Undefined if no health is expected. */
  readonly says: readonly [state: HealthState, reason: string, field: string, ready?: string] | undefined;
}

export function objectOf({ spec, status, generation, deleted, rest }: HealthCase): KubernetesObject {
  return {
    apiVersion: 'v1',
    kind: 'X',
    metadata: {
      name: 'x',
      ...(generation === undefined ? {} : { generation }),
      ...(deleted ? { deletionTimestamp: '2026-11-28T04:00:00Z' } : {}),
    },
    ...(spec === undefined ? {} : { spec }),
    ...(status === undefined ? {} : { status }),
    ...rest,
  };
}

export const condition = (type: string, status: string, reason?: string, more?: object) => ({
  type,
  status,
  ...(reason === undefined ? {} : { reason }),
  ...more,
});

export const conditions = (...list: object[]) => ({ conditions: list });
