// Converts names in kubectl's notation to ids of the graph: `deploy/frontend`, `pod redis-0`, `Pod:shop/redis-0`.
import { findKind } from '../master/kinds/index.ts';
import { decodedId, parseId, resourceId } from '../src/ids.ts';
import type { Resource } from '../src/model.ts';
import { alikeHint } from './alike.ts';
import { exitStatus, Failure, notThere, usageFailure } from './failure.ts';
import type { GraphAnswer } from './forms.ts';
import { checkLooked } from './sources/gaps.ts';
import { jsonOf, pathOf, type Source, usualNames } from './sources/source.ts';

/** One resource: an id, or a type and name that need a namespace. */
export interface Name {
  readonly said: string;
  readonly type: string;
  readonly name: string;
  /** It is an id: its name includes the namespace. */
  readonly whole: boolean;
}

export interface Words {
  /** Types without a name: all resources of these types. */
  readonly types: readonly string[];
  readonly names: readonly Name[];
}

/** Types of kubectl's `all`. */
const usualTypes = ['pods', 'replicationcontrollers', 'services', 'daemonsets', 'deployments', 'replicasets'].concat([
  'statefulsets',
  'horizontalpodautoscalers',
  'cronjobs',
  'jobs',
]);

/** `pods,svc`, `pod redis-0 redis-1`, `deploy/frontend svc/frontend`, `pod/a,svc/b`, `Pod:shop/redis-0`, `all`. */
export function readWords(words: readonly string[]): Words {
  const [first, ...rest] = words.map(decodedId).flatMap(namesIn);
  if (first === undefined) return { types: [], names: [] };
  if (isType(first) && rest.length > 0) {
    if (first.includes(',')) throw usageFailure(`${first} ${rest[0]}: one type goes with names, or write TYPE/NAME`);
    return { types: [], names: rest.map((name) => nameOf(`${first}/${name}`)) };
  }
  if (isType(first))
    return { types: first.split(',').flatMap((type) => (type === 'all' ? usualTypes : type)), names: [] };
  return { types: [], names: [first, ...rest].map(nameOf) };
}

/** Splits names at commas; a list of types stays whole. */
function namesIn(word: string): readonly string[] {
  const parts = word.split(',');
  return parts.length > 1 && parts.every((part) => /^[^/:]+[/:]./.test(part)) ? parts : [word];
}

function isType(word: string): boolean {
  return !/[/:]/.test(word);
}

export function nameOf(typed: string): Name {
  const said = decodedId(typed);
  const mark = /[/:]/.exec(said);
  const type = said.slice(0, mark?.index);
  const name = mark === null ? '' : said.slice(mark.index + 1);
  if (type === '' || name === '')
    throw usageFailure(`${said} names no resource: write TYPE/NAME, or an id such as Pod:shop/redis-0`);
  return { said, type, name, whole: mark?.[0] === ':' };
}

/** Namespaces in the ids; for other names they come from options. Undefined if one is cluster-scoped. */
export function namespacesSaid(names: readonly Name[], { clusterScoped, find }: Source['names']): string[] | undefined {
  const ids = names.map((each) => ({ ...each, type: find(each.type) ?? each.type }));
  if (ids.some(({ type, name, whole }) => clusterScoped(type) || (whole && !name.includes('/')))) return undefined;
  return ids.flatMap(({ whole, name }) => (whole ? [name.slice(0, name.indexOf('/'))] : []));
}

/**
 * The type in the graph's notation. Types that are unknown here or shared by several groups are passed on for the source to
 * resolve.
 */
export async function typeOf(source: Source, said: string): Promise<string> {
  const known = source.names.find(said);
  if (known !== undefined && isSure(source, said, known)) return known;
  const path = pathOf(`/cluster/resources/${encodeURIComponent(said)}`, { properties: 'false' });
  const { resources } = await jsonOf<{ resources: readonly Resource[] }>(source, path);
  const [type = known ?? said, ...others] = new Set(resources.map((each) => each.type));
  return others.length === 0 ? type : said;
}

/**
 * Only the usual kinds of a master are known here: another group may serve the same name, except for built-in kinds and
 * parts of Pods.
 */
function isSure({ names }: Source, said: string, known: string): boolean {
  if (names !== usualNames || (known.includes('.') && known.toLowerCase() === said.toLowerCase())) return true;
  return !known.includes('.') && (findKind(known) !== undefined || known === 'Container' || known === 'Process');
}

/**
 * The id of a name; ids are returned unchanged.
 * @throws Failure that tells where else it exists, or which groups share the name.
 */
export async function idOf(source: Source, name: Name, namespace: string | undefined): Promise<string> {
  const type = await typeOf(source, name.type);
  if (name.whole) return resourceId(type, name.name);
  const where = namespace ?? source.namespace;
  const { places, completeness } = await placesOf(source, type, name.name);
  if (places.some((id) => parseId(id).type !== type))
    throw usageFailure(`${type} may be of several groups: there is ${places.slice(0, 3).join(', ')}: give the id`);
  const wanted = [...(where ? [resourceId(type, name.name, where)] : []), resourceId(type, name.name)];
  const found =
    wanted.find((id) => places.includes(id)) ?? (where === undefined && places.length === 1 ? places[0] : undefined);
  if (found !== undefined) return found;
  if (places.length === 0) checkLooked({ completeness }, [type], where === undefined ? '' : ` in namespace ${where}`);
  throw absence(type, name.name, where, places, await hintFor(source, { type, name: name.name, where, places }));
}

/** Ids of all resources with the name, in any namespace. A container's name is the last part of `redis-0/redis`. */
async function placesOf(source: Source, type: string, name: string) {
  let completeness: GraphAnswer['completeness'];
  for (const last of new Set([name, name.slice(name.lastIndexOf('/') + 1)])) {
    const query = { fieldSelector: `metadata.name=${last.replace(/[\\,=]/g, '\\$&')}`, properties: 'false' };
    const path = pathOf(`/cluster/resources/${encodeURIComponent(type)}`, query);
    const answer = await jsonOf<Omit<GraphAnswer, 'relations'>>(source, path);
    ({ completeness = completeness } = answer);
    const places = answer.resources.map(({ id }) => id).filter((id) => `/${parseId(id).path}`.endsWith(`/${name}`));
    if (places.length > 0) return { places, completeness };
  }
  return { places: [], completeness };
}

interface Sought {
  readonly type: string;
  readonly name: string;
  readonly where: string | undefined;
  readonly places: readonly string[];
}

async function hintFor(source: Source, { type, name, where, places }: Sought): Promise<string> {
  return places.length > 0 ? '' : alikeHint(source, { type, name, namespace: where });
}

function absence(
  type: string,
  name: string,
  namespace: string | undefined,
  places: readonly string[],
  hint: string,
): Failure {
  if (namespace === undefined && places.length > 1)
    return new Failure(
      exitStatus.usage,
      `${type} ${name} is in several namespaces: say which with -n, or as ${places.slice(0, 3).join(', ')}`,
    );
  const where = namespace === undefined ? '' : ` in namespace ${namespace}`;
  const others = places.length === 0 ? hint : `; there is ${places.slice(0, 3).join(', ')}: say -n, or give the id`;
  return notThere(`no ${type} ${name}${where}${others}`);
}
