// The graph engine: told what exists and what each object refers to, it keeps the relations, incrementally. One change
// costs what it touches. The invariant: after any sequence of calls the graph equals one built from the final objects
// alone, whatever their order; only timestamps remember the way.
//
// An object's references become claims. A claim has ends that are fixed once resolved (by name: the vertex stays, as a
// placeholder if need be) or that are resolved anew when something changes: by UID when the named vertex comes, goes or
// is another incarnation; by key when the index says so; a set when labels change. An edge lives while a claim makes it.

import type { Clock } from '../../src/clock.ts';
import { timestampOf } from '../../src/clock.ts';
import { parseId, resourceId } from '../../src/ids.ts';
import type { SourceState } from '../../src/model.ts';
import type { End, Reference, Rule, UidEnd } from '../relations/relation.ts';
import type { Bytes } from './bytes.ts';
import { createBytes } from './bytes.ts';
import type { Changes, RelationChange, RelationEnds, RemovedResource, ResourceChange } from './changes.ts';
import { createChanges } from './changes.ts';
import { appended, each, withOne, withoutOne } from './compact.ts';
import type { Captures } from './edges.ts';
import { createEdgeLists, findEdge, noBlocks } from './edges.ts';
import type { Standing } from './json.ts';
import { claimsOf, createWriter } from './json.ts';
import type { Order } from './order.ts';
import { createOrder } from './order.ts';
import { createSelectors, setEndOf } from './selectors.ts';
import type { Claim, Edge, Ends, Labels, Notes, Version, Vertex } from './vertex.ts';
import { notReadyFlag, optionalFlag, readyFlag, templateFlag } from './vertex.ts';

/** What the graph is told of one object. */
export interface Item {
  readonly id: string;
  readonly type: string;
  readonly namespace: string;
  readonly name: string;
  readonly uid: string;
  readonly resourceVersion: string;
  readonly label: string;
  readonly alternateLabel: string;
  readonly labels: Labels | undefined;
  /** Has an owner reference with `controller: true`. */
  readonly controlled: boolean;
  readonly nodeName: string;
  readonly phase: string;
  /** `properties` as JSON text. */
  readonly properties: string;
  readonly references: readonly Said[];
}

/** A reference, and the rule that read it. */
export interface Said {
  readonly rule: Rule;
  readonly reference: Reference;
}

export interface EngineOptions {
  readonly clusterName: string;
  readonly createdBy: string;
  readonly rules: readonly Rule[];
  /** Types that exist by being named: hosts, zones, users. */
  readonly virtualTypes: ReadonlySet<string>;
  readonly clock: Clock;
  /** Namespaces that are read at all; undefined means every one. */
  readonly namespaces?: ReadonlySet<string> | undefined;
  /** What this graph is never told of: whether it exists is not known here. */
  readonly hidden?: (place: RemovedResource) => boolean;
  /** The kind whose state answers for a type that no list brings, such as `Pod` for `Container`. */
  readonly answersFor?: { readonly [type: string]: string };
  /** Whether a type is known to be outside of namespaces. */
  readonly clusterScoped?: (type: string) => boolean;
  /** Types that are known from the beginning to be in namespaces: an owner of such a type is looked for nowhere else. */
  readonly namespacedTypes?: ReadonlySet<string>;
  /** How many bytes of changes are kept for readers that resume. */
  readonly logBytes?: number;
}

export interface Engine {
  /** Runs `change` and makes one revision of all it did; none if it changed nothing that shows. */
  transact(change: () => void): void;
  put(item: Item): void;
  remove(id: string): void;
  /** Adds the annotation `name` to a resource, there already or not yet: JSON text, or undefined to take it off. */
  annotate(id: string, name: string, value: string | undefined): void;
  /** Says which resource a key stands for now; undefined when none does any more. */
  setKey(index: string, key: string, id: string | undefined): void;
  setKind(type: string, state: SourceState | undefined): void;
  setMinion(node: string, state: SourceState | undefined): void;
  get(id: string): Vertex | undefined;
  /** Present vertices of a type in a namespace (the empty string for what is in none). */
  members(type: string, namespace: string): Iterable<Vertex>;
  namespacesOf(type: string): Iterable<string>;
  /** Types that have present vertices, with how many. */
  counts(): Map<string, number>;
  standingOf(vertex: Vertex): Standing;
  completeness(): string;
  kinds(): ReadonlyMap<string, SourceState>;
  minions(): ReadonlyMap<string, SourceState>;
  edgeText(edge: Edge): string;
  /** The resource's properties as JSON text. */
  propertiesOf(vertex: Vertex): string;
  /** Bytes of the serialized resources by type, placeholders included. */
  bytesByType(): ReadonlyMap<string, number>;
  readonly revision: number;
  readonly timestamp: string;
  readonly relations: number;
  readonly clusterName: string;
  readonly order: Order;
  readonly captures: Captures;
  readonly bytes: Bytes;
  readonly changes: Changes;
  readonly edgeLists: ReturnType<typeof createEdgeLists>;
  readonly rules: readonly Rule[];
}

