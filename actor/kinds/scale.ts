// `scale`: sets a workload's replicas through its subresource `scale`.
import { isRecord } from '../../src/fields.ts';
import type { Values } from '../action.ts';
import { Refusal } from '../refusal.ts';
import type { ActionType } from './kind.ts';

export const scale = {
  action: 'scale',
  targets: ['Deployment', 'StatefulSet'],
  subresource: 'scale',
  check({ wanted, expected }) {
    checkReplicas(wanted, 'wanted');
    if (Object.keys(expected).length > 0) checkReplicas(expected, 'expected');
  },
  /** For the object or its Scale: both have it in the same field. */
  current(object) {
    const { replicas } = isRecord(object['spec']) ? object['spec'] : {};
    return { replicas: typeof replicas === 'number' ? replicas : 1 };
  },
  unexpected(current, { expected }) {
    const { replicas = current['replicas'] } = expected;
    return replicas === current['replicas']
      ? undefined
      : `it has ${String(current['replicas'])} replicas, expected ${String(replicas)}`;
  },
  intended: (_current, { wanted }) => ({ replicas: wanted['replicas'] }),
  isSame: (one, other) => one['replicas'] === other['replicas'],
  patch: (_from, to) => ({ spec: { replicas: to['replicas'] } }),
  changes(current, { wanted }) {
    const [from, to] = [String(current['replicas']), String(wanted['replicas'])];
    return from === to ? [] : [{ field: 'replicas', resource: 'replicas', from, to }];
  },
} as const satisfies ActionType;

function checkReplicas(values: Values, field: string): void {
  const { replicas, ...rest } = values;
  const [strange] = Object.keys(rest);
  if (strange !== undefined) throw new Refusal('values', `${field}.${strange} is not replicas`);
  if (!Number.isInteger(replicas) || Number(replicas) < 0 || Number(replicas) > 10_000)
    throw new Refusal('values', `${field}.replicas must be a whole number from 0 to 10000`);
}
