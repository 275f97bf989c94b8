// Health of a VolumeSnapshot and its content.
import type { KubernetesObject } from '../../src/model.ts';
import type { Health, HealthRule } from './health.ts';
import { fieldsAt, health, statusOf } from './read.ts';

export const volumeSnapshot = {
  types: ['VolumeSnapshot.snapshot.storage.k8s.io', 'VolumeSnapshotContent.snapshot.storage.k8s.io'],
  fields: ['status.readyToUse', 'status.error'],
  sentence: 'Ok when it is ready to use; progressing until then; failed when making it failed.',
  of: snapshotHealth,
} as const satisfies HealthRule;

function snapshotHealth(object: KubernetesObject): Health {
  const status = statusOf(object);
  if (status['readyToUse'] === true) return health('ok', 'ReadyToUse', 'status.readyToUse');
  if (Object.keys(fieldsAt(status, 'error')).length > 0) return health('failed', 'SnapshotError', 'status.error');
  return health('progressing', 'Creating', 'status.readyToUse');
}
