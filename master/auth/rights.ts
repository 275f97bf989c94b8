// All that a caller may see, found by asking the API server: what they may list everywhere first, then, for the rest,
// what they may list in each namespace. The outcome is plain data with a key: callers with the same key see the same.
//
// What is asked is fixed by the caller's rights alone. A namespace that they may not look into adds a few refused
// questions and nothing else, so that nothing they are shown depends on whether it exists.
import { fault } from '../../src/errors.ts';
import type { AccessReview, Question } from './access-review.ts';
import type { Caller } from './authenticator.ts';

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

/** Beyond this many a review would take longer than its answers hold. */
const mostQuestions = 6000;
const wildcard: Question = { verb: '*', group: '*', resource: '*' };
/** What may be seen by somebody who may run `ps` in a container. */
const exec = { verb: 'create', group: '', resource: 'pods', subresource: 'exec' } as const;

export const seesEverything: Rights = {
  everything: true,
  key: '*',
  sees: () => true,
  extentOf: () => 'all',
};

/** @throws Fault `unavailable` where nobody can say now, or rights are too scattered to be asked for. */
export async function rightsOf(caller: Caller, { kinds, namespaces }: World, review: AccessReview): Promise<Rights> {
  if (await review.allows(caller, wildcard)) return seesEverything;
  const may = (question: Question) => review.allows(caller, question);
  const grants = new Map<string, '*' | Set<string>>();
  const everywhere = await Promise.all(kinds.map((kind) => may(listOf(kind))));
  kinds.forEach((kind, i) => void (everywhere[i] && grants.set(kind.type, '*')));
  const rest = kinds.filter((kind) => kind.namespaced && !grants.has(kind.type));
  const signs = telling.filter(
    ({ group, resource }) =>
      !kinds.some((kind) => kind.group === group && kind.plural === resource && grants.has(kind.type)),
  );
  const inside = await filtered(namespaces, (namespace) => looksInto(namespace, signs, may));
  if (rest.length * inside.length > mostQuestions)
    throw fault('unavailable', {
      reason: `${inside.length} namespaces are too many to be asked about one by one; a grant for all of them is needed`,
    });
  const ask = async (type: string, namespace: string, question: Question) => {
    if (!(await may(question))) return;
    const known = grants.get(type) ?? new Set<string>();
    if (known !== '*') grants.set(type, known.add(namespace));
  };
  const asked = inside.flatMap((namespace) => [
    ...rest.map((kind) => ask(kind.type, namespace, { ...listOf(kind), namespace })),
    ask('Namespace', namespace, { verb: 'get', group: '', resource: 'namespaces', namespace, name: namespace }),
    ask('Process', namespace, { ...exec, namespace }),
  ]);
  if (await may(exec)) grants.set('Process', '*');
  await Promise.all(asked);
  return fromGrants(grants);
}

function listOf({ group, plural }: ReadKind): Question & { readonly resource: string } {
  return { verb: 'list', group, resource: plural };
}

async function looksInto(
  namespace: string,
  signs: readonly { readonly group: string; readonly resource: string }[],
  may: (question: Question) => Promise<boolean>,
): Promise<boolean> {
  for (const each of signs) if (await may({ verb: 'list', ...each, namespace })) return true;
  return false;
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
  };
}

function byType([a = '']: readonly unknown[], [b = '']: readonly unknown[]): number {
  return String(a) < String(b) ? -1 : 1;
}
