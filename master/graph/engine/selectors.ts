// Which objects are in a set, and in which sets an object is. Indexes answer both, so a new selector or a relabelled Pod or
// Namespace examines only candidates. Answers are not stored: compare the answers before and after a change.
import { getOrMake } from '../../../src/get-or-make.ts';
import type { KindEnd } from '../../relations/relation.ts';
import type { CompiledSelector } from '../model/label-selector.ts';
import { drop, setOf } from '../model/sets.ts';
import type { Labels, Vertex } from '../model/vertex.ts';
import { bucketOf, type FiledSet, FiledSets, narrowest, templateBucket } from './filed-sets.ts';
import { LabelIndex } from './label-index.ts';
import { impliedLabels } from './namespace-choice.ts';
import type { SetEnd } from './set-end.ts';
import { isOfTemplates } from './set-end.ts';

/** What it needs from the graph: present vertices by type and namespace. */
export interface Membership {
  in(type: string, namespace: string): Iterable<Vertex>;
  namespacesOf(type: string): Iterable<string>;
}

const noLabels: Labels = {};
const namespaceKind: KindEnd = { by: 'kind', type: 'Namespace', namespaces: { all: true } };

export class Selectors<Owner> {
  readonly #graph: Membership;
  readonly #sets = new FiledSets<Owner>();
  /** By type; created with the first selector for the type. */
  readonly #indexes = new Map<string, LabelIndex>();
  /** Of known Namespaces; for others only the name is known. */
  readonly #labelsOfNamespaces = new Map<string, Labels>();
  readonly #templates = new Map<Vertex, Labels>();
  readonly #templatesByNamespace = new Map<string, Set<Vertex>>();

  constructor(graph: Membership) {
    this.#graph = graph;
  }

  add(end: SetEnd, owner: Owner): FiledSet<Owner> {
    return this.#sets.add(end, owner);
  }

  remove(set: FiledSet<Owner>): void {
    this.#sets.remove(set);
  }