/** What readers of the graph may ask of it. */
export type GraphReader = Omit<Engine, 'transact' | 'put' | 'remove' | 'annotate' | 'setKey' | 'setKind' | 'setMinion'>;

const empty = '{}';

export function createEngine(options: EngineOptions): Engine {
  const { clock, virtualTypes } = options;
  const ruleOrder = new Map(options.rules.map((rule, i) => [rule, i] as const));
  const vertices = new Map<string, Vertex>();
  const present = new Map<string, Map<string, Set<Vertex>>>();
  const placeholders = new Map<string, Set<Vertex>>();
  const extras = new Map<string, Map<string, string>>();
  const keys = new Map<string, string>();
  const keyClaims = new Map<string, Set<Claim>>();
  const setMatches = new Map<Claim, Set<Vertex>>();
  const kinds = new Map<string, SourceState>();
  const minions = new Map<string, SourceState>();
  const captures: Captures = { generation: 0, readers: 0, copies: 0, superseded: 0 };
  const bytes = createBytes();
  const order = createOrder(captures);
  const changes = createChanges(options.logBytes ?? 64 << 20);
  const writer = createWriter(options.createdBy, ruleOrder, standingOf);
  const edgeLists = createEdgeLists(bytes, captures, (edges) => edges.map(writer.edge).join(''));
  const selectors = createSelectors({
    in: (type, namespace) => present.get(type)?.get(namespace) ?? [],
    namespacesOf: (type) => present.get(type)?.keys() ?? [],
    labelsOfNamespace(namespace) {
      const vertex = vertices.get(resourceId('Namespace', namespace));
      return vertex?.present ? (vertex.labels ?? {}) : undefined;
    },
  });
  const fields = new Map<string, string>();
  const bytesByType = new Map<string, number>();
  const clusterId = resourceId('Cluster', options.clusterName);

  let revision = 0;
  let timestamp = timestampOf(clock());
  let relations = 0;
  let completeness: string | undefined;
  let transaction: Transaction | undefined;

  // --- one transaction -------------------------------------------------------------------------------------------

  function transact(change: () => void): void {
    if (transaction) return change();
    // Time never runs backwards here, whatever the machine's clock does: revisions and timestamps agree in order.
    const now = timestampOf(clock());
    transaction = newTransaction(now > timestamp ? now : timestamp);
    try {
      change();
    } finally {
      const done = transaction;
      transaction = undefined;
      settle(done);
    }
  }

  function current(): Transaction {
    if (!transaction) throw new Error('the graph changes only inside a transaction');
    return transaction;
  }

  function touch(vertex: Vertex): void {
    current().vertices.add(vertex);
  }

  /** To be called before anything that a relation's text says changes. */
  function touchEdge(edge: Edge): void {
    const { edges } = current();
    if (!changes.recording) current().any = true;
    else if (edges.has(edge)) return;
    else edges.set(edge, writer.edge(edge));
    const before = edge.source.out;
    edgeLists.willChange(edge);
    // Copied for those who read an older capture: the new list is to be seen in the order, too.
    if (edge.source.out !== before) touch(edge.source);
  }

  function settle(done: Transaction): void {
    const collected = newChange(done.any);
    for (const vertex of inOrder(done.vertices)) settleVertex(vertex, done, collected);
    for (const [edge, before] of done.edges) settleEdge(edge, before, collected);
    if (!done.completeness && !collected.any) return;
    if (done.completeness) collected.change.completeness = completenessText();
    revision++;
    timestamp = done.now;
    changes.push({ ...collected.change, revision, timestamp });
    compact();
  }

  /** What nobody follows is written in the order of ids, so that neighbours lie side by side and leave as one piece. */
  function inOrder(touched: ReadonlySet<Vertex>): Iterable<Vertex> {
    if (changes.recording || touched.size < 16) return touched;
    return [...touched].sort((a, b) => (a.id < b.id ? -1 : 1));
  }

  function settleVertex(vertex: Vertex, done: Transaction, into: Collected): void {
    const before = vertex.version;
    if (!visible(vertex)) {
      if (!vertex.awaited) forgetVertex(vertex);
      if (!before) return;
      grow(vertex.type, -before.piece.length);
      order.delete(vertex.type, vertex.id);
      letGo(before);
      vertex.version = undefined;
      into.any = true;
      if (changes.recording) into.change.removedResources.push(place(vertex));
      return;
    }
    const text = done.properties.get(vertex);
    const version = renew(vertex, text, done.now);
    if (version !== before) {
      into.any = true;
      if (changes.recording) into.change.resources.push({ ...place(vertex), version, added: !before });
      if (before) letGo(before);
      grow(vertex.type, version.piece.length - (before?.piece.length ?? 0));
      vertex.version = version;
    } else if (order.get(vertex.type, vertex.id)?.out === vertex.out) return;
    order.set(vertex.type, { id: vertex.id, vertex, version, out: vertex.out });
  }

  function letGo({ piece }: Version): void {
    if (captures.readers > 0) captures.superseded += piece.length;
    bytes.free(piece);
  }

  function grow(type: string, by: number): void {
    const size = (bytesByType.get(type) ?? 0) + by;
    if (size > 0) bytesByType.set(type, size);
    else bytesByType.delete(type);
  }

  /** The version that says what is true now: the one there is, where that says it already. */
  function renew(vertex: Vertex, text: string | undefined, now: string): Version {
    const before = vertex.version;
    const tail = writer.tail(vertex, standingOf(vertex), extras.get(vertex.id));
    if (!before) return write(vertex, text ?? empty, tail, now);
    const sameText =
      text === undefined || sameBytes(text, before.piece.slab.buffer, before.piece.offset + before.from, before.length);
    const at = before.piece.offset + before.from + before.length;
    if (sameText && sameBytes(tail, before.piece.slab.buffer, at, before.piece.length - before.from - before.length))
      return before;
    return write(vertex, sameText ? propertiesOf(vertex) : (text as string), tail, sameText ? before.timestamp : now);
  }

  function write(vertex: Vertex, text: string, tail: string, stamp: string): Version {
    const head = writer.head(vertex, stamp);
    const piece = bytes.write(head + text + tail);
    const from = Buffer.byteLength(head);
    return { timestamp: stamp, piece, from, length: piece.length - from - Buffer.byteLength(tail) };
  }

  function settleEdge(edge: Edge, before: string | undefined, into: Collected): void {
    if (edge.claims === undefined) {
      if (before === undefined) return;
      // One that is made again in the same breath is a change, no removal: whoever follows has heard of it.
      const again = findEdge(edge.source, edge.type, edge.target.id);
      if (again) return void into.replaced.set(again, before);
      into.any = true;
      into.change.removedRelations.push(endsOfEdge(edge));
      return;
    }
    const text = writer.edge(edge);
    const told = before ?? into.replaced.get(edge);
    if (text === told) return;
    into.any = true;
    into.change.relations.push({ ...endsOfEdge(edge), text, added: told === undefined });
  }

  // --- vertices --------------------------------------------------------------------------------------------------

  function visible(vertex: Vertex): boolean {
    return vertex.present || vertex.out.length > 0 || vertex.in.length > 0;
  }

  function vertexOf(id: string, type: string, namespace: string, name: string): Vertex {
    const known = vertices.get(id);
    if (known) return known;
    const vertex = newVertex(id, type, namespace, name);
    vertices.set(id, vertex);
    if (!virtualTypes.has(type)) setOf(placeholders, type).add(vertex);
    return vertex;
  }

  function forgetVertex(vertex: Vertex): void {
    vertices.delete(vertex.id);
    drop(placeholders, vertex.type, vertex);
  }

  function standingOf(vertex: Vertex): Standing {
    if (vertex.present || virtualTypes.has(vertex.type)) return '';
    if (options.hidden?.(vertex)) return 'unverified';
    if (vertex.namespace && options.namespaces && !options.namespaces.has(vertex.namespace)) return 'unverified';
    const state = kinds.get(options.answersFor?.[vertex.type] ?? vertex.type)?.state;
    return isSure(state) ? 'missing' : 'unverified';
  }

  /** Runs `change`, which may alter whether the vertex exists, or as which incarnation. */
  function changePresence(vertex: Vertex, change: () => void): void {
    touchEdgesOf(vertex);
    change();
    for (const claim of each(vertex.awaited)) resolveAgain(claim);
  }

  function touchEdgesOf(vertex: Vertex): void {
    for (const block of vertex.out) for (const edge of block.edges) touchEdge(edge);
    for (const edge of vertex.in) touchEdge(edge);
  }

  function enter(vertex: Vertex): void {
    vertex.present = true;
    drop(placeholders, vertex.type, vertex);
    let byNamespace = present.get(vertex.type);
    if (!byNamespace) present.set(vertex.type, (byNamespace = new Map()));
    setOf(byNamespace, vertex.namespace).add(vertex);
  }

  function leave(vertex: Vertex): void {
    vertex.present = false;
    if (!virtualTypes.has(vertex.type)) setOf(placeholders, vertex.type).add(vertex);
    const byNamespace = present.get(vertex.type);
    if (!byNamespace) return;
    drop(byNamespace, vertex.namespace, vertex);
    if (byNamespace.size === 0) present.delete(vertex.type);
  }

  function put(item: Item): void {
    const vertex = vertexOf(item.id, item.type, item.namespace, item.name);
    if (vertex.present && vertex.uid !== item.uid) removeVertex(vertex);
    if (!vertex.present) vertex.name = item.name;
    touch(vertex);
    current().properties.set(vertex, item.properties);
    const relabelled =
      !vertex.present || vertex.controlled !== item.controlled || !sameLabels(vertex.labels, item.labels);
    if (relabelled && vertex.present) selectors.leave(vertex);
    vertex.label = item.label;
    vertex.alternateLabel = item.alternateLabel;
    vertex.labels = item.labels;
    vertex.controlled = item.controlled;
    vertex.nodeName = item.nodeName;
    vertex.phase = item.phase;
    vertex.resourceVersion = item.resourceVersion;
    if (!vertex.present) {
      changePresence(vertex, () => {
        vertex.uid = item.uid;
        enter(vertex);
      });
    }
    if (relabelled) {
      selectors.enter(vertex);
      rematch(vertex);
    }
    claimAnew(vertex, item.references);
  }

  function removeVertex(vertex: Vertex): void {
    touch(vertex);
    selectors.leave(vertex);
    changePresence(vertex, () => leave(vertex));
    vertex.labels = undefined;
    for (const claim of vertex.matched) unmatch(claim, vertex);
    vertex.matched = [];
    for (const claim of vertex.claims) withdraw(claim);
    vertex.claims = [];
    Object.assign(vertex, {
      uid: '',
      resourceVersion: '',
      alternateLabel: '',
      controlled: false,
      nodeName: '',
      phase: '',
    });
    vertex.label = placeholderLabel(vertex);
    current().properties.set(vertex, empty);
    if (vertex.type === 'Namespace') rechoose(vertex.name);
  }

  // --- claims ----------------------------------------------------------------------------------------------------

  /** Replaces what the vertex says. What it said before and says again keeps its relations, and their timestamps. */
  function claimAnew(vertex: Vertex, references: readonly Said[]): void {
    const before = vertex.claims;
    if (before.length === 0) {
      if (references.length > 0) vertex.claims = references.map((said) => claim(vertex, said));
      return;
    }
    if (before.length === references.length && references.every((said, i) => saysThe(before[i] as Claim, said))) return;
    const byKey = new Map<string, Claim[]>();
    for (const claim of before) listOf(byKey, keyOfClaim(claim)).push(claim);
    const kept = new Set<Claim>();
    vertex.claims = references.map((said) => {
      const same = byKey.get(keyOfSaid(said))?.find((claim) => !kept.has(claim) && saysThe(claim, said));
      if (!same) return claim(vertex, said);
      kept.add(same);
      return same;
    });
    for (const claim of before) if (!kept.has(claim)) withdraw(claim);
  }

  function saysThe(claim: Claim, { rule, reference }: Said): boolean {
    return (
      claim.rule === rule &&
      claim.field === reference.field &&
      claim.flags === flagsOf(reference) &&
      sameEnds(claim, reference) &&
      sameNotes(claim.notes, reference.notes)
    );
  }

  /** Claims with fixed ends keep no ends but the edge they made: its vertices say what they were. */
  function sameEnds(claim: Claim, { source, target }: Reference): boolean {
    if (claim.ends) return sameEnd(claim.ends.source, source) && sameEnd(claim.ends.target, target);
    const edge = claim.edge as Edge;
    return edge.source.id === fixedId(source, claim.speaker) && edge.target.id === fixedId(target, claim.speaker);
  }

  function fixedId(end: End | undefined, speaker: Vertex): string | undefined {
    if (!end) return speaker.id;
    if (end.by === 'cluster') return clusterId;
    return end.by === 'name' ? resourceId(end.type, end.name, end.namespace) : undefined;
  }

  function claim(speaker: Vertex, { rule, reference }: Said): Claim {
    const { source, target, notes } = reference;
    const ends: Ends | undefined = isFixed(source) && isFixed(target) ? undefined : { source, target };
    const made: Claim = {
      speaker,
      rule,
      field: intern(reference.field),
      flags: flagsOf(reference),
      notes: notes as Notes | undefined,
      ends,
      edge: undefined,
    };
    if (!ends) made.edge = link(made, fixed(source, speaker), fixed(target, speaker));
    else if (setEndOf(source, target)) claimSet(made);
    else claimWaiting(made);
    return made;
  }

  function withdraw(claim: Claim): void {
    const matches = setMatches.get(claim);
    if (matches) {
      for (const vertex of matches) {
        vertex.matched = vertex.matched.filter((each) => each !== claim);
        unlinkMatch(claim, vertex);
      }
      setMatches.delete(claim);
      selectors.remove(claim);
    }
    if (claim.edge) unlink(claim, claim.edge);
    claim.edge = undefined;
    if (claim.ends) stopWaiting(claim, claim.ends);
  }

  function fixed(end: End | undefined, speaker: Vertex): Vertex {
    if (!end) return speaker;
    if (end.by === 'cluster') return vertexOf(clusterId, 'Cluster', '', options.clusterName);
    const { type, name, namespace = '' } = end as { type: string; name: string; namespace?: string };
    return vertexOf(resourceId(type, name, namespace), type, namespace, name);
  }

  // --- claims that wait: by UID and by key -----------------------------------------------------------------------

  function claimWaiting(claim: Claim): void {
    const { source, target } = claim.ends as Ends;
    for (const end of [source, target]) {
      if (end?.by === 'uid') for (const vertex of namesakes(end)) vertex.awaited = withOne(vertex.awaited, claim);
      if (end?.by === 'key') setOf(keyClaims, keyOf(end.index, end.key)).add(claim);
    }
    resolveAgain(claim);
  }

  function stopWaiting(claim: Claim, { source, target }: Ends): void {
    for (const end of [source, target]) {
      if (end?.by === 'key') drop(keyClaims, keyOf(end.index, end.key), claim);
      if (end?.by !== 'uid') continue;
      for (const vertex of namesakes(end)) {
        vertex.awaited = withoutOne(vertex.awaited, claim);
        touch(vertex);
      }
    }
  }

  /** The vertices that bear the name which a UID was given with. */
  function namesakes({ type, name, namespace = '', scope }: UidEnd): Vertex[] {
    const named = vertexOf(resourceId(type, name, namespace), type, namespace, name);
    if (scope !== 'either' || !namespace || options.namespacedTypes?.has(type)) return [named];
    return [named, vertexOf(resourceId(type, name), type, '', name)];
  }

  function incarnation(end: UidEnd): Vertex {
    const named = namesakes(end);
    const it = named.find(
      (vertex) => vertex.present && (vertex.uid === end.uid || vertex.uid === '' || end.uid === ''),
    );
    if (it) return it;
    const first = named.find((vertex) => !vertex.present && likelyScope(vertex, end)) ?? (named[0] as Vertex);
    if (!first.present) return first;
    // The name is taken by another incarnation: the one that is meant is missing beside it.
    return vertexOf(`${first.id}@${end.uid}`, first.type, first.namespace, first.name);
  }

  /** An owner that is not there: in a namespace, unless its type is known only outside of namespaces. */
  function likelyScope(vertex: Vertex, end: UidEnd): boolean {
    if (end.scope !== 'either') return true;
    return (options.clusterScoped?.(vertex.type) ?? false) === (vertex.namespace === '');
  }

  function resolveAgain(claim: Claim): void {
    const { source, target } = claim.ends as Ends;
    const from = resolve(source, claim.speaker);
    const to = resolve(target, claim.speaker);
    const before = claim.edge;
    if (before && from === before.source && to === before.target) return;
    claim.edge = from && to ? link(claim, from, to) : undefined;
    if (before) unlink(claim, before);
  }

  function resolve(end: End | undefined, speaker: Vertex): Vertex | undefined {
    if (end?.by === 'uid') return incarnation(end);
    if (end?.by !== 'key') return fixed(end, speaker);
    const id = keys.get(keyOf(end.index, end.key));
    return id === undefined ? undefined : vertices.get(id);
  }

  function setKey(index: string, key: string, id: string | undefined): void {
    const full = keyOf(index, key);
    if (keys.get(full) === id) return;
    if (id === undefined) keys.delete(full);
    else keys.set(full, id);
    for (const claim of [...(keyClaims.get(full) ?? [])]) resolveAgain(claim);
  }

  // --- claims about sets -----------------------------------------------------------------------------------------

  function claimSet(claim: Claim): void {
    selectors.add(claim);
    const matches = selectors.matchesOf(claim);
    setMatches.set(claim, matches);
    for (const vertex of matches) {
      vertex.matched = appended(vertex.matched, claim);
      linkMatch(claim, vertex);
    }
  }

  /** The fixed other end of a set's edge, and the matched one. */
  function endsOf(claim: Claim, matched: Vertex): [Vertex, Vertex] {
    const { source, target } = claim.ends as Ends;
    const isSet = (end: End | undefined) => end?.by === 'labels' || end?.by === 'kind';
    return [
      isSet(source) ? matched : fixed(source, claim.speaker),
      isSet(target) ? matched : fixed(target, claim.speaker),
    ];
  }

  function linkMatch(claim: Claim, vertex: Vertex): void {
    link(claim, ...endsOf(claim, vertex));
  }

  function unlinkMatch(claim: Claim, vertex: Vertex): void {
    const [source, target] = endsOf(claim, vertex);
    const edge = findEdge(source, claim.rule.relation, target.id);
    if (edge) unlink(claim, edge);
  }

  function unmatch(claim: Claim, vertex: Vertex): void {
    setMatches.get(claim)?.delete(vertex);
    unlinkMatch(claim, vertex);
  }

  /** Compares the claims that match the vertex with those that did. */
  function rematch(vertex: Vertex): void {
    const now = selectors.claimsFor(vertex);
    const before = vertex.matched;
    vertex.matched = now;
    for (const claim of now) {
      const matches = setMatches.get(claim);
      if (!matches || matches.has(vertex)) continue;
      matches.add(vertex);
      linkMatch(claim, vertex);
    }
    for (const claim of before) if (!now.includes(claim)) unmatch(claim, vertex);
    if (vertex.type === 'Namespace') rechoose(vertex.name);
  }

  /** A Namespace's labels changed: what chooses namespaces by label looks at that one again. */
  function rechoose(namespace: string): void {
    const types = new Set<string>();
    for (const claim of selectors.byNamespaceLabels()) types.add(selectors.typeOf(claim));
    for (const type of types) for (const vertex of present.get(type)?.get(namespace) ?? []) rematch(vertex);
  }

  // --- edges -----------------------------------------------------------------------------------------------------

  function link(claim: Claim, source: Vertex, target: Vertex): Edge {
    const known = findEdge(source, claim.rule.relation, target.id);
    if (known) {
      touchEdge(known);
      addClaim(known, claim);
      return known;
    }
    const made = current();
    const edge: Edge = {
      type: claim.rule.relation,
      source,
      target,
      timestamp: made.now,
      claims: claim,
      at: target.in.length,
    };
    if (changes.recording) made.edges.set(edge, undefined);
    else made.any = true;
    edgeLists.insert(edge);
    target.in = appended(target.in, edge);
    relations++;
    touch(source);
    touch(target);
    return edge;
  }

  function unlink(claim: Claim, edge: Edge): void {
    const rest = claimsOf(edge).filter((each) => each !== claim);
    touchEdge(edge);
    touch(edge.source);
    touch(edge.target);
    if (rest.length > 0) {
      edge.claims = rest.length === 1 ? rest[0] : rest;
      return;
    }
    edgeLists.remove(edge);
    edge.claims = undefined;
    const list = edge.target.in;
    const last = list.pop() as Edge;
    if (last !== edge) {
      list[edge.at] = last;
      last.at = edge.at;
    }
    relations--;
  }

  // --- state -----------------------------------------------------------------------------------------------------

  function setState(states: Map<string, SourceState>, name: string, state: SourceState | undefined): boolean {
    const before = states.get(name);
    if (before?.state === state?.state && before?.reason === state?.reason) return false;
    if (state) states.set(name, state);
    else states.delete(name);
    current().completeness = true;
    completeness = undefined;
    return true;
  }

  function setKind(type: string, state: SourceState | undefined): void {
    const wasSure = isSure(kinds.get(type)?.state);
    const answered = [
      type,
      ...Object.entries(options.answersFor ?? {}).flatMap(([part, by]) => (by === type ? [part] : [])),
    ];
    const waiting = answered.flatMap((each) => [...(placeholders.get(each) ?? [])]);
    if (isSure(state?.state) !== wasSure) {
      for (const vertex of waiting) {
        touch(vertex);
        touchEdgesOf(vertex);
      }
    }
    setState(kinds, type, state);
  }

  function completenessText(): string {
    if (completeness) return completeness;
    const sorted = (states: Map<string, SourceState>) =>
      Object.fromEntries([...states].sort(([a], [b]) => (a < b ? -1 : 1)));
    const complete = [...kinds.values(), ...minions.values()].every(
      ({ state }) => isSure(state) || state === 'excluded',
    );
    completeness = JSON.stringify({ complete, kinds: sorted(kinds), minions: sorted(minions) });
    return completeness;
  }

  function intern(field: string): string {
    const known = fields.get(field);
    if (known !== undefined) return known;
    if (fields.size < 100_000) fields.set(field, field);
    return field;
  }

  function propertiesOf(vertex: Vertex): string {
    const text = transaction?.properties.get(vertex);
    if (text !== undefined) return text;
    if (!vertex.version) return empty;
    const { piece, from, length } = vertex.version;
    return piece.slab.buffer.toString('utf8', piece.offset + from, piece.offset + from + length);
  }

  // --- memory ----------------------------------------------------------------------------------------------------

  let sweep: Iterator<Vertex> | undefined;

  /** Moves what is left of mostly dead slabs together, a little with each revision while there is much to gain. */
  function compact(): void {
    const { live, held } = bytes.size();
    if (held < live * 1.5 + (32 << 20)) {
      sweep = undefined;
      return;
    }
    sweep ??= vertices.values();
    for (let i = 0; i < 200; i++) {
      const next = sweep.next();
      if (next.done) {
        sweep = undefined;
        return;
      }
      const { version, out } = next.value;
      if (version && bytes.sparse(version.piece)) bytes.move(version.piece);
      for (const { piece } of out) if (piece && bytes.sparse(piece)) bytes.move(piece);
    }
  }

  return {
    transact,
    put,
    remove(id) {
      const vertex = vertices.get(id);
      if (vertex?.present) removeVertex(vertex);
    },
    annotate(id, name, value) {
      const of = extras.get(id);
      if (of?.get(name) === value) return;
      if (value !== undefined) {
        if (of) of.set(name, value);
        else extras.set(id, new Map([[name, value]]));
      } else if (of?.delete(name) && of.size === 0) extras.delete(id);
      const vertex = vertices.get(id);
      if (vertex) touch(vertex);
    },
    setKey,
    setKind,
    setMinion: (node, state) => void setState(minions, node, state),
    get: (id) => vertices.get(id),
    members: (type, namespace) => present.get(type)?.get(namespace) ?? [],
    namespacesOf: (type) => present.get(type)?.keys() ?? [],
    counts: () =>
      new Map([...present].map(([type, by]) => [type, by.values().reduce((sum, each) => sum + each.size, 0)])),
    standingOf,
    completeness: completenessText,
    kinds: () => kinds,
    minions: () => minions,
    bytesByType: () => bytesByType,
    edgeText: (edge) => writer.edge(edge),
    propertiesOf,
    get revision() {
      return revision;
    },
    get timestamp() {
      return timestamp;
    },
    get relations() {
      return relations;
    },
    clusterName: options.clusterName,
    order,
    captures,
    bytes,
    changes,
    edgeLists,
    rules: options.rules,
  };
}

