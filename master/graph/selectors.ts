// Claims about sets: which objects a selector matches, and which selectors an object's labels match. Both ways are
// answered by an index, so that neither a new selector nor a relabelled Pod looks at more than it could concern.
import type { End, KindEnd, LabelsEnd, Namespaces } from '../relations/relation.ts';
import type { CompiledSelector } from './label-selector.ts';
import { compileSelector } from './label-selector.ts';
import type { Claim, Labels, Vertex } from './vertex.ts';

/** What is asked of the graph: the present vertices of a type, by namespace, and the labels of Namespaces. */
export interface Membership {
  in(type: string, namespace: string): Iterable<Vertex>;
  namespacesOf(type: string): Iterable<string>;
  labelsOfNamespace(namespace: string): Labels | undefined;
}

export interface Selectors {
  add(claim: Claim): void;
  remove(claim: Claim): void;
  /** What the claim matches now. */
  matchesOf(claim: Claim): Set<Vertex>;
  /** Claims that match the vertex now. */
  claimsFor(vertex: Vertex): Claim[];
  /** Claims that choose namespaces by label, and so depend on the labels of Namespaces. */
  byNamespaceLabels(): Iterable<Claim>;
  typeOf(claim: Claim): string;
  /** Keeps the index of labels: a vertex is taken in with its labels, and taken out with the same. */
  enter(vertex: Vertex): void;
  leave(vertex: Vertex): void;
}

type SetEnd = LabelsEnd | KindEnd;

interface Compiled {
  readonly end: SetEnd;
  readonly selector: CompiledSelector;
  readonly namespaceSelector: CompiledSelector | undefined;
}

/** Claims by one label pair that they demand; those that demand none are under `rest`. */
interface Bucket {
  readonly byPair: Map<string, Map<string, Set<Claim>>>;
  readonly rest: Set<Claim>;
}

/** namespace -> key -> value -> vertices. */
type LabelIndex = Map<string, Map<string, Map<string, Set<Vertex>>>>;

const everywhere = '*';
const everything: CompiledSelector = compileSelector({});

export function setEndOf(source: End | undefined, target: End | undefined): SetEnd | undefined {
  for (const end of [source, target]) if (end?.by === 'labels' || end?.by === 'kind') return end;
  return undefined;
}

