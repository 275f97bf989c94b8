// Claims about sets: which objects a selector matches, and which selectors an object's labels match. Both ways are
// answered by an index, so that neither a new selector nor a relabelled Pod or Namespace looks at more than it could
// concern.
import { itemsOf } from '../../../src/fields.ts';
import { getOrMake } from '../../../src/get-or-make.ts';
import type { LabelSelector } from '../../../src/model.ts';
import type { End, KindEnd, LabelsEnd } from '../../relations/relation.ts';
import { none } from '../model/compact.ts';
import type { CompiledSelector, Demand } from '../model/label-selector.ts';
import { compileSelector } from '../model/label-selector.ts';
import { drop, setOf } from '../model/sets.ts';
import type { Claim, Labels, Vertex } from '../model/vertex.ts';
import type { DemandIndex } from './demand-index.ts';
import { createDemandIndex, isBare, placesAt, placesFor, prune, visitFor } from './demand-index.ts';

/** What is asked of the graph: the present vertices of a type, by namespace. */
export interface Membership {
  in(type: string, namespace: string): Iterable<Vertex>;
  namespacesOf(type: string): Iterable<string>;
}

export interface Selectors {
  add(claim: Claim): void;
  remove(claim: Claim): void;
  /** What the claim matches now. */
  matchesOf(claim: Claim): Set<Vertex>;
  /** Claims that match the vertex now. */
  claimsFor(vertex: Vertex): Claim[];
  /**
   * From now on a Namespace has these labels, or is gone. Of the claims that choose namespaces by label, those that choose it
   * now and did not, or did and do not now.
   */
  rechoose(namespace: string, labels: Labels | undefined): ReadonlyMap<Claim, boolean>;
  /** What of a namespace the claim's selector matches, whether it chooses that namespace or not. */
  matchesIn(claim: Claim, namespace: string): Vertex[];
  /** From now on the vertex holds a template whose objects will have these labels, or none. */
  setTemplate(vertex: Vertex, labels: Labels | undefined): void;
  /** Keeps the index of labels: a vertex is taken in with its labels, and taken out with the same. */
  enter(vertex: Vertex): void;
  leave(vertex: Vertex): void;
}

type SetEnd = LabelsEnd | KindEnd;

interface Compiled {
  readonly end: SetEnd;
  readonly selector: CompiledSelector;
  readonly namespaceSelector: CompiledSelector | undefined;
  /** Of what the selectors demand, that under which the claim is filed. */
  readonly demand: Demand | undefined;
  readonly namespaceDemand: Demand | undefined;
  /** The namespace selector asks for nothing but the name, which is known of a Namespace that nobody has shown. */
  readonly byNamespaceName: boolean;
}

type Claims = Set<Claim>;

/** The claims about a type, by what they demand of its labels. */
interface Bucket {
  readonly inNamespace: Map<string, DemandIndex<Claims>>;
  /** Those that name no namespace, by what they demand of a namespace's labels before. */
  readonly anywhere: DemandIndex<DemandIndex<Claims>>;
}

/** namespace -> key -> value -> vertices. */
type LabelIndex = Map<string, Map<string, Map<string, Set<Vertex>>>>;

const everything: CompiledSelector = compileSelector({});
const noLabels: Labels = {};
const newClaims = (): Claims => new Set();
const newBucket = (): Bucket => ({ inNamespace: new Map(), anywhere: createDemandIndex() });

export function setEndOf(source: End | undefined, target: End | undefined): SetEnd | undefined {
  for (const end of [source, target]) if (end?.by === 'labels' || end?.by === 'kind') return end;
  return undefined;
}

