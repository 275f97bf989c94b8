// `metadata.managedFields` as the API server stores it: a tree of the fields that a manager set. It is a large part of a list but
// is not kept. Cut at a depth; real ones are larger.

const deepest = 3;

type Fields = { readonly [field: string]: unknown };

export function managedFields(
  manager: string,
  time: string,
  ...[meta, said, status]: [Fields, Fields, unknown]
): object[] {
  const entry = { manager, operation: 'Update', apiVersion: 'v1', time, fieldsType: 'FieldsV1' };
  const own = { ...entry, fieldsV1: { 'f:metadata': owned(meta), ...(owned(said) as Fields) } };
  return status === undefined
    ? [own]
    : [own, { ...entry, fieldsV1: { 'f:status': owned(status) }, subresource: 'status' }];
}

/** Lists of named items become maps by name; other lists, and all other values, are leaves. */
function owned(value: unknown, depth = 0): object {
  if (depth > deepest) return {};
  if (Array.isArray(value)) {
    const named = value.filter((each: unknown) => nameOf(each) !== undefined);
    if (named.length < value.length || value.length === 0) return {};
    return Object.fromEntries(
      named.map((each: unknown) => [`k:${JSON.stringify({ name: nameOf(each) })}`, owned(each, depth + 1)]),
    );
  }
  if (typeof value !== 'object' || value === null) return {};
  return Object.fromEntries(Object.entries(value).map(([key, field]) => [`f:${key}`, owned(field, depth + 1)]));
}

function nameOf(value: unknown): unknown {
  return typeof value === 'object' && value !== null ? (value as Fields).name : undefined;
}
