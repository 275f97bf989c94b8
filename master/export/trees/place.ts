// Finds the parent of each object.
import type { TreeEntry } from './entry.ts';

/** Children by UID, sorted, and sorted roots. */
export interface Forest {
  readonly roots: readonly TreeEntry[];
  readonly children: ReadonlyMap<string, readonly TreeEntry[]>;
}

/** Real owner chains are shorter; deeper objects become roots. */
const deepest = 32;

export function forestOf(entries: readonly TreeEntry[]): Forest {
  // If two share a UID, which no API server allows, the first in order wins.
  const byUid = new Map<string, TreeEntry>();
  for (const entry of entries.toSorted(inOrder)) if (!byUid.has(entry.uid)) byUid.set(entry.uid, entry);
  const parentOf = createParents([...byUid.values()], byUid);
  const parents = new Map<string, string>();
  for (const entry of byUid.values()) {
    const parent = parentOf(entry);
    if (parent !== undefined && !isBelow(parent, entry.uid, parents)) parents.set(entry.uid, parent);
  }
  const roots: TreeEntry[] = [];
  const children = new Map<string, TreeEntry[]>();
  for (const entry of byUid.values()) {
    const parent = parents.get(entry.uid);
    const siblings = parent === undefined ? roots : (children.get(parent) ?? []);
    siblings.push(entry);
    if (parent !== undefined) children.set(parent, siblings);
  }
  return { roots, children };
}

/** By kind, namespace, name and UID, in code units: locale-independent. */
function inOrder(a: TreeEntry, b: TreeEntry): number {
  for (const key of ['kind', 'namespace', 'name', 'uid'] as const)
    if (a[key] !== b[key]) return a[key] < b[key] ? -1 : 1;
  return a.number - b.number;
}

/** Whether `uid` is above `from`, or the chain is too long: owners may form a cycle. */
function isBelow(from: string, uid: string, parents: ReadonlyMap<string, string>): boolean {
  let at: string | undefined = from;
  for (let steps = 0; at !== undefined; steps++, at = parents.get(at)) if (at === uid || steps > deepest) return true;
  return false;
}

function createParents(entries: readonly TreeEntry[], byUid: ReadonlyMap<string, TreeEntry>) {
  const builtIn = entries.filter((entry) => entry.builtIn);
  const services = namedIn(builtIn.filter(({ kind }) => kind === 'Service').map((one) => [keyOf(one), one] as const));
  const claims = namedIn(
    builtIn.flatMap((one) =>
      (one.templates ?? []).map((template) => [`${one.namespace}/${template}-${one.name}`, one] as const),
    ),
  );
  return ({ owners, kind, uid, namespace, name, claim, builtIn: own }: TreeEntry): string | undefined => {
    const owner = owners.find((each) => each !== uid && byUid.has(each));
    if (owner !== undefined || owners.length > 0 || !own) return owner;
    if (kind === 'Endpoints') return services(keyOf({ namespace, name }));
    if (kind === 'PersistentVolume') return boundTo(claim ?? name.replace(/^pvc-/, ''), byUid);
    if (kind === 'PersistentVolumeClaim') {
      const [, base] = /^(.+)-(?:0|[1-9]\d*)$/.exec(name) ?? [];
      return base === undefined ? undefined : claims(`${namespace}/${base}`);
    }
    return undefined;
  };
}

function boundTo(claim: string, byUid: ReadonlyMap<string, TreeEntry>): string | undefined {
  return byUid.get(claim)?.kind === 'PersistentVolumeClaim' ? claim : undefined;
}

function keyOf({ namespace, name }: { readonly namespace: string; readonly name: string }): string {
  return `${namespace}/${name}`;
}

/** UIDs by name; undefined for ambiguous names. */
function namedIn(pairs: readonly (readonly [string, TreeEntry])[]): (name: string) => string | undefined {
  const found = new Map<string, string | undefined>();
  for (const [name, { uid }] of pairs) found.set(name, found.has(name) && found.get(name) !== uid ? undefined : uid);
  return (name) => found.get(name);
}