export function createSelectors(graph: Membership): Selectors {
  const compiled = new Map<Claim, Compiled>();
  const buckets = new Map<string, Bucket>();
  const indexes = new Map<string, LabelIndex>();
  const choosing = createDemandIndex<Claims>();
  /** Of Namespaces that are there; of others their name alone is known. */
  const labelsOfNamespaces = new Map<string, Labels>();
  const templates = new Map<Vertex, Labels>();
  const templatesByNamespace = new Map<string, Set<Vertex>>();

  function labelsOfNamespace(namespace: string): Labels | undefined {
    return labelsOfNamespaces.get(namespace) ?? impliedLabels(namespace);
  }

  function namespacesOf(end: SetEnd): Iterable<string> {
    return isOfTemplates(end) ? templatesByNamespace.keys() : graph.namespacesOf(end.type);
  }

  function membersIn(end: SetEnd, namespace: string): Iterable<Vertex> {
    return isOfTemplates(end) ? (templatesByNamespace.get(namespace) ?? []) : graph.in(end.type, namespace);
  }

  function compile(claim: Claim): Compiled {
    const end = setEndOf(claim.ends?.source, claim.ends?.target) as SetEnd;
    const selector = end.by === 'labels' ? compileSelector(end.selector) : everything;
    const namespaceSelector = 'labels' in end.namespaces ? compileSelector(end.namespaces.labels) : undefined;
    const namespaceDemand = narrowest(namespaceSelector?.demands ?? [], () => 0);
    const [first] = filesOf({ end, namespaceDemand });
    // Labels that many selectors ask for are no way to tell those apart.
    const demand = narrowest(selector.demands, (each) => (first ? sizeOf(placesAt(first, each)) : 0));
    const byNamespaceName = 'labels' in end.namespaces && isSaidByName(end.namespaces.labels);
    return { end, selector, namespaceSelector, demand, namespaceDemand, byNamespaceName };
  }

  /** Where claims with such an end are filed. */
  function filesOf({ end, namespaceDemand }: Pick<Compiled, 'end' | 'namespaceDemand'>): DemandIndex<Claims>[] {
    const bucket = getOrMake(buckets, bucketOf(end), newBucket);
    if (!('in' in end.namespaces)) return placesFor(bucket.anywhere, namespaceDemand, createDemandIndex<Claims>);
    return end.namespaces.in.map((namespace) => getOrMake(bucket.inNamespace, namespace, createDemandIndex<Claims>));
  }

  /** Lets go of files that hold nothing any more, so that namespaces that come and go leave nothing behind. */
  function pruneFilesOf({ end, demand, namespaceDemand }: Compiled): void {
    const bucket = buckets.get(bucketOf(end)) as Bucket;
    const isEmpty = (file: DemandIndex<Claims>) => {
      prune(file, demand, (claims) => claims.size === 0);
      return isBare(file);
    };
    if (!('in' in end.namespaces)) return prune(bucket.anywhere, namespaceDemand, isEmpty);
    for (const namespace of end.namespaces.in) {
      const file = bucket.inNamespace.get(namespace);
      if (file && isEmpty(file)) bucket.inNamespace.delete(namespace);
    }
  }

  function chooses(one: Compiled, namespace: string): boolean {
    if ('in' in one.end.namespaces) return one.end.namespaces.in.includes(namespace);
    return !one.namespaceSelector || choosesNamespace(one, namespace, labelsOfNamespaces.get(namespace));
  }

  function accepts({ end, selector }: Compiled, vertex: Vertex): boolean {
    if (end.by === 'kind') return true;
    if (end.orphansOnly && vertex.controlled) return false;
    if (end.names && !end.names.includes(vertex.name)) return false;
    if (end.notNames?.includes(vertex.name)) return false;
    if (end.namePrefix !== undefined && !vertex.name.startsWith(end.namePrefix)) return false;
    if (end.templates) return selector.matches(templates.get(vertex));
    return !isInPhase(vertex, end.phaseNot) && selector.matches(vertex.labels ?? noLabels);
  }

  /** The index of a type's labels, made when the first selector asks for that type. */
  function indexOf(end: SetEnd): LabelIndex {
    const known = indexes.get(bucketOf(end));
    if (known) return known;
    const index: LabelIndex = new Map();
    indexes.set(bucketOf(end), index);
    for (const namespace of namespacesOf(end)) {
      for (const vertex of membersIn(end, namespace)) {
        enterInto(index, vertex, isOfTemplates(end) ? templates.get(vertex) : vertex.labels);
      }
    }
    return index;
  }

  /** Those that could match: by the demanded label that the fewest carry, or all. */
  function candidates(end: SetEnd, { demands }: CompiledSelector, namespace: string): Iterable<Vertex> {
    const byKey = demands.length > 0 ? indexOf(end).get(namespace) : undefined;
    const carriers = ({ key, values }: Demand): Set<Vertex>[] => {
      const byValue = byKey?.get(key);
      if (!values) return [...(byValue?.values() ?? [])];
      return values.flatMap((value) => byValue?.get(value) ?? []);
    };
    const demand = narrowest(demands, (each) => sizeOf(carriers(each)));
    return demand ? carriers(demand).flatMap((set) => [...set]) : membersIn(end, namespace);
  }

  function matchesIn(one: Compiled, namespace: string): Vertex[] {
    const found: Vertex[] = [];
    for (const vertex of candidates(one.end, one.selector, namespace)) if (accepts(one, vertex)) found.push(vertex);
    return found;
  }

  /** The namespaces that it may choose. */
  function namespacesFor({ end, namespaceSelector, byNamespaceName }: Compiled): Iterable<string> {
    if ('in' in end.namespaces) return end.namespaces.in;
    if (!namespaceSelector || byNamespaceName) return namespacesOf(end);
    return Array.from(candidates(namespaceKind, namespaceSelector, ''), ({ name }) => name);
  }

  function claimsIn(bucketName: string, vertex: Vertex, labels: Labels | undefined, found: Claim[]): void {
    const bucket = buckets.get(bucketName);
    if (!bucket) return;
    const keep = (claim: Claim) => {
      const one = compiled.get(claim) as Compiled;
      if (accepts(one, vertex) && chooses(one, vertex.namespace)) found.push(claim);
    };
    const look = (file: DemandIndex<Claims>) => visitFor(file, labels, (claims) => claims.forEach(keep));
    const file = bucket.inNamespace.get(vertex.namespace);
    if (file) look(file);
    visitFor(bucket.anywhere, labelsOfNamespace(vertex.namespace), look);
  }

  function leaveTemplates(vertex: Vertex): void {
    const labels = templates.get(vertex);
    if (!labels) return;
    templates.delete(vertex);
    drop(templatesByNamespace, vertex.namespace, vertex);
    const index = indexes.get(templateBucket);
    if (index) leaveFrom(index, vertex, labels);
  }

  return {
    add(claim) {
      const one = compile(claim);
      compiled.set(claim, one);
      for (const file of filesOf(one)) for (const claims of placesFor(file, one.demand, newClaims)) claims.add(claim);
      if (!one.namespaceSelector) return;
      for (const claims of placesFor(choosing, one.namespaceDemand, newClaims)) claims.add(claim);
    },
    remove(claim) {
      const one = compiled.get(claim);
      if (!one) return;
      compiled.delete(claim);
      for (const file of filesOf(one)) for (const claims of placesAt(file, one.demand)) claims.delete(claim);
      pruneFilesOf(one);
      if (!one.namespaceSelector) return;
      for (const claims of placesAt(choosing, one.namespaceDemand)) claims.delete(claim);
      prune(choosing, one.namespaceDemand, (claims) => claims.size === 0);
    },
    matchesOf(claim) {
      const one = compiled.get(claim) as Compiled;
      const found = new Set<Vertex>();
      for (const namespace of namespacesFor(one)) {
        if (chooses(one, namespace)) for (const vertex of matchesIn(one, namespace)) found.add(vertex);
      }
      return found;
    },
    claimsFor(vertex) {
      const found: Claim[] = [];
      claimsIn(vertex.type, vertex, vertex.labels, found);
      const template = templates.get(vertex);
      if (template) claimsIn(templateBucket, vertex, template, found);
      // A list that grew has room for many more.
      return found.length > 0 ? found.slice() : none;
    },
    rechoose(namespace, labels) {
      const before = labelsOfNamespaces.get(namespace);
      const after = labels && { ...labels, ...impliedLabels(namespace) };
      if (after) labelsOfNamespaces.set(namespace, after);
      else labelsOfNamespaces.delete(namespace);
      const changed = new Map<Claim, boolean>();
      const compare = (claim: Claim) => {
        const one = compiled.get(claim) as Compiled;
        const now = choosesNamespace(one, namespace, after);
        if (now !== choosesNamespace(one, namespace, before)) changed.set(claim, now);
      };
      for (const each of [before, after]) {
        visitFor(choosing, each ?? impliedLabels(namespace), (claims) => claims.forEach(compare));
      }
      return changed;
    },
    matchesIn: (claim, namespace) => matchesIn(compiled.get(claim) as Compiled, namespace),
    setTemplate(vertex, labels) {
      leaveTemplates(vertex);
      if (!labels) return;
      templates.set(vertex, labels);
      setOf(templatesByNamespace, vertex.namespace).add(vertex);
      const index = indexes.get(templateBucket);
      if (index) enterInto(index, vertex, labels);
    },
    enter(vertex) {
      const index = indexes.get(vertex.type);
      if (index) enterInto(index, vertex, vertex.labels);
    },
    leave(vertex) {
      const index = indexes.get(vertex.type);
      if (index) leaveFrom(index, vertex, vertex.labels);
    },
  };
}

