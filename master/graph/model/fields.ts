// The fields that a query may ask of any resource, besides labels, by the paths that they have in the API. One more is one
// line here: it is read when an object arrives, kept with its vertex, and known to `fieldSelector`.

/** Of every resource, whoever brings it. */
const identity = ['metadata.name', 'metadata.namespace'] as const;
/** Of objects that have them as texts. */
export const readFields = ['spec.nodeName', 'status.phase'] as const;

/** The annotation by which somebody accepts findings about an object, or about all that is below it. */
export const acceptField = 'metadata.annotations["cluster-insight.io/accept"]';

/** All that is kept of an object beside its labels, with the way to it. */
export const fieldPaths: readonly (readonly [field: string, path: readonly string[]])[] = [
  ...readFields.map((field) => [field, field.split('.')] as const),
  [acceptField, ['metadata', 'annotations', 'cluster-insight.io/accept']],
];

export const selectableFields = [...identity, ...readFields] as const;
export type SelectableField = (typeof selectableFields)[number];

/** By path; what a resource does not have is not in it. Never changed once made. */
export type Fields = { readonly [path: string]: string };

export const noFields: Fields = {};

/** Distinct ones: as many as nodes by phases, if values are not of single objects. */
const most = 50_000;

/** What begins with the same fields of the same values. */
interface Branch {
  fields: Fields | undefined;
  readonly next: Map<string, Map<string, Branch>>;
}

const root: Branch = { fields: noFields, next: new Map() };
let branches = 0;

/** The same for all that say the same in the same order: thousands of Pods are on one node, in one phase. */
export function sharedFields(fields: Fields | undefined): Fields {
  let at: Branch | undefined = root;
  for (const path in fields) at = at && branchOf(at, path, fields[path] as string);
  if (!at || !fields) return fields ?? noFields;
  at.fields ??= fields;
  return at.fields;
}

/** Undefined where no more are kept. */
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
