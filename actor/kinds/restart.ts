// `restart`: replaces a workload's Pods through the template annotation of `kubectl rollout restart`.
import { isRecord } from '../../src/fields.ts';
import type { KubernetesObject } from '../../src/model.ts';
import { Refusal } from '../refusal.ts';
import type { ActionType } from './kind.ts';

const annotation = 'kubectl.kubernetes.io/restartedAt';

export const restart = {
  action: 'restart',
  targets: ['Deployment', 'StatefulSet', 'DaemonSet'],
  check({ wanted, expected }) {
    if (Object.keys(wanted).length > 0) throw new Refusal('values', 'a restart wants nothing: leave wanted empty');
    const [strange] = Object.keys(expected).filter((field) => field !== 'restartedAt');
    if (strange !== undefined) throw new Refusal('values', `a restart expects restartedAt at most, not ${strange}`);
  },
  current: (object) => ({
    restartedAt: annotationsOf(object)?.[annotation] ?? null,
    hasAny: annotationsOf(object) !== undefined,
  }),
  unexpected(current, { expected }) {
    if (!('restartedAt' in expected) || current['restartedAt'] === expected['restartedAt']) return undefined;
    return `it was restarted at ${String(current['restartedAt'])}, expected ${String(expected['restartedAt'])}`;
  },
  intended: (_current, _action, at) => ({ restartedAt: at, hasAny: true }),
  isSame: (one, other) => one['restartedAt'] === other['restartedAt'],
  patch(_from, to) {
    const annotations = to['hasAny'] === false ? null : { [annotation]: to['restartedAt'] };
    return { spec: { template: { metadata: { annotations } } } };
  },
  changes: () => [],
} as const satisfies ActionType;

function annotationsOf(object: KubernetesObject): { readonly [name: string]: unknown } | undefined {
  const { spec } = object as { readonly spec?: { readonly template?: { readonly metadata?: unknown } } };
  const metadata = spec?.template?.metadata;
  const annotations = isRecord(metadata) ? metadata['annotations'] : undefined;
  return isRecord(annotations) ? annotations : undefined;
}
