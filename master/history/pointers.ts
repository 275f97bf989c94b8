// What differs between two JSON values, by JSON pointers: https://www.rfc-editor.org/rfc/rfc6901
export interface PathChange {
  readonly path: string;
  /** Left out where it was not there. */
  readonly from?: unknown;
  readonly to?: unknown;
  /** A value is too long to be told, and left out. */
  readonly cut?: true;
}

export interface PathChanges {
  readonly paths: readonly PathChange[];
  /** How many more there are. */
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

/** An object may have a key that every other one inherits. */
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
