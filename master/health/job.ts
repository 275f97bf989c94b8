// Health of a Job, in the words of `kubectl get jobs`; a failed one has its more specific reason.
import type { KubernetesObject } from '../../src/model.ts';
import type { Health, HealthRule } from './health.ts';
import { byCondition, type Condition, conditionsOf, countAt, health, specOf, statusOf } from './read.ts';

export const job = {
  types: ['Job'],
  fields: ['status.conditions[]', 'status.active', 'status.failed', 'status.succeeded', 'spec.suspend'],
  sentence:
    'Done when it is complete; failed when it has given up; progressing while it runs, degraded when a Pod of it failed and it tries ' +
    'again; idle while it is suspended.',
  of: jobHealth,
} as const satisfies HealthRule;

function jobHealth(object: KubernetesObject): Health | undefined {
  const [spec, status, conditions] = [specOf(object), statusOf(object), conditionsOf(object)];
  const ready = `${countAt(status, 'succeeded')}/${countAt(spec, 'completions', 1)}`;
  const holds = (type: string): Condition | undefined => {
    const condition = conditions.get(type);
    return condition?.status === 'True' ? condition : undefined;
  };
  const complete = holds('Complete') ?? holds('SuccessCriteriaMet');
  if (complete) return health('done', complete.type, complete.field, ready);
  const failed = holds('Failed') ?? holds('FailureTarget');
  if (failed) return byCondition('failed', failed, ready);
  const suspended = holds('Suspended');
  if (suspended ?? spec['suspend'] === true)
    return health('idle', 'Suspended', suspended?.field ?? 'spec.suspend', ready);
  if (object['status'] === undefined) return undefined;
  // Not the number, which increases with each try.
  const hasFailed = countAt(status, 'failed') > 0;
  return health(hasFailed ? 'degraded' : 'progressing', 'Running', `status.${hasFailed ? 'failed' : 'active'}`, ready);
}
