// Health of a PersistentVolumeClaim, in the words of `kubectl get pvc`.
import type { KubernetesObject } from '../../src/model.ts';
import type { Health, HealthRule } from './health.ts';
import { conditionsOf, health, statusOf, textAt } from './read.ts';

export const persistentVolumeClaim = {
  types: ['PersistentVolumeClaim'],
  fields: ['status.phase', 'status.conditions[]'],
  sentence:
    'Ok when it is bound; progressing while it waits for its volume or is resized; degraded when a resize fails; failed when the ' +
    'volume is lost.',
  of: claimHealth,
} as const satisfies HealthRule;

const troubles = ['ControllerResizeError', 'NodeResizeError', 'ModifyVolumeError'] as const;
const motions = ['Resizing', 'FileSystemResizePending', 'ModifyingVolume'] as const;

function claimHealth(object: KubernetesObject): Health | undefined {
  const phase = textAt(statusOf(object), 'phase');
  if (!phase) return undefined;
  if (phase === 'Lost') return health('failed', phase, 'status.phase');
  if (phase !== 'Bound') return health('progressing', phase, 'status.phase');
  const conditions = conditionsOf(object);
  const held = (types: readonly string[]) =>
    types.map((type) => conditions.get(type)).find((condition) => condition?.status === 'True');
  const trouble = held(troubles);
  if (trouble) return health('degraded', trouble.type, trouble.field);
  const motion = held(motions);
  if (motion) return health('progressing', motion.type, motion.field);
  return health('ok', phase, 'status.phase');
}
