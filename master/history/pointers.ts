// Differences of two JSON values by JSON pointer: https://www.rfc-editor.org/rfc/rfc6901
export interface PathChange {
  readonly path: string;
  /** Undefined if it did not exist. */
  readonly from?: unknown;
  readonly to?: unknown;
  /** What is too long is told as a text: a part of it, from shortly before the first difference. */
  readonly cut?: true;
}

export interface PathChanges {
  readonly paths: readonly PathChange[];
  /** Number of further differences. */
  readonly more?: number;
}

const most = 100;
const longest = 1000;
/** Characters of a value that is too long, and how many of them before the first difference. */
const part = 200;
const before = 20;

export function pathsBetween(from: unknown, to: unknown): PathChanges {
  const found: PathChange[] = [];
  walk('', from, to, found);
  const more = found.length - most;
  return more > 0 ? { paths: found.slice(0, most), more } : { paths: found };
}

function walk(path: string, from: unknown, to: unknown, into: PathChange[]): void {
  if (Object.is(from, to)) return;
  if (!isHolder(from) || !isHolder(to) || Array.isArray(from) !== Array.isArray(to)) {
    into.push({ path, ...told(from, to) });
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

function told(from: unknown, to: unknown): Omit<PathChange, 'path'> {
  const isLong = (value: unknown) => value !== undefined && JSON.stringify(value).length > longest;
  const start = Math.max(0, sameStart(textOf(from), textOf(to)) - before);
  const shown = (value: unknown) => (isLong(value) ? partOf(textOf(value), start) : value);
  return {
    ...(from === undefined ? {} : { from: shown(from) }),
    ...(to === undefined ? {} : { to: shown(to) }),
    ...(isLong(from) || isLong(to) ? { cut: true } : {}),
  };
}

function textOf(value: unknown): string {
  return typeof value === 'string' ? value : (JSON.stringify(value) ?? '');
}

function sameStart(a: string, b: string): number {
  let i = 0;
  while (i < a.length && a[i] === b[i]) i++;
  return i;
}

/** Whole characters only. */
function partOf(text: string, start: number): string {
  const end = start + part;
  return `${start > 0 ? '…' : ''}${text.slice(start, end).toWellFormed().replaceAll('\uFFFD', '')}${end < text.length ? '…' : ''}`;
}
