// Fields that a query can select besides labels, by their API paths. To add one, add a line here: it is then read from each
// object, stored with its vertex and known to `fieldSelector`.

/** Every resource has these. */
const identity = ['metadata.name', 'metadata.namespace'] as const;
/** Objects with string values at these paths have these. */
export const readFields = ['spec.nodeName', 'status.phase'] as const;

/** Annotation by which a user accepts findings about an object and everything below it. */
export const acceptField = 'metadata.annotations["cluster-insight.io/accept"]';

/** All stored fields besides labels, with their property paths. */
export const fieldPaths: readonly (readonly [field: string, path: readonly string[]])[] = [
  ...readFields.map((field) => [field, field.split('.')] as const),
  [acceptField, ['metadata', 'annotations', 'cluster-insight.io/accept']],
];

export const selectableFields = [...identity, ...readFields] as const;
export type SelectableField = (typeof selectableFields)[number];

/** By path; absent fields are left out. Immutable. */
export type Fields = { readonly [path: string]: string };

export const noFields: Fields = {};

/** Maximum number of distinct combinations: ample for nodes times phases, but not for values unique to one object. */
const most = 50_000;

/** Combinations with the same first fields and values. */
interface Branch {
  fields: Fields | undefined;
  readonly next: Map<string, Map<string, Branch>>;
}

const root: Branch = { fields: noFields, next: new Map() };
let branches = 0;

/** Equal fields share one object: thousands of Pods have the same node and phase. */
export function sharedFields(fields: Fields | undefined): Fields {
  let at: Branch | undefined = root;
  for (const path in fields) at = at && branchOf(at, path, fields[path] as string);
  if (!at || !fields) return fields ?? noFields;
  at.fields ??= fields;
  return at.fields;
}

/** Undefined above the maximum. */
function branchOf({ next }: Branch, path: string, value: string): Branch | undefined {
  let byValue = next.get(path);
  if (!byValue) next.set(path, (byValue = new Map()));
  const known = byValue.get(value);
  if (known || branches >= most) return known;
  branches++;
  const made: Branch = { fields: undefined, next: new Map() };
  byValue.set(value, made);
  return made;
}
