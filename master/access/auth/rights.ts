// Determines a caller's rights through the API server: first what they may list everywhere, then the rest by namespace. The
// result is plain data with a key: equal keys mean equal visibility.
//
// The questions depend on the caller's rights only. A namespace without rights adds some refused questions and nothing
// else, so what a caller sees does not depend on whether it exists.
import { fault } from '../../../src/errors.ts';
import type { AccessReview, Question } from './access-review.ts';
import type { Caller } from './authenticator.ts';
import type { Candidates } from './candidates.ts';

/** A kind that is read, with the fields that rights need. */
export interface ReadKind {
  readonly type: string;
  readonly group: string;
  readonly plural: string;
  readonly namespaced: boolean;
}

export interface Place {
  readonly type: string;
  /** Empty for cluster-scoped. */
  readonly namespace: string;
  readonly id: string;
}

export interface Rights {
  /** Nothing is hidden. */
  readonly everything: boolean;
  readonly key: string;
  sees(place: Place): boolean;
  /** Whether all, some or none of a type is visible. */
  extentOf(type: string): 'all' | 'some' | 'none';
  /** The namespaces with rights of their own. */
  readonly reach: ReadonlySet<string>;
}

export interface World {
  readonly kinds: readonly ReadKind[];
  readonly namespaces: readonly string[];
}

/** By type: everywhere, or the namespaces where it is visible. */
type Grants = ReadonlyMap<string, '*' | ReadonlySet<string>>;

/**
 * A caller who may list one of these in a namespace, and not everywhere, is asked about everything in it. Others are not:
 * in a cluster with hundreds of namespaces and sixty kinds that would take tens of thousands of questions per caller.
 */
const telling = [
  { group: '', resource: 'pods' },
  { group: '', resource: 'services' },
  { group: '', resource: 'configmaps' },
  { group: 'apps', resource: 'deployments' },
  { group: 'batch', resource: 'jobs' },
  { group: 'networking.k8s.io', resource: 'ingresses' },
  { group: '', resource: 'serviceaccounts' },
  { group: '', resource: 'persistentvolumeclaims' },
  { group: '', resource: 'secrets' },
  { group: 'rbac.authorization.k8s.io', resource: 'roles' },
] as const;

interface Sign {
  readonly group: string;
  readonly resource: string;
}

/** More questions would take longer than their answers are valid. */
const mostQuestions = 6000;
const wildcard: Question = { verb: '*', group: '*', resource: '*' };
/** Processes are visible to those who may run `ps` in the container. */
const exec = { verb: 'create', group: '', resource: 'pods', subresource: 'exec' } as const;

export const seesEverything: Rights = {
  everything: true,
  key: '*',
  sees: () => true,
  extentOf: () => 'all',
  reach: new Set(),
};

/** @throws Fault `unavailable` if it cannot be determined now, or if rights are too scattered to ask. */
export async function rightsOf(
  caller: Caller,
  world: World,
  review: AccessReview,
  candidates: Pick<Candidates, 'of'> = everyNamespace,
): Promise<Rights> {
  const may: May = (question) => review.allows(caller, question);
  if (await may(wildcard)) return seesEverything;
  const grants = await everywhere(world, may);
  // A caller who may list every kind everywhere sees everything: a separate graph would hide only processes.
  if (world.kinds.length > 0 && world.kinds.every(({ type }) => grants.get(type) === '*')) return seesEverything;
  const namespaces = await candidates.of(caller, world.namespaces);
  const looksInto = (namespace: string, signs: readonly Sign[]) =>
    review.allowsOne(
      caller,
      signs.map((sign) => ({ verb: 'list', ...sign, namespace })),
    );
  await inNamespaces(grants, { kinds: world.kinds, candidates: namespaces }, may, looksInto);
  return fromGrants(grants);
}

type May = (question: Question) => Promise<boolean>;
/** Whether one of these may be listed there. */
type LooksInto = (namespace: string, signs: readonly Sign[]) => Promise<boolean>;

interface Asked {
  readonly kinds: World['kinds'];
  /** The namespaces in which the caller may have rights. */
  readonly candidates: readonly string[];
}

const everyNamespace: Pick<Candidates, 'of'> = { of: async (_caller, namespaces) => namespaces };

