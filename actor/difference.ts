// The changes of a dry run, field by field: all that change are named, and no value of a secret is shown. Pure.
import { isRecord } from '../src/fields.ts';
import type { KubernetesObject } from '../src/model.ts';
import { redactObject } from '../src/redact.ts';
import { Refusal } from './refusal.ts';

export interface FieldChange {
  /** `spec.template.spec.containers[web].resources.limits.cpu` */
  readonly field: string;
  /** Undefined if the field is absent. */
  readonly before?: unknown;
  readonly after?: unknown;
}

/** The API server's own fields, which change with every write. */
const bookkeeping = new Set(['metadata.managedFields', 'metadata.resourceVersion', 'metadata.generation', 'status']);
/** An approver does not read a longer list. */
const most = 200;

/** @throws Refusal if more change than can be shown: what is not seen must not be approved. */
export function differenceOf(before: KubernetesObject, after: KubernetesObject): readonly FieldChange[] {
  const changes: FieldChange[] = [];
  compare('', { real: before, shown: redactedCopy(before) }, { real: after, shown: redactedCopy(after) }, changes);
  if (changes.length > most)
    throw new Refusal('server', `more than ${most} fields of the object would change, too many to show`);
  return changes;
}

/** A value with the part of it that may be shown. */
interface Side {
  readonly real: unknown;
  readonly shown: unknown;
}

function redactedCopy(object: KubernetesObject): KubernetesObject {
  const copy = structuredClone(object);
  redactObject(copy);
  return copy;
}

function compare(field: string, before: Side, after: Side, changes: FieldChange[]): void {
  if (bookkeeping.has(field) || changes.length > most) return;
  const [one, other] = [membersOf(before), membersOf(after)];
  if (one !== undefined && other !== undefined) return compareFields(field, one, other, changes);
  if (JSON.stringify(before.real) === JSON.stringify(after.real)) return;
  changes.push({
    field,
    ...(before.real === undefined ? {} : { before: before.shown }),
    ...(after.real === undefined ? {} : { after: after.shown }),
  });
}

/** Undefined if it has none, or is shown as a whole or not at all. */
function membersOf({ real, shown }: Side): Members | undefined {
  if (isRecord(real)) return isRecord(shown) ? { real, shown } : undefined;
  const [own, seen] = [byName(real), byName(shown)];
  return own && seen && { real: own, shown: seen };
}

interface Members {
  readonly real: Named;
  readonly shown: Named;
}

type Named = { readonly [name: string]: unknown };

function compareFields(field: string, before: Members, after: Members, changes: FieldChange[]): void {
  for (const name of [...new Set([...Object.keys(before.real), ...Object.keys(after.real)])].toSorted()) {
    const inner = name.startsWith('[') ? `${field}${name}` : `${field}${field && '.'}${name}`;
    compare(inner, sideOf(before, name), sideOf(after, name), changes);
  }
}

function sideOf({ real, shown }: Members, name: string): Side {
  return { real: real[name], shown: shown[name] };
}

/** Named list members by name: their order does not count. */
function byName(list: unknown): Named | undefined {
  if (!Array.isArray(list) || list.length === 0) return undefined;
  const names = list.map((each) => (isRecord(each) ? each['name'] : undefined));
  if (!names.every((name) => typeof name === 'string') || new Set(names).size !== names.length) return undefined;
  return Object.fromEntries(list.map((each, at) => [`[${String(names[at])}]`, each]));
}