  /** Current members, without duplicates. */
  matchesOf(set: FiledSet<Owner>): Set<Vertex> {
    const found = new Set<Vertex>();
    for (const namespace of this.#namespacesFor(set))
      if (this.#chooses(set, namespace)) this.#collect(set, namespace, found);
    return found;
  }

  /** Vertices of the namespace that match the selector, whether or not the set selects that namespace. */
  matchesIn(set: FiledSet<Owner>, namespace: string): Set<Vertex> {
    const found = new Set<Vertex>();
    this.#collect(set, namespace, found);
    return found;
  }

  #collect(set: FiledSet<Owner>, namespace: string, found: Set<Vertex>): void {
    for (const vertex of this.#candidates(set.end, set.selector, namespace))
      if (this.#accepts(set, vertex)) found.add(vertex);
  }

  /** Sets that contain the vertex now, without duplicates. */
  setsOf(vertex: Vertex): Owner[] {
    const found: Owner[] = [];
    const keep = (set: FiledSet<Owner>) => {
      if (this.#accepts(set, vertex) && this.#chooses(set, vertex.namespace)) found.push(set.owner);
    };
    const ofNamespace = this.#labelsOfNamespace(vertex.namespace);
    this.#sets.visit(vertex.type, vertex.namespace, vertex.labels, ofNamespace, keep);
    const template = this.#templates.get(vertex);
    if (template) this.#sets.visitTemplates(vertex, template, ofNamespace, keep);
    return found;
  }

  /**
   * Sets the labels of a Namespace; undefined removes it. Returns the sets that select namespaces by label and whose choice
   * of this one changed.
   */
  rechoose(namespace: string, labels: Labels | undefined): ReadonlyMap<FiledSet<Owner>, boolean> {
    const before = this.#labelsOfNamespaces.get(namespace);
    const after = labels && { ...labels, ...impliedLabels(namespace) };
    if (after) this.#labelsOfNamespaces.set(namespace, after);
    else this.#labelsOfNamespaces.delete(namespace);
    const changed = new Map<FiledSet<Owner>, boolean>();
    const compare = (set: FiledSet<Owner>) => {
      const now = set.choice?.chooses(namespace, after) === true;
      if (now !== (set.choice?.chooses(namespace, before) === true)) changed.set(set, now);
    };
    for (const each of [before, after]) this.#sets.visitChoosing(each ?? impliedLabels(namespace), compare);
    return changed;
  }

  templateOf(vertex: Vertex): Labels | undefined {
    return this.#templates.get(vertex);
  }

  /** Sets the labels of the objects that the vertex's template will create; undefined for no template. */
  setTemplate(vertex: Vertex, labels: Labels | undefined): void {
    const index = this.#indexes.get(templateBucket);
    const before = this.#templates.get(vertex);
    if (before) {
      this.#templates.delete(vertex);
      drop(this.#templatesByNamespace, vertex.namespace, vertex);
      index?.leave(vertex, before);
    }
    if (!labels) return;
    this.#templates.set(vertex, labels);
    setOf(this.#templatesByNamespace, vertex.namespace).add(vertex);
    index?.enter(vertex, labels);
  }

  /** Adds a vertex to the label index. */
  enter(vertex: Vertex): void {
    this.#indexes.get(vertex.type)?.enter(vertex, vertex.labels);
  }

  /** Takes the labels that the vertex was entered with. */
  leave(vertex: Vertex): void {
    this.#indexes.get(vertex.type)?.leave(vertex, vertex.labels);
  }

  #accepts({ end, selector }: FiledSet<Owner>, vertex: Vertex): boolean {
    if (end.by === 'kind') return true;
    if (end.orphansOnly && vertex.controlled) return false;
    if (end.names && !end.names.includes(vertex.name)) return false;
    if (end.notNames?.includes(vertex.name)) return false;
    if (end.namePrefix !== undefined && !vertex.name.startsWith(end.namePrefix)) return false;
    if (end.templates) return vertex.present && selector.matches(this.#templates.get(vertex));
    return !isInPhase(vertex, end.phaseNot) && selector.matches(vertex.labels ?? noLabels);
  }

  #chooses({ end, choice }: FiledSet<Owner>, namespace: string): boolean {
    if ('in' in end.namespaces) return end.namespaces.in.includes(namespace);
    return !choice || choice.chooses(namespace, this.#labelsOfNamespaces.get(namespace));
  }

  /** The namespaces that it may select. */
  #namespacesFor({ end, choice }: FiledSet<Owner>): Iterable<string> {
    if ('in' in end.namespaces) return new Set(end.namespaces.in);
    if (!choice || choice.byName)
      return isOfTemplates(end) ? this.#templatesByNamespace.keys() : this.#graph.namespacesOf(end.type);
    return Array.from(this.#candidates(namespaceKind, choice.selector, ''), ({ name }) => name);
  }

  /** Candidates: carriers of the rarest required label, or all. */
  #candidates(end: SetEnd, { demands }: CompiledSelector, namespace: string): Iterable<Vertex> {
    if (demands.length === 0) return this.#membersIn(end, namespace);
    const index = this.#indexOf(end);
    const demand = narrowest(demands, (each) => index.carrierCount(namespace, each));
    return demand ? index.carriers(namespace, demand) : [];
  }

  #membersIn(end: SetEnd, namespace: string): Iterable<Vertex> {
    return isOfTemplates(end) ? (this.#templatesByNamespace.get(namespace) ?? []) : this.#graph.in(end.type, namespace);
  }

  #indexOf(end: SetEnd): LabelIndex {
    return getOrMake(this.#indexes, bucketOf(end), () => {
      const index = new LabelIndex();
      const ofTemplates = isOfTemplates(end);
      for (const namespace of ofTemplates ? this.#templatesByNamespace.keys() : this.#graph.namespacesOf(end.type))
        for (const vertex of this.#membersIn(end, namespace))
          index.enter(vertex, ofTemplates ? this.#templates.get(vertex) : vertex.labels);
      return index;
    });
  }

  #labelsOfNamespace(namespace: string): Labels | undefined {
    return this.#labelsOfNamespaces.get(namespace) ?? impliedLabels(namespace);
  }
}

function isInPhase({ fields }: Vertex, phases: readonly string[] | undefined): boolean {
  const phase = phases && fields['status.phase'];
  return phase !== undefined && phases?.includes(phase) === true;
}
