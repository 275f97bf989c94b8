// The state of a resource, or what is unknown about it, in kubectl's words where it has one.

import { podRestarts, type Restarts, restartsOf } from '../../master/health/pod-status.ts';
import { isRecord } from '../../src/fields.ts';
import type { HealthAnnotation, KubernetesObject, Resource } from '../../src/model.ts';
import { ageOf } from './age.ts';
import type { Style } from './output.ts';
import type { Cell } from './table.ts';

const styles: { readonly [state in HealthAnnotation['state']]?: Style } = {
  failed: 'red',
  degraded: 'yellow',
  unknown: 'yellow',
  progressing: 'cyan',
  done: 'dim',
  idle: 'dim',
};

export function stateOf({ annotations, properties }: Resource): Cell {
  if (annotations.missing) return { text: 'missing', style: 'red' };
  if (typeof annotations.absent === 'string') return { text: `absent (${annotations.absent})`, style: 'dim' };
  if (annotations.unverified) return { text: 'unverified', style: 'yellow' };
  if (annotations.stale) return { text: 'stale', style: 'yellow' };
  const { health } = annotations;
  if (typeof health?.reason !== 'string') return { text: phaseOf(properties) };
  const style = styles[health.state];
  return { text: health.reason, ...(style ? { style } : {}) };
}

/** Ready and wanted, for resources with several parts or replicas. */
export function readyOf({ annotations: { health } }: Resource): Cell {
  return { text: typeof health?.ready === 'string' ? health.ready : '' };
}

/** Number of restarts and, with `now`, the age of the last one. */
export function restartsCell({ type, properties }: Resource, now?: number): Cell {
  const restarts = restartsIn(type, properties);
  if (!restarts) return { text: '' };
  const ago = now !== undefined && restarts.count > 0 ? ageOf(restarts.last, now) : '';
  return { text: ago ? `${restarts.count} (${ago} ago)` : String(restarts.count) };
}

function restartsIn(type: string, properties: unknown): Restarts | undefined {
  if (!isRecord(properties) || !isRecord(properties['status'])) return undefined;
  if (type === 'Pod') return podRestarts({ metadata: { name: '' }, ...properties } as KubernetesObject);
  if (type === 'Container') return restartsOf([properties['status']]);
  return undefined;
}

export function ageCell({ properties }: Resource, now: number): Cell {
  const metadata = isRecord(properties) ? properties['metadata'] : undefined;
  return { text: isRecord(metadata) ? ageOf(metadata['creationTimestamp'], now) : '' };
}

function phaseOf(properties: unknown): string {
  const { status } = (properties ?? {}) as { readonly status?: { readonly phase?: unknown } | null };
  return typeof status?.phase === 'string' ? status.phase : '';
}
