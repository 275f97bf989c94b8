// Annotations computed from a resource and its relations. At the end of a transaction they are recomputed for touched
// resources and for dependents of values that changed, so the cost follows the change.
// A derivation must be a function of the graph alone, so that incremental equals rebuilt, and dependencies between values
// must not form a cycle.
import type { Claim, Edge, Vertex } from '../model/vertex.ts';
import type { Presence } from './json.ts';
import type { Transaction } from './transaction.ts';

/** What a derivation may ask of the graph besides the vertex and its relations. */
export interface Surroundings {
  standingOf(vertex: Vertex): Presence;
  /** Whether everything of that type there is known. */
  isKnown(type: string, namespace: string): boolean;
  claimsOf(edge: Edge): readonly Claim[];
}

export type Derived = 'health' | 'application';

export interface Derivation<Name extends Derived = Derived> {
  readonly annotation: Name;
  /** For a present vertex. Return the same object for an equal value where possible. */
  of(vertex: Vertex, around: Surroundings): Vertex[Name];
  same(a: NonNullable<Vertex[Name]>, b: NonNullable<Vertex[Name]>): boolean;
  /** May run after the initial list, since nothing is served before that. */
  readonly mayWait?: boolean;
  /** False for vertices that can have no value; nothing else is asked about them. */
  concerns?(vertex: Vertex): boolean;
  /** Vertices whose value may depend on that of `vertex`. */
  dependents(vertex: Vertex): Iterable<Vertex>;
  /** Relation types that affect vertices below their targets even if the targets' values stay. */
  readonly descendsOver?: readonly string[];
  beyond?(vertex: Vertex): Iterable<Vertex>;
  /** By kind: types whose value may change when the kind's completeness changes. */
  readonly restsOnKinds: { readonly [kind: string]: readonly string[] };
}

export interface Derivations {
  /** Starts derivations that waited. Whether there were any. */
  begin(): boolean;
  /** Whether the vertex still waits for a derivation. */
  isOpen(vertex: Vertex): boolean;
  /** Recomputes what depends on touched vertices and calls `changed` before a value changes. */
  renew(done: Transaction, changed: (vertex: Vertex) => void): void;
  /** Types whose values depend on the completeness of the kind. */
  restingOn(kind: string): Iterable<string>;
  /** Number of resources by type and health. */
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

  /** Whether the value changed. */
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
    renew({ vertices, steady, relinked, heads }, changed) {
      for (const derivation of active) {
        const open = new Set<Vertex>();
        const look = (vertex: Vertex) => {
          if (vertex[derivation.annotation] !== undefined || (derivation.concerns?.(vertex) ?? true)) open.add(vertex);
        };
        for (const vertex of vertices) if (!steady.has(vertex)) look(vertex);
        relinked.forEach(look);
        for (const vertex of heads) for (const other of derivation.beyond?.(vertex) ?? []) look(other);
        // The loop also visits vertices added during iteration.
        for (const vertex of open) {
          open.delete(vertex);
          if (!renewOne(derivation, vertex, changed)) continue;
          for (const other of derivation.dependents(vertex)) look(other);
        }
      }
    },
  };
}