function isInPhase({ fields }: Vertex, phases: readonly string[] | undefined): boolean {
  const phase = phases && fields['status.phase'];
  return phase !== undefined && phases?.includes(phase) === true;
}

const namespaceKind: KindEnd = { by: 'kind', type: 'Namespace', namespaces: { all: true } };
const templateBucket = 'a template of Pod';

function isOfTemplates(end: SetEnd): boolean {
  return end.by === 'labels' && end.templates === true;
}

function bucketOf(end: SetEnd): string {
  return isOfTemplates(end) ? templateBucket : end.type;
}

/** The label that the API server gives every Namespace: its name. */
const nameLabel = 'kubernetes.io/metadata.name';

function impliedLabels(namespace: string): Labels | undefined {
  return namespace === '' ? undefined : { [nameLabel]: namespace };
}

function isSaidByName({ matchLabels, matchExpressions }: LabelSelector): boolean {
  const keys = [...Object.keys(matchLabels ?? {}), ...itemsOf(matchExpressions).map((each) => each?.key)];
  return keys.every((key) => key === nameLabel);
}

/** Of a Namespace that nobody has shown no label but its name is known: what asks for others does not choose it. */
function choosesNamespace(
  { namespaceSelector, byNamespaceName }: Pick<Compiled, 'namespaceSelector' | 'byNamespaceName'>,
  namespace: string,
  labels: Labels | undefined,
): boolean {
  if (labels) return namespaceSelector?.matches(labels) === true;
  return namespace !== '' && byNamespaceName && namespaceSelector?.matches(impliedLabels(namespace)) === true;
}

