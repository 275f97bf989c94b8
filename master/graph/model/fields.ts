// The fields that a query may ask of any resource, besides labels, by the paths that they have in the API. One more is one
// line here: it is read when an object arrives, kept with its vertex, and known to `fieldSelector`.

/** Of every resource, whoever brings it. */
const identity = ['metadata.name', 'metadata.namespace'] as const;
/** Of objects that have them as texts. */
export const readFields = ['spec.nodeName', 'status.phase'] as const;

export const selectableFields = [...identity, ...readFields] as const;
export type SelectableField = (typeof selectableFields)[number];

/** By path; what a resource does not have is not in it. Never changed once made. */
export type Fields = { readonly [path: string]: string };

export const noFields: Fields = {};

/** Distinct ones: as many as nodes by phases, if values are not of single objects. */
const most = 50_000;
const shared = new Map<string, Fields>();

/** The same for all that say the same: thousands of Pods are on one node, in one phase. */
export function sharedFields(fields: Fields | undefined): Fields {
  let key = '';
  // With lengths: a value may hold any character that would stand between two.
  for (const path in fields) key += `${path.length} ${fields[path]?.length} ${path}${fields[path]}`;
  if (!fields || key === '') return noFields;
  const known = shared.get(key);
  if (known) return known;
  if (shared.size < most) shared.set(key, fields);
  return fields;
}
