// Which resources are waiting to be examined: those that changed, and those that depended on something that changed.
import { getOrMake } from '../../../src/get-or-make.ts';
import type { GraphReader } from '../../graph/contract.ts';
import type { Vertex } from '../../graph/model/vertex.ts';
import type { Change, Facets, RelationEnds, Was } from '../../graph/revisions/changes.ts';
import type { Choices } from './choices.ts';
import { type Dependencies, type Look, together } from './dependencies.ts';
import { wholeGraph } from './examiner.ts';
import type { Knowledge } from './knowledge.ts';
import { everyType, newReads, type Reads } from './looking-view.ts';
import type { RulesByType } from './rules-by-type.ts';

export interface OpenSubjectsOptions {
  readonly graph: GraphReader;
  readonly dependencies: Dependencies;
  readonly knowledge: Knowledge;
  readonly choices: Choices;
  readonly rules: () => RulesByType;
  /** Ids of the resources with findings, and `wholeGraph`. */
  readonly found: () => Iterable<string>;
  /** Called when all resources are opened. */
  readonly onEverything: () => void;
}

/** All that a change may alter. Equal values are the same object, as the engine keeps the old one. */
const facetNames = [
  'label',
  'alternateLabel',
  'labels',
  'fields',
  'annotations',
  'health',
] as const satisfies readonly (keyof Facets)[];

type Named = Pick<Vertex, 'id' | 'type' | 'namespace'>;

export class OpenSubjects {
  readonly #options: OpenSubjectsOptions;
  #open = new Set<string>();
  /** The current round, and how many of it were examined. */
  #batch: ReadonlySet<string> = new Set();
  #examined = 0;
  /** Completely known kinds. */
  #sure = new Set<string>();
  /** By type of the examined resource. */
  readonly #reads = new Map<string, Reads>();

  constructor(options: OpenSubjectsOptions) {
    this.#options = options;
  }

  get size(): number {
    return this.#open.size + this.#batch.size - this.#examined;
  }

  /** Perhaps also if it was examined in the current round. */
  has(id: string): boolean {
    return this.#open.has(id) || this.#batch.has(id);
  }

  add(id: string): void {
    this.#open.add(id);
  }

  addAll(ids: Iterable<string>): void {
    for (const id of ids) this.#open.add(id);
  }

  /** It is examined now. The current round may still come to it. */
  delete(id: string): void {
    if (this.#open.size > 0) this.#open.delete(id);
  }

  /** Those that are waiting now, which form a round; those added later wait for the next one. */
  *round(): Generator<string> {
    const batch = this.#open;
    this.#batch = batch;
    this.#open = new Set();
    try {
      // Nothing is deleted from the set: at the start that costs as much as filling it.
      for (const id of batch) {
        this.#examined++;
        yield id;
      }
    } finally {
      let left = this.#examined;
      for (const id of batch) if (--left < 0) this.#open.add(id);
      this.#batch = new Set();
      this.#examined = 0;
    }
  }

  /** Begins with everything. */
  begin(): void {
    this.#sure = new Set(this.#options.knowledge.sureKinds());
    this.openEverything();
  }

  /** What rules look at when they examine resources of the type: to be added to. */
  readsOf(type: string): Reads {
    return getOrMake(this.#reads, type, newReads);
  }

  note({ resources, removedResources, relations, removedRelations, completeness }: Change): void {
    for (const resource of resources) this.#noteResource(resource, resource.before);
    for (const resource of removedResources) this.#noteResource(resource, undefined);
    for (const relation of relations) this.#noteRelation(relation);
    for (const relation of removedRelations) this.#noteRelation(relation);
    if (completeness !== undefined) this.#noteSources();
  }

  /** Sorted by namespace: resources that depend on each other use the same parsed objects. */
  openEverything(): void {
    const { graph, rules, onEverything } = this.#options;
    const types = [...graph.counts().keys()].filter((type) => rules().of(type).length > 0);
    const namespaces = new Set(types.flatMap((type) => [...graph.namespacesOf(type)]));
    for (const namespace of namespaces)
      for (const type of types) for (const { id } of graph.members(type, namespace)) this.#open.add(id);
    this.#openFound();
    onEverything();
  }

  #openFound(): void {
    for (const id of this.#options.found()) if (id !== wholeGraph) this.#open.add(id);
  }

  /** Opens all resources of a type; of every one for `*` and `*.*`. */
  openType(type: string): void {
    const { graph } = this.#options;
    for (const each of type.includes('*') ? graph.counts().keys() : [type])
      for (const namespace of graph.namespacesOf(each))
        for (const { id } of graph.members(each, namespace)) this.#open.add(id);
  }

  /** `before`: its state before the change; undefined if it came or went. */
  #noteResource(resource: Named, before: Was | undefined): void {
    const { id, type, namespace } = resource;
    this.#open.add(id);
    this.#openOn('itself', id);
    if (this.#options.dependencies.has('facets', id) && !this.#hasFacetsOf(id, before)) this.#openOn('facets', id);
    this.#openOn('other', together.members(type, namespace));
    this.#openOn('other', together.members(type, undefined));
    this.#options.choices.note(resource, (what, choice) =>
      choice?.ofFindings ? this.#openFound() : this.#openOn('other', what),
    );
  }

  #hasFacetsOf(id: string, before: Was | undefined): boolean {
    const { graph } = this.#options;
    const vertex = graph.get(id);
    return (
      vertex !== undefined &&
      before !== undefined &&
      facetNames.every((name) => vertex[name] === before[name]) &&
      graph.standingOf(vertex) === before.standing
    );
  }

  #noteRelation({ type, source, target }: RelationEnds): void {
    if (isRead(this.#reads.get(source.type)?.out, type)) this.#open.add(source.id);
    if (isRead(this.#reads.get(target.type)?.into, type)) this.#open.add(target.id);
    this.#openOn('out', source.id);
    this.#openOn('into', target.id);
  }

  #openOn(look: Look, what: string): void {
    this.addAll(this.#options.dependencies.on(look, what));
  }

  #noteSources(): void {
    const { knowledge } = this.#options;
    knowledge.forget();
    const sure = new Set(knowledge.sureKinds());
    for (const kind of new Set([...this.#sure, ...sure])) {
      if (sure.has(kind) === this.#sure.has(kind)) continue;
      this.#openReaders(kind);
    }
    this.#sure = sure;
  }

  #openReaders(kind: string): void {
    const types = this.#options.rules().typesReading(kind);
    if (!types) return this.openEverything();
    const looked = [...this.#reads].flatMap(([type, { kinds }]) => (kinds.has(kind) ? [type] : []));
    for (const type of new Set([...types, ...looked])) this.openType(type);
  }
}

function isRead(read: ReadonlySet<string> | undefined, type: string): boolean {
  return read !== undefined && (read.has(type) || read.has(everyType));
}
