// Suggestions for an unknown id or type, added to the error if something similar exists.
import { setImmediate as nextRound, setTimeout as sleep } from 'node:timers/promises';
import { Fault } from '../../src/errors.ts';
import type { Server } from '../../src/http/server.ts';
import { distance, mostWrong, nearest } from '../../src/nearest.ts';
import type { SearchOptions } from '../graph/kept/search-index.ts';
import type { Vertex } from '../graph/model/vertex.ts';
import { turns } from '../turns.ts';
import type { RouteContext } from './route.ts';

/** Rounds of the event loop count, too: a process that gets no processor for a while has not tried for long. */
const patience = { ms: 300, rounds: 20 };
/** Ids and types that are named. */
const most = 3;
/** Names that one is compared with. */
const mostCompared = 5000;
/** A bare name never means these. */
const parts: ReadonlySet<string> = new Set(['Container', 'Process', 'EndpointSlice']);

type Context = Pick<RouteContext, 'graph' | 'indexes' | 'typesNamed'>;

/** Errors of routes that are registered behind it say what may have been meant. */
export function suggestWhatWasMeant(app: Server, context: Context): void {
  app.setErrorHandler(async (error, request) => {
    if (error instanceof Fault) error.message += await hintFor(error, context, request.signal).catch(() => '');
    throw error;
  });
}

/** The end of its sentence. */
async function hintFor({ code, facts }: Fault, context: Context, signal: AbortSignal): Promise<string> {
  if (code === 'unknown_type') return typeHint(String(facts['type']), context, signal);
  if (code === 'bad_parameter' && facts['name'] !== undefined)
    return question(await idsCalled(String(facts['name']), context, signal));
  if (code !== 'unknown_id') return '';
  const [type, name] = [String(facts['type']), String(facts['id'])];
  if (context.typesNamed(type).length > 0 || isType(type, context)) {
    const like = await idsLike(type, name, context, signal);
    return like.length > 0
      ? question(like)
      : ofOtherTypes(await idsCalled(name.slice(name.lastIndexOf('/') + 1), context, signal));
  }
  const types = typesLike(type, context);
  return question(types.map((each) => `${each}:${name}`).filter((each) => context.graph.get(each)?.version));
}

function ofOtherTypes(ids: readonly string[]): string {
  return ids.length > 0 ? `; there is ${ids.join(', ')}` : '';
}

/** Types of the API that are not resources here. */
const typesInstead: ReadonlyMap<string, string> = new Map([
  ['endpoints', 'Endpoints are not read; use endpointslices'],
  ['ep', 'Endpoints are not read; use endpointslices'],
  ['componentstatuses', 'the API server no longer maintains it; /cluster/completeness shows what is read'],
  ['cs', 'the API server no longer maintains it; /cluster/completeness shows what is read'],
]);

/** People sometimes give the name of a resource instead of a type. */
async function typeHint(said: string, context: Context, signal: AbortSignal): Promise<string> {
  const types = typesLike(said, context);
  const instead = typesInstead.get(said.toLowerCase());
  if (instead !== undefined) return `: ${instead}`;
  if (types.length > 0) return question(types);
  const ids = await idsCalled(said, context, signal);
  if (ids.length > 0) return `; it is the name of ${ids.join(', ')}: give the type, too`;
  return '; a type is a kind, plural or short name, such as Pod, pods or po';
}

function question(meant: readonly string[]): string {
  return meant.length > 0 ? `; did you mean ${meant.join(', ')}?` : '';
}

function isType(type: string, { graph }: Pick<RouteContext, 'graph'>): boolean {
  return graph.order.types().some((each) => each.type === type);
}

/** Ids of the type: first those with the same name elsewhere, then those with a similar name. */
async function idsLike(type: string, path: string, context: Context, signal: AbortSignal): Promise<string[]> {
  const name = path.slice(path.lastIndexOf('/') + 1);
  const accepts = (vertex: Pick<Vertex, 'type'>) => vertex.type === type;
  const hits = await hitsFor(name, { accepts, limit: most }, context, signal);
  const found = hits.filter(({ rank }) => rank !== 'part').map(({ vertex }) => vertex.id);
  return found.length > 0 ? found : nearestIn(type, path.slice(0, Math.max(0, path.lastIndexOf('/'))), name, context);
}

/** A short name, or one whose first letter is wrong: those are in no index. */
function nearestIn(type: string, namespace: string, name: string, { graph }: Context): string[] {
  const members = graph.members(type, namespace)[Symbol.iterator]() as Iterator<Vertex>;
  const byName = new Map(
    Iterator.from(members)
      .take(mostCompared)
      .map((vertex) => [vertex.name, vertex.id] as const),
  );
  const meant = nearest(name, byName.keys());
  return meant === undefined ? [] : [byName.get(meant) ?? ''];
}

/** Whatever has that name. */
async function idsCalled(name: string, context: Context, signal: AbortSignal): Promise<string[]> {
  const accepts = (vertex: Pick<Vertex, 'type' | 'name'>) => vertex.name === name && !parts.has(vertex.type);
  const hits = await hitsFor(name, { accepts, limit: most }, context, signal);
  return hits.map(({ vertex }) => vertex.id);
}

async function hitsFor(name: string, options: SearchOptions, { indexes }: Context, signal: AbortSignal) {
  // If the index is still being built, only later requests get hints.
  const index = await Promise.race([indexes.search(), outOfPatience()]);
  return index ? (await turns.run(index.find(name, options), signal)).hits : [];
}

async function outOfPatience(): Promise<undefined> {
  await sleep(patience.ms, undefined, { ref: false });
  for (let round = 0; round < patience.rounds; round++) await nextRound(undefined, { ref: false });
}

/** Types of the graph that are written nearly so, in any case, singular or plural; and those that a short name with an s means. */
export function typesLike(name: string, { graph, typesNamed }: Pick<RouteContext, 'graph' | 'typesNamed'>): string[] {
  const asked = name.toLowerCase();
  const near = graph.order.types().map(({ type }) => {
    const kind = (type.split('.', 1)[0] ?? type).toLowerCase();
    const forms = [kind, `${kind}s`, `${kind}es`, kind.replace(/y$/, 'ies'), type.toLowerCase()];
    return { type, distance: Math.min(...forms.map((form) => distance(asked, form))) };
  });
  const allowed = mostWrong(asked);
  const found = near.filter((each) => each.distance <= allowed).sort((a, b) => a.distance - b.distance);
  const types = found.slice(0, most).map(({ type }) => type);
  if (types.length > 0) return types;
  // A short name with an s, or a name with a version or group that it is not served in.
  const bare = asked.split('.', 1)[0] ?? asked;
  return [...typesNamed(asked.replace(/e?s$/, '')), ...(bare === asked ? [] : typesNamed(bare))].slice(0, most);
}