interface Transaction {
  readonly now: string;
  readonly vertices: Set<Vertex>;
  /** Edges with their text as it was, undefined for new ones. */
  readonly edges: Map<Edge, string | undefined>;
  /** New properties, before they are compared with the old. */
  readonly properties: Map<Vertex, string>;
  completeness: boolean;
  /** A relation changed while nobody follows. */
  any: boolean;
}

function newTransaction(now: string): Transaction {
  return { now, vertices: new Set(), edges: new Map(), properties: new Map(), completeness: false, any: false };
}

interface Collected {
  any: boolean;
  /** Edges that stand in the place of others which went, with what those last said. An edge goes before its successor comes. */
  readonly replaced: Map<Edge, string>;
  readonly change: {
    resources: ResourceChange[];
    removedResources: RemovedResource[];
    relations: RelationChange[];
    removedRelations: RelationEnds[];
    completeness?: string;
  };
}

function newChange(any: boolean): Collected {
  return {
    any,
    replaced: new Map(),
    change: { resources: [], removedResources: [], relations: [], removedRelations: [] },
  };
}

function newVertex(id: string, type: string, namespace: string, name: string): Vertex {
  return {
    id,
    type,
    namespace,
    name,
    present: false,
    uid: '',
    resourceVersion: '',
    label: isWhole(id, type, namespace, name) ? name : placeholderLabel({ id, namespace }),
    alternateLabel: '',
    labels: undefined,
    controlled: false,
    nodeName: '',
    phase: '',
    seen: 0,
    version: undefined,
    out: noBlocks,
    in: [],
    claims: [],
    matched: [],
    awaited: undefined,
  };
}

