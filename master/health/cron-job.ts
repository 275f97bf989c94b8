// Health of a CronJob: from its last run.
import { itemsOf } from '../../src/fields.ts';
import type { KubernetesObject } from '../../src/model.ts';
import type { Health, HealthRule } from './health.ts';
import { health, specOf, statusOf, textAt } from './read.ts';

export const cronJob = {
  types: ['CronJob'],
  fields: ['spec.suspend', 'status.active', 'status.lastScheduleTime', 'status.lastSuccessfulTime'],
  sentence: 'Ok when its last run ended well or goes on; degraded when it did not end well; idle when it is suspended.',
  of: cronJobHealth,
} as const satisfies HealthRule;

function cronJobHealth(object: KubernetesObject): Health | undefined {
  if (specOf(object)['suspend'] === true) return health('idle', 'Suspended', 'spec.suspend');
  if (object['status'] === undefined) return undefined;
  const status = statusOf(object);
  if (itemsOf(status['active'] as readonly unknown[] | undefined).length > 0)
    return health('ok', 'Active', 'status.active');
  const [last, succeeded] = [textAt(status, 'lastScheduleTime'), textAt(status, 'lastSuccessfulTime')];
  if (!last) return health('ok', 'NeverRun', 'status.lastScheduleTime');
  // RFC 3339 in UTC sorts by time.
  if (succeeded >= last) return health('ok', 'Scheduled', 'status.lastSuccessfulTime');
  return health('degraded', 'LastRunFailed', 'status.lastSuccessfulTime');
}