/** The demand that `size` is the least for, of those that name values where there are such. */
function narrowest(demands: readonly Demand[], size: (demand: Demand) => number): Demand | undefined {
  const named = demands.filter(({ values }) => values);
  const [first, ...others] = named.length > 0 ? named : demands;
  if (!first || others.length === 0) return first;
  return others.reduce((least, each) => (size(each) < size(least) ? each : least), first);
}

function sizeOf(sets: readonly { readonly size: number }[]): number {
  return sets.reduce((sum, { size }) => sum + size, 0);
}

function enterInto(index: LabelIndex, vertex: Vertex, labels: Labels | undefined): void {
  if (!labels) return;
  const byKey = getOrMake(index, vertex.namespace, () => new Map<string, Map<string, Set<Vertex>>>());
  for (const key in labels) {
    const byValue = getOrMake(byKey, key, () => new Map<string, Set<Vertex>>());
    getOrMake(byValue, labels[key] as string, () => new Set<Vertex>()).add(vertex);
  }
}

function leaveFrom(index: LabelIndex, vertex: Vertex, labels: Labels | undefined): void {
  const byKey = index.get(vertex.namespace);
  if (!byKey || !labels) return;
  for (const key in labels) {
    const byValue = byKey.get(key);
    const value = labels[key] as string;
    const vertices = byValue?.get(value);
    vertices?.delete(vertex);
    if (vertices?.size === 0) byValue?.delete(value);
    if (byValue?.size === 0) byKey.delete(key);
  }
  if (byKey.size === 0) index.delete(vertex.namespace);
}