/** Whether what is not there is known not to be there: a kind that the API server does not serve has no objects. */
function isSure(state: SourceState['state'] | undefined): boolean {
  return state === 'synced' || state === 'absent';
}

/** Whether the id says type, namespace and name and no more. */
function isWhole(id: string, type: string, namespace: string, name: string): boolean {
  return id.length === type.length + 1 + (namespace ? namespace.length + 1 : 0) + name.length && id.endsWith(name);
}

/** A name for what nobody has described: all of the id but the type and the namespace. */
function placeholderLabel({ id, namespace }: { readonly id: string; readonly namespace: string }): string {
  const { path } = parseId(id);
  return namespace && path.startsWith(`${namespace}/`) ? path.slice(namespace.length + 1) : path;
}

function place({ id, type, namespace }: Vertex): RemovedResource {
  return { id, type, namespace };
}

function endsOfEdge({ type, source, target }: Edge): RelationEnds {
  return { type, source: place(source), target: place(target) };
}

function addClaim(edge: Edge, claim: Claim): void {
  if (edge.claims === undefined) edge.claims = claim;
  else if (Array.isArray(edge.claims)) edge.claims.push(claim);
  else edge.claims = [edge.claims, claim];
}

function flagsOf({ optional, template, ready }: Reference): number {
  const readiness = ready === undefined ? 0 : ready ? readyFlag : notReadyFlag;
  return (optional ? optionalFlag : 0) | (template ? templateFlag : 0) | readiness;
}

