// Reads unchecked objects for health rules: fields may be missing, malformed or too long.
import { isName, isRecord, itemsOf } from '../../src/fields.ts';
import type { KubernetesObject } from '../../src/model.ts';
import type { Health, HealthState } from './health.ts';

export interface Fields {
  readonly [field: string]: unknown;
}

/** Maximum items examined per list: more than real objects have. */
export const mostItems = 256;
/** Maximum characters of a reason, which comes from the cluster. */
const mostLetters = 100;

const nothing: Fields = {};

/** The fields of a field; empty if it has none. */
export function fieldsAt(value: unknown, field: string): Fields {
  const at = isRecord(value) ? value[field] : undefined;
  return isRecord(at) ? at : nothing;
}

export function specOf(object: KubernetesObject): Fields {
  return fieldsAt(object, 'spec');
}

export function statusOf(object: KubernetesObject): Fields {
  return fieldsAt(object, 'status');
}

/** The first items that are objects, with their indexes. */
export function recordsOf(list: unknown): { readonly at: number; readonly item: Fields }[] {
  const found: { readonly at: number; readonly item: Fields }[] = [];
  const items = itemsOf(list as readonly unknown[] | undefined);
  for (let at = 0; at < items.length && at < mostItems; at++) {
    const item = items[at];
    if (isRecord(item)) found.push({ at, item });
  }
  return found;
}

export function textAt(fields: Fields, field: string): string {
  const value = fields[field];
  return typeof value === 'string' ? value : '';
}

/** A count; 0 if missing. */
export function countAt(fields: Fields, field: string, otherwise = 0): number {
  const value = fields[field];
  return typeof value === 'number' && Number.isFinite(value) && value >= 0 ? value : otherwise;
}

export interface Condition {
  readonly type: string;
  readonly status: string;
  readonly reason: string;
  /** Its path: `status.conditions[2]`. */
  readonly field: string;
  /** About an earlier generation of the object. */
  readonly old: boolean;
  readonly since: string;
}

/** Conditions below `fields` by type; the first of each type. */
export function conditionsOf(
  object: KubernetesObject,
  fields: Fields = statusOf(object),
  path = 'status',
): ReadonlyMap<string, Condition> {
  const found = new Map<string, Condition>();
  const generation = generationOf(object);
  for (const { at, item } of recordsOf(fields['conditions'])) {
    const type = textAt(item, 'type');
    if (!type || found.has(type)) continue;
    found.set(type, {
      type,
      status: textAt(item, 'status'),
      reason: textAt(item, 'reason'),
      field: `${path}.conditions[${at}]`,
      old: countAt(item, 'observedGeneration', generation) < generation,
      since: textAt(item, 'lastTransitionTime'),
    });
  }
  return found;
}

function generationOf({ metadata }: KubernetesObject): number {
  return countAt(metadata, 'generation');
}

/** Whether its controller has not observed the newest generation, if it tells. */
export function isBehind(object: KubernetesObject): boolean {
  const generation = generationOf(object);
  return countAt(statusOf(object), 'observedGeneration', generation) < generation;
}

export const behind: Health = { state: 'progressing', reason: 'NotObserved', field: 'status.observedGeneration' };

export function isDeleted({ metadata }: KubernetesObject): boolean {
  return isName(metadata.deletionTimestamp);
}

export const terminating: Health = {
  state: 'progressing',
  reason: 'Terminating',
  field: 'metadata.deletionTimestamp',
};

/** `reason` may come from the cluster. */
export function health(state: HealthState, reason: string, field: string, ready?: string): Health {
  const short = reason.length > mostLetters ? `${reason.slice(0, mostLetters - 1)}…` : reason;
  return ready === undefined ? { state, reason: short, field } : { state, reason: short, field, ready };
}

/** From a condition: its reason, otherwise its type. */
export function byCondition(state: HealthState, { type, reason, field }: Condition, ready?: string): Health {
  return health(state, reason || type, field, ready);
}
