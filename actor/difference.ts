// The changes of a dry run, field by field. Pure.
import { isRecord } from '../src/fields.ts';

export interface FieldChange {
  /** `spec.template.spec.containers[web].resources.limits.cpu` */
  readonly field: string;
  /** Undefined if the field is absent. */
  readonly before?: unknown;
  readonly after?: unknown;
}

/** The API server's own fields, which change with every write. */
const bookkeeping = new Set(['metadata.managedFields', 'metadata.resourceVersion', 'metadata.generation', 'status']);
/** No one reads a longer list. */
const most = 200;

export function differenceOf(before: unknown, after: unknown): readonly FieldChange[] {
  const changes: FieldChange[] = [];
  compare('', before, after, changes);
  return changes.slice(0, most);
}

function compare(field: string, before: unknown, after: unknown, changes: FieldChange[]): void {
  if (bookkeeping.has(field) || changes.length >= most) return;
  if (isRecord(before) && isRecord(after)) return compareFields(field, before, after, changes);
  const [one, other] = [byName(before), byName(after)];
  if (one !== undefined && other !== undefined) return compareFields(field, one, other, changes);
  if (JSON.stringify(before) === JSON.stringify(after)) return;
  changes.push({ field, ...(before === undefined ? {} : { before }), ...(after === undefined ? {} : { after }) });
}

type Named = { readonly [name: string]: unknown };

function compareFields(field: string, before: Named, after: Named, changes: FieldChange[]): void {
  for (const name of [...new Set([...Object.keys(before), ...Object.keys(after)])].toSorted()) {
    const inner = name.startsWith('[') ? `${field}${name}` : `${field}${field && '.'}${name}`;
    compare(inner, before[name], after[name], changes);
  }
}

/** Named list members by name: their order does not count. */
function byName(list: unknown): Named | undefined {
  if (!Array.isArray(list) || list.length === 0) return undefined;
  const names = list.map((each) => (isRecord(each) ? each['name'] : undefined));
  if (!names.every((name) => typeof name === 'string') || new Set(names).size !== names.length) return undefined;
  return Object.fromEntries(list.map((each, at) => [`[${String(names[at])}]`, each]));
}
