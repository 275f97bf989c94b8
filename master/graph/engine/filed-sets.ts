// Sets filed by the labels they require: the labels of a vertex and of its namespace lead to the sets it may be in.
import { getOrMake } from '../../../src/get-or-make.ts';
import type { LabelSelector } from '../../../src/model.ts';
import type { CompiledSelector, Demand } from '../model/label-selector.ts';
import { compileSelector } from '../model/label-selector.ts';
import type { Labels, Vertex } from '../model/vertex.ts';
import type { DemandIndex } from './demand-index.ts';
import { createDemandIndex, isBare, placesAt, placesFor, prune, visitFor } from './demand-index.ts';
import { NamespaceChoice } from './namespace-choice.ts';
import type { SetEnd } from './set-end.ts';
import { isOfTemplates } from './set-end.ts';

/** One set and its owner. */
export interface FiledSet<Owner> {
  readonly owner: Owner;
  readonly end: SetEnd;
  readonly selector: CompiledSelector;
  readonly choice: NamespaceChoice | undefined;
  /** The required label under which the set is filed. */
  readonly demand: Demand | undefined;
  readonly namespaceDemand: Demand | undefined;
}

type File<Owner> = DemandIndex<Set<FiledSet<Owner>>>;

/** Sets over one type, by required label. */
interface Bucket<Owner> {
  readonly inNamespace: Map<string, File<Owner>>;
  /** Sets that name no namespace, by required namespace label first. */
  readonly anywhere: DemandIndex<File<Owner>>;
}

const everything: CompiledSelector = compileSelector({});
export const templateBucket = 'a template of Pod';

export function bucketOf(end: SetEnd): string {
  return isOfTemplates(end) ? templateBucket : end.type;
}

export class FiledSets<Owner> {
  readonly #buckets = new Map<string, Bucket<Owner>>();
  readonly #choosing: File<Owner> = createDemandIndex();
  /** Pods and templates are selected one after the other by the same selector. */
  #last: { readonly selector: LabelSelector; readonly compiled: CompiledSelector } | undefined;

  add(end: SetEnd, owner: Owner): FiledSet<Owner> {
    const selector = end.by === 'labels' ? this.#compiled(end.selector) : everything;
    const choice = 'labels' in end.namespaces ? new NamespaceChoice(end.namespaces.labels) : undefined;
    const namespaceDemand = narrowest(choice?.selector.demands ?? [], () => 0);
    const files = this.#filesFor(end, namespaceDemand);
    const [first] = files;
    // A label that many selectors require does not tell them apart.
    const demand = narrowest(selector.demands, (each) => (first ? sizeOf(placesAt(first, each)) : 0));
    const filed = { owner, end, selector, choice, demand, namespaceDemand };
    for (const file of files) for (const place of placesFor(file, demand, newPlace<Owner>)) place.add(filed);
    if (choice) for (const place of placesFor(this.#choosing, namespaceDemand, newPlace<Owner>)) place.add(filed);
    return filed;
  }

  #compiled(selector: LabelSelector): CompiledSelector {
    if (this.#last?.selector !== selector) this.#last = { selector, compiled: compileSelector(selector) };
    return this.#last.compiled;
  }

  remove(filed: FiledSet<Owner>): void {
    const { end, demand, namespaceDemand, choice } = filed;
    for (const file of this.#filesFor(end, namespaceDemand))
      for (const place of placesAt(file, demand)) place.delete(filed);
    this.#pruneFilesOf(filed);
    if (!choice) return;
    for (const place of placesAt(this.#choosing, namespaceDemand)) place.delete(filed);
    prune(this.#choosing, namespaceDemand, isEmpty);
  }

  /** Calls `visit` for sets that may contain a vertex with these labels in a namespace with those. */
  visit(
    bucketName: string,
    namespace: string,
    labels: Labels | undefined,
    ofNamespace: Labels | undefined,
    see: Visit<Owner>,
  ): void {
    const bucket = this.#buckets.get(bucketName);
    if (!bucket) return;
    const look = (file: File<Owner>) => visitFor(file, labels, (place) => place.forEach(see));
    const file = bucket.inNamespace.get(namespace);
    if (file) look(file);
    visitFor(bucket.anywhere, ofNamespace, look);
  }

  visitTemplates(vertex: Vertex, labels: Labels, ofNamespace: Labels | undefined, see: Visit<Owner>): void {
    this.visit(templateBucket, vertex.namespace, labels, ofNamespace, see);
  }

  /** Calls `see` for sets that select namespaces by label and may select one with these labels. */
  visitChoosing(labels: Labels | undefined, see: Visit<Owner>): void {
    visitFor(this.#choosing, labels, (place) => place.forEach(see));
  }

  /** The files for sets with such an end. */
  #filesFor(end: SetEnd, namespaceDemand: Demand | undefined): File<Owner>[] {
    const bucket = getOrMake(this.#buckets, bucketOf(end), newBucket<Owner>);
    if (!('in' in end.namespaces)) return placesFor(bucket.anywhere, namespaceDemand, newFile<Owner>);
    return end.namespaces.in.map((namespace) => getOrMake(bucket.inNamespace, namespace, newFile<Owner>));
  }

  /** Drops empty files, so that short-lived namespaces leave nothing behind. */
  #pruneFilesOf({ end, demand, namespaceDemand }: FiledSet<Owner>): void {
    const bucket = this.#buckets.get(bucketOf(end)) as Bucket<Owner>;
    const isUnused = (file: File<Owner>) => {
      prune(file, demand, isEmpty);
      return isBare(file);
    };
    if (!('in' in end.namespaces)) return prune(bucket.anywhere, namespaceDemand, isUnused);
    for (const namespace of end.namespaces.in) {
      const file = bucket.inNamespace.get(namespace);
      if (file && isUnused(file)) bucket.inNamespace.delete(namespace);
    }
  }
}

type Visit<Owner> = (filed: FiledSet<Owner>) => void;

function newPlace<Owner>(): Set<FiledSet<Owner>> {
  return new Set();
}

function newFile<Owner>(): File<Owner> {
  return createDemandIndex();
}

function newBucket<Owner>(): Bucket<Owner> {
  return { inNamespace: new Map(), anywhere: createDemandIndex() };
}

function isEmpty({ size }: { readonly size: number }): boolean {
  return size === 0;
}

/** The demand with the least `size`; demands with values are preferred. */
export function narrowest(demands: readonly Demand[], size: (demand: Demand) => number): Demand | undefined {
  const named = demands.filter(({ values }) => values);
  const [first, ...others] = named.length > 0 ? named : demands;
  if (!first || others.length === 0) return first;
  return others.reduce((least, each) => (size(each) < size(least) ? each : least), first);
}

export function sizeOf(sets: readonly { readonly size: number }[]): number {
  return sets.reduce((sum, { size }) => sum + size, 0);
}
