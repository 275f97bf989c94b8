// Differences of two JSON values by JSON pointer: https://www.rfc-editor.org/rfc/rfc6901
export interface PathChange {
  readonly path: string;
  /** Undefined if it did not exist. */
  readonly from?: unknown;
  readonly to?: unknown;
  /** A value was too long and is left out. */
  readonly cut?: true;
}

export interface PathChanges {
  readonly paths: readonly PathChange[];
  /** Number of further differences. */
  readonly more?: number;
}

const most = 100;
const longest = 1000;

export function pathsBetween(from: unknown, to: unknown): PathChanges {
  const found: PathChange[] = [];
  walk('', from, to, found);
  const more = found.length - most;
  return more > 0 ? { paths: found.slice(0, most), more } : { paths: found };
}

function walk(path: string, from: unknown, to: unknown, into: PathChange[]): void {
  if (Object.is(from, to)) return;
  if (!isHolder(from) || !isHolder(to) || Array.isArray(from) !== Array.isArray(to)) {
    into.push({ path, ...told('from', from), ...told('to', to) });
    return;
  }
  for (const key of new Set([...Object.keys(from), ...Object.keys(to)]))
    walk(`${path}/${key.replaceAll('~', '~0').replaceAll('/', '~1')}`, own(from, key), own(to, key), into);
}

/** A key may equal the name of an inherited property. */
function own(holder: Holder, key: string): unknown {
  return Object.hasOwn(holder, key) ? holder[key] : undefined;
}

type Holder = { readonly [key: string]: unknown };

function isHolder(value: unknown): value is Holder {
  return typeof value === 'object' && value !== null;
}

function told(side: 'from' | 'to', value: unknown): object {
  if (value === undefined) return {};
  return JSON.stringify(value).length <= longest ? { [side]: value } : { cut: true };
}
