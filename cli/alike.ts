// Suggestions for a missing resource: names with that start, and similar spellings.
import { parseId } from '../src/ids.ts';
import type { Resource } from '../src/model.ts';
import { nearest } from '../src/nearest.ts';
import { jsonOf, pathOf, type Source } from './sources/source.ts';

interface Wanted {
  readonly type: string;
  readonly name: string;
  readonly namespace: string | undefined;
}

interface Hits {
  readonly resources: readonly { readonly id: string; readonly match: { readonly rank: string } }[];
}

const most = 3;
/** Names that one is compared with. */
const mostCompared = 1000;

/** The end of a sentence; empty where nothing comes near, and where the source cannot say. */
export async function alikeHint(source: Source, wanted: Wanted): Promise<string> {
  const { namespace } = wanted;
  const near = await quietly(alike(source, wanted));
  if (near.length > 0) return meant(near);
  const others = await quietly(ofOtherTypes(source, wanted));
  if (others.length > 0 || namespace === undefined) return there(others);
  // Of other namespaces only what is spelled like it is worth more than what is there.
  const few = await quietly(inNamespace(source, { ...wanted, namespace }));
  return few.length > 0 ? there(few) : meant(await quietly(alike(source, { ...wanted, namespace: undefined })));
}

/** A source that cannot say has no suggestion. */
function quietly(asked: Promise<readonly string[]>): Promise<readonly string[]> {
  return asked.catch(() => []);
}

function meant(ids: readonly string[]): string {
  return ids.length > 0 ? `; did you mean ${ids.join(', ')}?` : '';
}

function there(ids: readonly string[]): string {
  return ids.length > 0 ? `; there ${ids.length > 1 ? 'are' : 'is'} ${ids.join(', ')}` : '';
}

/** What is of that type, if it is few. */
async function inNamespace(source: Source, { type, namespace }: Wanted): Promise<readonly string[]> {
  const query = { namespace, properties: 'false', missing: 'false', limit: String(most + 1) };
  const path = pathOf(`/cluster/resources/${encodeURIComponent(type)}`, query);
  const { resources } = await jsonOf<{ readonly resources: readonly Resource[] }>(source, path);
  return resources.length > most ? [] : resources.map(({ id }) => id);
}

/** Exactly that name in the namespace. */
async function ofOtherTypes(source: Source, { name, namespace }: Wanted): Promise<readonly string[]> {
  const query = { q: name, namespace, type: '!Container,!Process', limit: '20' };
  const { resources } = await jsonOf<Hits>(source, pathOf('/cluster/search', query));
  return resources.flatMap(({ id }) => (lastOf(id) === name ? [id] : [])).slice(0, most);
}

async function alike(source: Source, { type, name, namespace }: Wanted): Promise<readonly string[]> {
  const { resources } = await jsonOf<Hits>(
    source,
    pathOf('/cluster/search', { q: name, type, namespace, limit: String(most) }),
  );
  const found = resources.filter(({ match }) => match.rank !== 'part').map(({ id }) => id);
  if (found.length > 0) return found;
  // Short names, and those whose first letter is wrong, are found by no index.
  const query = { namespace, properties: 'false', missing: 'false', limit: String(mostCompared) };
  const path = pathOf(`/cluster/resources/${encodeURIComponent(type)}`, query);
  const all = await jsonOf<{ readonly resources: readonly Resource[] }>(source, path);
  const byName = new Map(all.resources.map(({ id }) => [lastOf(id), id]));
  const meant = nearest(name, byName.keys());
  return meant === undefined ? [] : [byName.get(meant) ?? meant];
}

function lastOf(id: string): string {
  const { path } = parseId(id);
  return path.slice(path.lastIndexOf('/') + 1);
}
