// All that a caller may see, found by asking the API server: what they may list everywhere first, then, for the rest,
// what they may list in each namespace. The outcome is plain data with a key: callers with the same key see the same.
//
// What is asked is fixed by the caller's rights alone. A namespace that they may not look into adds a few refused
// questions and nothing else, so that nothing they are shown depends on whether it exists.
import { fault } from '../../../src/errors.ts';
import type { AccessReview, Question } from './access-review.ts';
import type { Caller } from './authenticator.ts';
import type { Candidates } from './candidates.ts';

/** A kind that is read, as far as rights are concerned. */
export interface ReadKind {
  readonly type: string;
  readonly group: string;
  readonly plural: string;
  readonly namespaced: boolean;
}

export interface Place {
  readonly type: string;
  /** The empty string outside of namespaces. */
  readonly namespace: string;
  readonly id: string;
}

export interface Rights {
  /** Nothing is hidden. */
  readonly everything: boolean;
  readonly key: string;
  sees(place: Place): boolean;
  /** Whether all of a type may be seen, some of it or none. */
  extentOf(type: string): 'all' | 'some' | 'none';
  /** The namespaces that it reaches into one by one. */
  readonly reach: ReadonlySet<string>;
}

export interface World {
  readonly kinds: readonly ReadKind[];
  readonly namespaces: readonly string[];
}

/** By type: everywhere, or the namespaces where it may be seen. */
type Grants = ReadonlyMap<string, '*' | ReadonlySet<string>>;

/**
 * Who may list one of these in a namespace, and not everywhere, is asked about everything in it. Who may list none of them is not: a cluster
 * of hundreds of namespaces and sixty kinds would take tens of thousands of questions for everybody who sees little.
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

/** Beyond this many a review would take longer than its answers hold. */
const mostQuestions = 6000;
const wildcard: Question = { verb: '*', group: '*', resource: '*' };
/** Processes are seen by those who may run `ps` in the container. */
const exec = { verb: 'create', group: '', resource: 'pods', subresource: 'exec' } as const;

export const seesEverything: Rights = {
  everything: true,
  key: '*',
  sees: () => true,
  extentOf: () => 'all',
  reach: new Set(),
};

/** @throws Fault `unavailable` where nobody can say now, or rights are too scattered to be asked for. */
export async function rightsOf(
  caller: Caller,
  world: World,
  review: AccessReview,
  candidates: Pick<Candidates, 'of'> = everyNamespace,
): Promise<Rights> {
  const may: May = (question) => review.allows(caller, question);
  if (await may(wildcard)) return seesEverything;
  const grants = await everywhere(world, may);
  // Whoever may list every kind everywhere sees the cluster as it is read here: a copy would hide processes alone.
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
  /** The namespaces in which the caller may have rights of their own. */
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

/** What follows what: the parts of a Pod are seen with it; the rest is seen as what it is. */
export function fromGrants(grants: Grants): Rights {
  const pods = grants.get('Pod');
  const has = (grant: '*' | ReadonlySet<string> | undefined, name: string) =>
    grant === '*' || (grant?.has(name) ?? false);
  const all = (...types: string[]) => types.every((type) => grants.get(type) === '*');
  const special: { readonly [type: string]: (place: Place) => boolean } = {
    Cluster: () => true,
    Namespace: ({ id }) => has(grants.get('Namespace'), id.slice('Namespace:'.length)),
    // One outside of any Pod is the node's.
    Container: ({ namespace }) => (namespace === '' ? all('Pod', 'Node') : has(pods, namespace)),
    Process: ({ namespace }) =>
      namespace === '' ? all('Pod', 'Node', 'Process') : has(pods, namespace) && has(grants.get('Process'), namespace),
    // A Node's status lists its images; others see an image as their own containers tell of it.
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
