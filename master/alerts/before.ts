// Changes before an alert, from the history of its resource and of those in its proof. Controllers' bookkeeping is left out
// if there were real changes.
import { Fault } from '../../src/errors.ts';
import { isRecord } from '../../src/fields.ts';
import type { History } from '../history/history.ts';
import { type LifeEntry, lifeEntries } from '../history/life.ts';
import type { Subject } from './alert.ts';
import type { Earlier } from './story.ts';

export interface Before {
  readonly before: readonly Earlier[];
  readonly unknown?: string;
  /** If history was slow: its later result. Never rejects. */
  readonly late?: Promise<Before>;
}

/** Milliseconds examined before the start, and after it: a cause may have a slightly later timestamp. */
const reach = 15 * 60_000;
const slack = 2_000;
const mostResources = 5;
const mostTold = 5;
const mostPaths = 3;

export interface BeforeOptions {
  /** Timeout for history in milliseconds. */
  readonly patience: number;
  /** Include old and new values: not where values are kept unredacted. */
  readonly values: boolean;
  /** When it was first seen, in milliseconds since the epoch: objects may tell an earlier time, such as that of their creation. */
  readonly seen?: number | undefined;
}

interface Span {
  readonly from: string;
  readonly to: string;
}

/** Never fails. */
export async function changesBefore(
  history: Pick<History, 'life'> | undefined,
  subject: Subject,
  { patience, values, seen }: BeforeOptions,
): Promise<Before> {
  if (!history) return { before: [], unknown: 'no history is kept' };
  const since = Date.parse(subject.since);
  if (!Number.isFinite(since)) return { before: [], unknown: 'it is not known since when it is so' };
  const found = lives(history, resourcesOf(subject), spansOf(since, seen), values).catch((error: unknown): Before => {
    return { before: [], unknown: error instanceof Fault ? error.message : 'the history could not be read' };
  });
  const timer = Promise.withResolvers<Before>();
  const deadline = setTimeout(
    () => timer.resolve({ before: [], unknown: 'the history did not answer in time', late: found }),
    patience,
  );
  const first = await Promise.race([found, timer.promise]);
  clearTimeout(deadline);
  return first;
}

/** Before its own time, and before it was seen where that is later. */
function spansOf(since: number, seen = since): readonly Span[] {
  const spans = [{ from: since - reach, to: since + slack }];
  if (seen > since + slack) spans.push({ from: Math.max(since + slack, seen - reach), to: seen + slack });
  return spans.map(({ from, to }) => ({ from: new Date(from).toISOString(), to: new Date(to).toISOString() }));
}

function resourcesOf({ resource, path }: Subject): readonly string[] {
  const all = new Set([resource, ...path.flatMap(({ from, to }) => [from, to])]);
  // Changes of containers and processes are consequences, not causes.
  return [...all].filter((id) => !/^(Container|Process):/.test(id)).slice(0, mostResources);
}

async function lives(
  history: Pick<History, 'life'>,
  resources: readonly string[],
  spans: readonly Span[],
  values: boolean,
): Promise<Before> {
  const all = await Promise.all(
    resources.flatMap((resource) =>
      spans.map(async (span) => {
        const entries = lifeEntries(await history.life(resource, span));
        return entries.flatMap((entry) => earlierOf(resource, entry, values));
      }),
    ),
  );
  const found = all.flat().toSorted((a, b) => (a.at < b.at ? 1 : a.at > b.at ? -1 : 0));
  const meant = found.filter(({ isMeant }) => isMeant);
  const told = (meant.length > 0 ? meant : found).slice(0, mostTold);
  return { before: told.map(({ at, resource, what }) => ({ at, resource, what })) };
}

interface Told extends Earlier {
  /** A requested change, not a status. */
  readonly isMeant: boolean;
}

function earlierOf(resource: string, { kind, time, told }: LifeEntry, values: boolean): readonly Told[] {
  const at = new Date(time).toISOString();
  const said = told as { readonly [name: string]: unknown };
  if (kind === 'version') return versionOf(resource, at, said, values);
  if (kind === 'event') return [];
  const { change, type, source, target } = said;
  // Containment follows from the object itself.
  if (type === 'contains') return [];
  const what = `${String(source)} ${String(type)} ${String(target)} ${change === 'came' ? 'was added' : 'was removed'}`;
  return [{ at, resource, what: what.replaceAll(`${resource} `, ''), isMeant: change !== 'came' }];
}

function versionOf(
  resource: string,
  at: string,
  { change, paths, resource: object }: { readonly [name: string]: unknown },
  values: boolean,
): readonly Told[] {
  if (change === 'removed') return [{ at, resource, what: 'was removed', isMeant: true }];
  // A first version may be old: history starts with everything.
  if (change === 'added') return wasMadeAt(object, at) ? [{ at, resource, what: 'was added', isMeant: true }] : [];
  const turn = standingIn(paths);
  if (turn) return [{ at, resource, what: turn, isMeant: true }];
  const changed = (Array.isArray(paths) ? paths : []).flatMap((each: unknown) => pathOf(each, values));
  if (changed.length === 0) return [];
  const meant = changed.filter(({ path }) => !isNoted(path));
  const told = meant.length > 0 ? meant : changed;
  const more = told.length - mostPaths;
  const some = told.slice(0, mostPaths).map(({ words }) => words);
  return [
    {
      at,
      resource,
      what: `changed ${some.join(', ')}${more > 0 ? ` and ${more} more` : ''}`,
      isMeant: meant.length > 0,
    },
  ];
}

/** Maximum milliseconds between creation and first sight. */
const seenWithin = 60_000;

function wasMadeAt(object: unknown, at: string): boolean {
  const metadata = isRecord(object) && isRecord(object['properties']) ? object['properties']['metadata'] : undefined;
  const made = Date.parse(isRecord(metadata) ? String(metadata['creationTimestamp']) : '');
  return Number.isFinite(made) && Date.parse(at) - made < seenWithin;
}

/** A removed resource that is still named has a version that tells so. */
function standingIn(paths: unknown): string | undefined {
  const all = (Array.isArray(paths) ? paths : []).filter(isRecord);
  const missing = all.find(({ path }) => path === '/annotations/missing' || path === '/annotations/absent');
  if (!missing) return undefined;
  return missing['to'] === undefined ? 'was added' : 'was removed';
}

/** Fields set by controllers, and our own annotations. */
function isNoted(path: string): boolean {
  return /^\/(annotations|properties\/status|properties\/metadata\/(resourceVersion|generation|annotations))(\/|$)/.test(
    path,
  );
}

function pathOf(each: unknown, withValues: boolean): readonly { readonly path: string; readonly words: string }[] {
  if (!isRecord(each) || typeof each['path'] !== 'string') return [];
  const { path, from, to } = each;
  const field = path
    .replace(/^\/properties\//, '')
    .replaceAll(/\/(\d+)(?=\/|$)/g, '[$1]')
    .replaceAll('/', '.')
    .replaceAll('~1', '/')
    .replaceAll('~0', '~');
  const values = withValues && isShort(from) && isShort(to) ? ` from ${String(from)} to ${String(to)}` : '';
  return [{ path, words: `${field}${values}` }];
}

function isShort(value: unknown): value is string | number | boolean {
  return ['string', 'number', 'boolean'].includes(typeof value) && String(value).length <= 120;
}