type Finding = Map<string, '*' | Set<string>>;

async function everywhere({ kinds }: World, may: May): Promise<Finding> {
  const grants: Finding = new Map();
  const grant = async (type: string, question: Question) => void ((await may(question)) && grants.set(type, '*'));
  await Promise.all([...kinds.map((kind) => grant(kind.type, listOf(kind))), grant('Process', exec)]);
  return grants;
}

async function inNamespaces(
  grants: Finding,
  { kinds, candidates }: Asked,
  may: May,
  looksInto: LooksInto,
): Promise<void> {
  const isOpen = (type: string) => grants.get(type) === '*';
  const open = kinds.filter(({ namespaced, type }) => namespaced && isOpen(type));
  const rest = kinds.filter(({ namespaced, type }) => namespaced && !isOpen(type));
  const isOpenSign = ({ group, resource }: Sign) =>
    open.some((kind) => kind.group === group && kind.plural === resource);
  const signs = telling.filter((sign) => !isOpenSign(sign));
  const inside = await filtered(candidates, (namespace) => looksInto(namespace, signs));
  if (rest.length * inside.length > mostQuestions)
    throw fault('unavailable', {
      reason: `${inside.length} namespaces are too many to be asked about one by one; a grant for all of them is needed`,
    });
  const ask = async (type: string, namespace: string, question: Question) => {
    if (isOpen(type) || !(await may(question))) return;
    const known = grants.get(type);
    if (known !== '*') grants.set(type, (known ?? new Set()).add(namespace));
  };
  const read = { verb: 'get', group: '', resource: 'namespaces' };
  await Promise.all([
    ...inside.flatMap((namespace) => rest.map((kind) => ask(kind.type, namespace, { ...listOf(kind), namespace }))),
    ...(isOpen('Pod') ? candidates : inside).map((namespace) => ask('Process', namespace, { ...exec, namespace })),
    ...(open.length > 0 ? candidates : inside).map((namespace) =>
      ask('Namespace', namespace, { ...read, namespace, name: namespace }),
    ),
  ]);
}

function listOf({ group, plural }: ReadKind): Question & { readonly resource: string } {
  return { verb: 'list', group, resource: plural };
}

async function filtered<T>(list: readonly T[], test: (one: T) => Promise<boolean>): Promise<T[]> {
  const kept = await Promise.all(list.map(test));
  return list.filter((_, i) => kept[i]);
}

/** Derived rights: parts of a Pod are visible with it; everything else by its own type. */
export function fromGrants(grants: Grants): Rights {
  const pods = grants.get('Pod');
  const has = (grant: '*' | ReadonlySet<string> | undefined, name: string) =>
    grant === '*' || (grant?.has(name) ?? false);
  const all = (...types: string[]) => types.every((type) => grants.get(type) === '*');
  const special: { readonly [type: string]: (place: Place) => boolean } = {
    Cluster: () => true,
    Namespace: ({ id }) => has(grants.get('Namespace'), id.slice('Namespace:'.length)),
    // A container outside of Pods belongs to the node.
    Container: ({ namespace }) => (namespace === '' ? all('Pod', 'Node') : has(pods, namespace)),
    Process: ({ namespace }) =>
      namespace === '' ? all('Pod', 'Node', 'Process') : has(pods, namespace) && has(grants.get('Process'), namespace),
    // A Node's status lists its images; others see an image as far as their containers tell.
    Image: () => all('Pod', 'Node'),
  };
  return {
    everything: false,
    key: JSON.stringify(
      [...grants].map(([type, where]) => [type, where === '*' ? '*' : [...where].sort()]).sort(byType),
    ),
    sees: (place) => special[place.type]?.(place) ?? has(grants.get(place.type), place.namespace),
    extentOf(type) {
      const grant = grants.get(type);
      if (grant === undefined) return 'none';
      return grant === '*' ? 'all' : 'some';
    },
    reach: new Set([...grants.values()].flatMap((where) => (where === '*' ? [] : [...where]))),
  };
}

function byType([a = '']: readonly unknown[], [b = '']: readonly unknown[]): number {
  return String(a) < String(b) ? -1 : 1;
}
