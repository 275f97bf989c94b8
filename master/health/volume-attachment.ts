// Health of a VolumeAttachment.
import type { KubernetesObject } from '../../src/model.ts';
import type { Health, HealthRule } from './health.ts';
import { fieldsAt, health, isDeleted, statusOf, terminating, textAt } from './read.ts';

export const volumeAttachment = {
  types: ['VolumeAttachment'],
  fields: ['status.attached', 'status.attachError', 'status.detachError'],
  sentence: 'Ok when it is attached; progressing until then; failed when attaching or detaching fails.',
  deletion: true,
  of: attachmentHealth,
} as const satisfies HealthRule;

function attachmentHealth(object: KubernetesObject): Health | undefined {
  const status = statusOf(object);
  for (const [error, word] of [
    ['detachError', 'DetachError'],
    ['attachError', 'AttachError'],
  ] as const) {
    if (textAt(fieldsAt(status, error), 'message')) return health('failed', word, `status.${error}`);
  }
  if (isDeleted(object)) return terminating;
  if (status['attached'] === true) return health('ok', 'Attached', 'status.attached');
  return health('progressing', 'Attaching', 'status.attached');
}
