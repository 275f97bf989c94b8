// Annotations that are made of what a resource says of itself and of what it is related to. At the end of a transaction they
// are made again for what it touched, and for what rests on those that came out differently: a change costs what it touches.
// What a derivation makes is a function of the graph alone, so that kept equals rebuilt; where a value rests on another's, it
// may not lead back to itself.
import type { Claim, Edge, Vertex } from '../model/vertex.ts';
import type { Presence } from './json.ts';
import type { Transaction } from './transaction.ts';

/** What a derivation may ask of the graph besides the vertex and its relations. */
export interface Surroundings {
  standingOf(vertex: Vertex): Presence;
  /** Whether what is not there is known not to be there. */
  isKnown(type: string, namespace: string): boolean;
  claimsOf(edge: Edge): readonly Claim[];
}

export type Derived = 'health' | 'application';

export interface Derivation<Name extends Derived = Derived> {
  readonly annotation: Name;
  /** Of a vertex that is present. The same object for the same value, as far as that is possible. */
  of(vertex: Vertex, around: Surroundings): Vertex[Name];
  same(a: NonNullable<Vertex[Name]>, b: NonNullable<Vertex[Name]>): boolean;
  /** It may be left for after the first list, as nobody is answered before. */
  readonly mayWait?: boolean;
  /** False where it has no value, whatever it is related to, and is asked no further. */
  concerns?(vertex: Vertex): boolean;
  /** Those whose value may rest on that of the vertex. */
  dependents(vertex: Vertex): Iterable<Vertex>;
  /** Relations whose coming or going matters to what lies below their targets, though the targets' own values stay. */
  readonly descendsOver?: readonly string[];
  beyond?(vertex: Vertex): Iterable<Vertex>;
  /** By kind: the types whose value may change when all of the kind are known, or no longer. */
  readonly restsOnKinds: { readonly [kind: string]: readonly string[] };
}

export interface Derivations {
  /** Nothing waits any more. Whether something did. */
  begin(): boolean;
  /** Whether something that has waited is to be derived for the vertex. */
  isOpen(vertex: Vertex): boolean;
  /** Renews what rests on what was touched; what differs then is handed to `changed` before it changes. */
  renew(done: Transaction, changed: (vertex: Vertex) => void): void;
  /** Types whose values rest on whether all of the kind are known. */
  restingOn(kind: string): Iterable<string>;
  /** How many there are of each type in each state of health. */
  healthCounts(): ReadonlyMap<string, ReadonlyMap<string, number>>;
}

export function createDerivations(
  all: readonly Derivation[],
  around: Surroundings,
  { later = false }: { readonly later?: boolean | undefined } = {},
): Derivations {
  const healthCounts = new Map<string, Map<string, number>>();
  const waiting = later ? all.filter(({ mayWait }) => mayWait) : [];
  let active: readonly Derivation[] = all.filter((each) => !waiting.includes(each));

  function count(type: string, state: string | undefined, by: 1 | -1): void {
    if (state === undefined) return;
    let ofType = healthCounts.get(type);
    if (!ofType) healthCounts.set(type, (ofType = new Map()));
    ofType.set(state, (ofType.get(state) ?? 0) + by);
  }

  /** Whether it came out differently. */
  function renewOne(derivation: Derivation, vertex: Vertex, changed: (vertex: Vertex) => void): boolean {
    const before = vertex[derivation.annotation];
    const now = vertex.present ? derivation.of(vertex, around) : undefined;
    if (now === before || (now && before && derivation.same(now, before))) return false;
    changed(vertex);
    if (derivation.annotation === 'health') {
      count(vertex.type, vertex.health?.state, -1);
      vertex.health = now as Vertex['health'];
      count(vertex.type, vertex.health?.state, 1);
    } else vertex.application = now as Vertex['application'];
    return true;
  }

  return {
    healthCounts: () => healthCounts,
    begin() {
      active = all;
      return waiting.length > 0;
    },
    isOpen: (vertex) =>
      waiting.some((each) => vertex[each.annotation] === undefined && (each.concerns?.(vertex) ?? true)),
    *restingOn(kind) {
      for (const { restsOnKinds } of all) yield* restsOnKinds[kind] ?? [];
    },
    renew({ vertices, relinked, heads }, changed) {
      for (const derivation of active) {
        const open = new Set<Vertex>();
        const look = (vertex: Vertex) => {
          if (vertex[derivation.annotation] !== undefined || (derivation.concerns?.(vertex) ?? true)) open.add(vertex);
        };
        vertices.forEach(look);
        relinked.forEach(look);
        for (const vertex of heads) for (const other of derivation.beyond?.(vertex) ?? []) look(other);
        // What is added while a set is walked through is walked through, too.
        for (const vertex of open) {
          open.delete(vertex);
          if (!renewOne(derivation, vertex, changed)) continue;
          for (const other of derivation.dependents(vertex)) look(other);
        }
      }
    },
  };
}