function isFixed(end: End | undefined): boolean {
  return end === undefined || end.by === 'name' || end.by === 'cluster';
}

function keyOf(index: string, key: string): string {
  return `${index} ${key}`;
}

function keyOfClaim({ rule, field }: Claim): string {
  return `${rule.name} ${field}`;
}

function keyOfSaid({ rule, reference }: Said): string {
  return `${rule.name} ${reference.field}`;
}

function sameEnd(a: End | undefined, b: End | undefined): boolean {
  return a === b || (a !== undefined && b !== undefined && a.by === b.by && JSON.stringify(a) === JSON.stringify(b));
}

function sameNotes(a: Notes | undefined, b: Reference['notes']): boolean {
  return a === b || (a !== undefined && b !== undefined && JSON.stringify(a) === JSON.stringify(b));
}

function sameLabels(a: Labels | undefined, b: Labels | undefined): boolean {
  if (a === b) return true;
  if (!a || !b) return false;
  const keys = Object.keys(a);
  return keys.length === Object.keys(b).length && keys.every((key) => a[key] === b[key]);
}

function setOf<K, V>(map: Map<K, Set<V>>, key: K): Set<V> {
  let set = map.get(key);
  if (!set) map.set(key, (set = new Set()));
  return set;
}

function listOf<K, V>(map: Map<K, V[]>, key: K): V[] {
  let list = map.get(key);
  if (!list) map.set(key, (list = []));
  return list;
}

function drop<K, V>(map: Map<K, Set<V>>, key: K, value: V): void {
  const set = map.get(key);
  set?.delete(value);
  if (set?.size === 0) map.delete(key);
}

let scratch = Buffer.allocUnsafeSlow(1 << 16);

/** Whether the UTF-8 of `text` stands in `buffer` at `offset`, `length` bytes long. */
function sameBytes(text: string, buffer: Buffer, offset: number, length: number): boolean {
  if (text.length > length || text.length * 3 < length) return false;
  if (scratch.length < text.length * 3) scratch = Buffer.allocUnsafeSlow(text.length * 4);
  const written = scratch.write(text, 0);
  return written === length && scratch.compare(buffer, offset, offset + length, 0, length) === 0;
}
