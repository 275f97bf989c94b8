// The value at a path as fields are told: `status.containerStatuses[0].state`, `metadata.labels["a.b/c"]`.
import { isRecord } from '../../src/fields.ts';

const part = /\["((?:[^"\\]|\\.)*)"\]|\[(\d+)\]|([^.[\]]+)/g;

/** Undefined where nothing is there. */
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