export function createSelectors(graph: Membership): Selectors {
  const compiled = new Map<Claim, Compiled>();
  const buckets = new Map<string, Map<string, Bucket>>();
  const indexes = new Map<string, LabelIndex>();
  const choosing = new Set<Claim>();

  function compile(claim: Claim): Compiled {
    const end = setEndOf(claim.ends?.source, claim.ends?.target) as SetEnd;
    const selector = end.by === 'labels' ? compileSelector(end.selector) : everything;
    const namespaceSelector = 'labels' in end.namespaces ? compileSelector(end.namespaces.labels) : undefined;
    return { end, selector, namespaceSelector };
  }

  function places(namespaces: Namespaces): readonly string[] {
    return 'in' in namespaces ? namespaces.in : [everywhere];
  }

  function bucketOf(type: string, place: string): Bucket {
    const ofType = getOrMake(buckets, type, () => new Map<string, Bucket>());
    return getOrMake(ofType, place, () => ({ byPair: new Map(), rest: new Set() }));
  }

  function slotOf({ end, selector }: Compiled, place: string): Set<Claim> {
    const bucket = bucketOf(end.type, place);
    const pair = selector.equals[0];
    if (!pair) return bucket.rest;
    const byValue = getOrMake(bucket.byPair, pair[0], () => new Map<string, Set<Claim>>());
    return getOrMake(byValue, pair[1], () => new Set<Claim>());
  }

  function chosen(one: Compiled, namespace: string): boolean {
    const { namespaces } = one.end;
    if ('in' in namespaces) return namespaces.in.includes(namespace);
    if (!one.namespaceSelector) return true;
    const labels = graph.labelsOfNamespace(namespace);
    return labels !== undefined && one.namespaceSelector.matches(labels);
  }

  function accepts(one: Compiled, vertex: Vertex): boolean {
    if (one.end.by === 'labels' && one.end.orphansOnly && vertex.controlled) return false;
    return one.selector.matches(vertex.labels ?? noLabels) && chosen(one, vertex.namespace);
  }

  /** The index of a type's labels, made when the first selector asks for that type. */
  function indexOf(type: string): LabelIndex {
    const known = indexes.get(type);
    if (known) return known;
    const index: LabelIndex = new Map();
    indexes.set(type, index);
    for (const namespace of graph.namespacesOf(type)) {
      for (const vertex of graph.in(type, namespace)) enterInto(index, vertex);
    }
    return index;
  }

  /** Those that could match: by one pair that the selector demands, or all. */
  function candidates({ end, selector }: Compiled, namespace: string): Iterable<Vertex> {
    const index = indexOf(end.type);
    const pair = selector.equals[0];
    if (!pair) return graph.in(end.type, namespace);
    return index.get(namespace)?.get(pair[0])?.get(pair[1]) ?? [];
  }

  function collect(bucket: Bucket | undefined, vertex: Vertex, into: Claim[]): void {
    if (!bucket) return;
    const keep = (claim: Claim) => {
      if (accepts(compiled.get(claim) as Compiled, vertex)) into.push(claim);
    };
    bucket.rest.forEach(keep);
    if (bucket.byPair.size === 0 || !vertex.labels) return;
    for (const key in vertex.labels) {
      bucket.byPair
        .get(key)
        ?.get(vertex.labels[key] as string)
        ?.forEach(keep);
    }
  }

  return {
    add(claim) {
      const one = compile(claim);
      compiled.set(claim, one);
      for (const place of places(one.end.namespaces)) slotOf(one, place).add(claim);
      if (one.namespaceSelector) choosing.add(claim);
    },
    remove(claim) {
      const one = compiled.get(claim);
      if (!one) return;
      for (const place of places(one.end.namespaces)) slotOf(one, place).delete(claim);
      prune(buckets, one, places(one.end.namespaces));
      compiled.delete(claim);
      choosing.delete(claim);
    },
    matchesOf(claim) {
      const one = compiled.get(claim) as Compiled;
      const found = new Set<Vertex>();
      const { namespaces } = one.end;
      for (const namespace of 'in' in namespaces ? namespaces.in : graph.namespacesOf(one.end.type)) {
        if (!chosen(one, namespace)) continue;
        for (const vertex of candidates(one, namespace)) if (accepts(one, vertex)) found.add(vertex);
      }
      return found;
    },
    claimsFor(vertex) {
      const ofType = buckets.get(vertex.type);
      const found: Claim[] = [];
      if (!ofType) return found;
      collect(ofType.get(vertex.namespace), vertex, found);
      collect(ofType.get(everywhere), vertex, found);
      return found;
    },
    byNamespaceLabels: () => choosing,
    typeOf: (claim) => (compiled.get(claim) as Compiled).end.type,
    enter(vertex) {
      const index = indexes.get(vertex.type);
      if (index) enterInto(index, vertex);
    },
    leave(vertex) {
      const index = indexes.get(vertex.type);
      if (index) leaveFrom(index, vertex);
    },
  };
}

const noLabels: Labels = {};

function getOrMake<K, V>(map: Map<K, V>, key: K, make: () => V): V {
  const known = map.get(key);
  if (known !== undefined) return known;
  const made = make();
  map.set(key, made);
  return made;
}

function enterInto(index: LabelIndex, vertex: Vertex): void {
  if (!vertex.labels) return;
  const byKey = getOrMake(index, vertex.namespace, () => new Map<string, Map<string, Set<Vertex>>>());
  for (const key in vertex.labels) {
    const byValue = getOrMake(byKey, key, () => new Map<string, Set<Vertex>>());
    getOrMake(byValue, vertex.labels[key] as string, () => new Set<Vertex>()).add(vertex);
  }
}

function leaveFrom(index: LabelIndex, vertex: Vertex): void {
  const byKey = index.get(vertex.namespace);
  if (!byKey || !vertex.labels) return;
  for (const key in vertex.labels) {
    const byValue = byKey.get(key);
    const value = vertex.labels[key] as string;
    const vertices = byValue?.get(value);
    vertices?.delete(vertex);
    if (vertices?.size === 0) byValue?.delete(value);
    if (byValue?.size === 0) byKey.delete(key);
  }
  if (byKey.size === 0) index.delete(vertex.namespace);
}

/** Lets go of buckets that hold nothing any more, so that namespaces that come and go leave nothing behind. */
function prune(buckets: Map<string, Map<string, Bucket>>, one: Compiled, places: readonly string[]): void {
  const ofType = buckets.get(one.end.type);
  const pair = one.selector.equals[0];
  for (const place of places) {
    const bucket = ofType?.get(place);
    if (!bucket) continue;
    if (pair) {
      const byValue = bucket.byPair.get(pair[0]);
      if (byValue?.get(pair[1])?.size === 0) byValue.delete(pair[1]);
      if (byValue?.size === 0) bucket.byPair.delete(pair[0]);
    }
    if (bucket.byPair.size === 0 && bucket.rest.size === 0) ofType?.delete(place);
  }
}
