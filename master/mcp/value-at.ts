// The value at a field path: `status.containerStatuses[0].state`, `metadata.labels["a.b/c"]`.
import { isRecord } from '../../src/fields.ts';

const part = /\["((?:[^"\\]|\\.)*)"\]|\[(\d+)\]|([^.[\]]+)/g;

/** Undefined if there is none. */
export function valueAt(value: unknown, path: string): unknown {
  let at = value;
  for (const [, key, index, name] of path.matchAll(part)) {
    if (Array.isArray(at)) at = (at as unknown[])[Number(index)];
    else {
      const own = key ?? name ?? index ?? '';
      at = isRecord(at) && Object.hasOwn(at, own) ? at[own] : undefined;
    }
    if (at === undefined) return undefined;
  }
  return at;
}
