// Reads what health rules ask for from objects that nobody has checked: any field may be absent, of another shape, or longer
// than anybody should read.
import { isName, isRecord, itemsOf } from '../../src/fields.ts';
import type { KubernetesObject } from '../../src/model.ts';
import type { Health, HealthState } from './health.ts';

export interface Fields {
  readonly [field: string]: unknown;
}

/** Items that are looked at of one list: no real object has more conditions, listeners or containers than this. */
export const mostItems = 256;
/** Characters of a reason. A cluster's own words may be a page. */
const mostLetters = 100;

const nothing: Fields = {};

/** The fields of a field, none where it has none. */
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

/** The first items of a list that are objects, each with its place. */
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

/** A count, 0 where there is none. */
export function countAt(fields: Fields, field: string, otherwise = 0): number {
  const value = fields[field];
  return typeof value === 'number' && Number.isFinite(value) && value >= 0 ? value : otherwise;
}

export interface Condition {
  readonly type: string;
  readonly status: string;
  readonly reason: string;
  /** Where it stands: `status.conditions[2]`. */
  readonly field: string;
  /** It speaks of an earlier generation of the object. */
  readonly old: boolean;
  readonly since: string;
}

/** The conditions below `fields`, by type; of several of one type the first. */
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

/** Whether its controller has not yet looked at the newest generation, where it says which it has looked at. */
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

/** `reason` may be a cluster's own words. */
export function health(state: HealthState, reason: string, field: string, ready?: string): Health {
  const short = reason.length > mostLetters ? `${reason.slice(0, mostLetters - 1)}…` : reason;
  return ready === undefined ? { state, reason: short, field } : { state, reason: short, field, ready };
}

/** What a condition says, by its reason or else its type. */
export function byCondition(state: HealthState, { type, reason, field }: Condition, ready?: string): Health {
  return health(state, reason || type, field, ready);
}
