// Health of a Node: conditions, and whether it accepts Pods. The words of `kubectl get nodes`, plus pressures.
import type { KubernetesObject } from '../../src/model.ts';
import type { Health, HealthRule } from './health.ts';
import { polarityOf } from './polarity.ts';
import { type Condition, conditionsOf, health, recordsOf, specOf, textAt } from './read.ts';

export const node = {
  types: ['Node'],
  fields: ['status.conditions[]', 'spec.unschedulable', 'spec.taints[]'],
  sentence:
    'Ok when it is ready; failed when it is not, or its kubelet is silent; degraded under a pressure or another condition that is ' +
    'bad news, when it is cordoned, or tainted so that Pods must leave.',
  of: nodeHealth,
} as const satisfies HealthRule;

const pressures: ReadonlySet<string> = new Set(['MemoryPressure', 'DiskPressure', 'PIDPressure', 'NetworkUnavailable']);

function nodeHealth(object: KubernetesObject): Health | undefined {
  const conditions = conditionsOf(object);
  const cordon = specOf(object)['unschedulable'] === true ? ['SchedulingDisabled'] : [];
  const ready = conditions.get('Ready');
  if (!ready) return health('unknown', ['Unknown', ...cordon].join(), 'status.conditions');
  if (ready.status !== 'True') return health('failed', ['NotReady', ...cordon].join(), ready.field);
  const bad = conditions.values().filter(isBad).toArray();
  const reason = ['Ready', ...cordon, ...bad.map(({ type }) => type)].join();
  const [first] = bad;
  if (first) return health('degraded', reason, first.field);
  if (cordon.length > 0) return health('degraded', reason, 'spec.unschedulable');
  const leaving = recordsOf(specOf(object)['taints']).find(({ item }) => isLeaving(textAt(item, 'key')));
  if (leaving) return health('degraded', `Ready,${textAt(leaving.item, 'key')}`, `spec.taints[${leaving.at}]`);
  return health('ok', 'Ready', ready.field);
}

/** The kubelet's conditions, and those of the node problem detector. */
function isBad({ type, status }: Condition): boolean {
  if (status !== 'True') return false;
  const polarity = polarityOf(type);
  return pressures.has(type) || polarity === 'failing' || polarity === 'hindering' || /^Frequent|Corrupt/.test(type);
}

/** Taints that Kubernetes sets on leaving nodes: https://kubernetes.io/docs/reference/labels-annotations-taints. */
function isLeaving(key: string): boolean {
  return /^node\.kubernetes\.io\/(unreachable|not-ready|out-of-service)$|^node\.cloudprovider\.kubernetes\.io\/(shutdown|uninitialized)$|^ToBeDeletedByClusterAutoscaler$|^karpenter\.sh\/disrupted$/.test(
    key,
  );
}
