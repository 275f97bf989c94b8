// Health of a ResourceClaim, in the words of `kubectl get resourceclaims`.
import { isRecord, itemsOf } from '../../src/fields.ts';
import type { KubernetesObject } from '../../src/model.ts';
import type { Health, HealthRule } from './health.ts';
import { health, statusOf } from './read.ts';

export const resourceClaim = {
  types: ['ResourceClaim'],
  fields: ['status.allocation', 'status.reservedFor'],
  sentence: 'Ok when devices are allocated to it; progressing until then.',
  of: resourceClaimHealth,
} as const satisfies HealthRule;

function resourceClaimHealth(object: KubernetesObject): Health {
  const status = statusOf(object);
  if (!isRecord(status['allocation'])) return health('progressing', 'pending', 'status.allocation');
  const isReserved = itemsOf(status['reservedFor'] as readonly unknown[] | undefined).length > 0;
  return health('ok', isReserved ? 'allocated,reserved' : 'allocated', 'status.allocation');
}
