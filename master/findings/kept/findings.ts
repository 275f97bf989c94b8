// Keeps all findings of a graph up to date. Each resource is examined once, and again when it or something it depended on
// changes, or when a time limit passes. The result equals a fresh computation, except for rules with memory.
//
// Work runs in steps, outside of transactions: a write to the graph only records what it touched.
import { timestampOf, type WallTime } from '../../../src/clock.ts';
import { every, type Steps } from '../../../src/steps.ts';
import { textOrder } from '../../../src/text-order.ts';
import type { GraphReader } from '../../graph/contract.ts';
import type { Vertex } from '../../graph/model/vertex.ts';
import type { Change } from '../../graph/revisions/changes.ts';
import { type AcceptanceRule, acceptanceOf } from '../acceptance.ts';
import type { Finding, FindingChange, FindingsReader, Undecided } from '../contract.ts';
import type { AcceptancesSeen, FindingRule, Found, GraphFindingRule, ResourceFindingRule } from '../finding-rule.ts';
import { Asked } from './asked.ts';
import { Choices } from './choices.ts';
import { Dependencies, type Look, Looked, together } from './dependencies.ts';
import { type Draft, draftOf, severityOrder } from './draft.ts';
import { DueTimes } from './due-times.ts';
import { FindingTable } from './finding-table.ts';
import { Knowledge } from './knowledge.ts';
import { LookingView, Undecidable } from './looking-view.ts';
import { Memories } from './memories.ts';
import { Objects } from './objects.ts';
import { RulesByType } from './rules-by-type.ts';
import { UndecidedTable } from './undecided.ts';

export interface FindingsOptions {
  readonly graph: GraphReader;
  readonly rules: readonly FindingRule[];
  readonly clock: () => number;
  readonly settings?: FindingSettings;
  /** False for a single examination, where rules with memory cannot run. */
  readonly watched?: boolean;
  /** A monotonic clock in milliseconds, to measure the cost of rules on the whole graph. */
  readonly now?: () => number;
  /** Computes advice only while it is wanted: see `keepAdvice`. */
  readonly sparesAdvice?: boolean;
  /** Maximum number of recorded dependencies, where a finding counts as ten; unlimited by default. */
  readonly room?: () => number;
  /** Called when a rule throws. */
  readonly onProblem?: (problem: { readonly rule: string; readonly id: string; readonly error: unknown }) => void;
}

/** What the settings say. */
export interface FindingSettings {
  readonly accept: readonly AcceptanceRule[];
  /** Whether an annotation may accept findings of this name. */
  readonly acceptsByAnnotation: (name: string) => boolean;
  /** Allowed image registries; empty for any. */
  readonly registries: readonly string[];
}

export const noSettings: FindingSettings = { accept: [], acceptsByAnnotation: () => true, registries: [] };

/** Minimum milliseconds between two runs of the rules on the whole graph. */
const graphPeriod = 60_000;
/** The minimum is also this many times their duration, so that they take at most a hundredth of a processor on large clusters. */
const graphShare = 100;
/** Key of results from rules on the whole graph. */
const wholeGraph = '';
/** Reported as undecided for resources without room. */
const noRoom = { name: '*', reason: 'there is no room in the heap to look at it' } as const;
const notesOfDraft = 10;
/** Maximum findings of one rule on one resource: an object may name twenty thousand missing ones. */
const mostOfOne = 100;
/** Resources examined between two pauses. */
const slice = 8;

export class Findings implements FindingsReader {
  readonly #options: FindingsOptions;
  readonly #graph: GraphReader;
  readonly #table = new FindingTable();
  readonly #dependencies = new Dependencies();
  readonly #due = new DueTimes();
  readonly #undecided = new UndecidedTable();
  readonly #acceptances: AcceptancesSeen;
  readonly #memories = new Memories();
  readonly #knowledge: Knowledge;
  readonly #objects: Objects;
  readonly #choices: Choices;
  /** The graph as rules see it. It records the dependencies of the resource under examination. */
  readonly #view: LookingView;
  readonly #looked = new Looked();
  readonly #listeners = new Set<(changes: readonly FindingChange[]) => void>();
  /** Types for which some rule looked at the examined resource's own relations. */
  readonly #readers = { out: new Set<string>(), into: new Set<string>() };
  /** All rules, and the active ones. */
  #known: readonly FindingRule[];
  #rules: RulesByType;
  #keepsAdvice: boolean;
  #settings: FindingSettings;
  #open = new Set<string>();
  /** Resources still to examine in the current round. */
  #batch: Set<string> = new Set();
  /** Resources skipped for lack of room. */
  readonly #leftOut = new Set<string>();
  #leftOutAt = Number.NEGATIVE_INFINITY;
  /** Completely known kinds. */
  #sure = new Set<string>();
  #unfollow: (() => void) | undefined;
  #onOpen: (() => void) | undefined;
  #graphDue = Number.NEGATIVE_INFINITY;
  #graphOpen = true;
  #begun = false;
  /** Drafts are being merged: the next round reports what is found meanwhile. */
  #telling = false;
  /** When a time limit changes results of the rules on the whole graph. */
  #graphTime = Number.POSITIVE_INFINITY;
  #settled = false;
  #version = 0;

  constructor(options: FindingsOptions) {
    const { graph, rules, settings = noSettings, watched = true, sparesAdvice = false } = options;
    this.#options = options;
    this.#graph = graph;
    this.#known = rules;
    this.#keepsAdvice = !sparesAdvice;
    this.#rules = this.#rulesAsked();
    this.#settings = settings;
    this.#knowledge = new Knowledge(graph, watched);
    this.#objects = new Objects(graph);
    this.#choices = new Choices(graph);
    this.#acceptances = this.#acceptancesSeen();
    this.#view = this.#viewInto(this.#looked);
  }

  // --- read ------------------------------------------------------------------------------------------------------------

  *current(): Iterable<Finding> {
    yield* [...this.#table.all()].sort(findingOrder);
  }

  all(): Iterable<Finding> {
    return this.#table.all();
  }

  get(id: string): Finding | undefined {
    return this.#table.get(id);
  }

  of(resource: string): Iterable<Finding> {
    return this.#table.of(resource);
  }

  /** Findings on the resource, or that affect it. */
  about(resource: string): Iterable<Finding> {
    return [...this.#table.about(resource)].sort(findingOrder);
  }

  /**
   * Advice on the resource or affecting it, computed by this call if it is not kept. It is found from the resource itself, its
   * owners and what it owns.
   */
  adviceAbout(resource: string): Iterable<Finding> {
    const vertex = this.#keepsAdvice ? undefined : this.#graph.get(resource);
    if (!vertex?.present) return [];
    const table = new FindingTable();
    const view = this.#viewInto();
    view.turnTo(resource, this.#options.clock());
    const rules = new RulesByType(this.#known.filter((rule) => rule.class === 'advice'));
    for (const subject of kinOf(vertex, view)) {
      const asked = new Asked(noDrafts);
      for (const rule of rules.of(subject.type)) this.#askOne(rule, subject, asked, view);
      table.replace(subject.id, asked.drafts);
    }
    allOf(table.settle(timestampOf(view.now as WallTime)));
    return table.about(resource);
  }

  /** Ids of all affected resources. */
  affectedBy(id: string): readonly string[] {
    return this.#table.affectedBy(id);
  }

  *undecided(): Iterable<Undecided> {
    if (this.#leftOut.size > 0) yield { ...noRoom, count: this.#leftOut.size };
    yield* this.#undecided.all();
  }

  subscribe(listener: (changes: readonly FindingChange[]) => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  get settled(): boolean {
    return this.#settled;
  }

  get keepsAdvice(): boolean {
    return this.#keepsAdvice;
  }

  /** Resources waiting to be examined. */
  get waiting(): number {
    return this.#open.size + this.#batch.size;
  }

  /** Increases with each round that changed something. */
  get version(): number {
    return this.#version;
  }

  // --- kept ------------------------------------------------------------------------------------------------------------

  /** Follows the graph from now on. Calls `onOpen` whenever there is work for `renew`. */
  follow(onOpen: () => void): void {
    this.#onOpen = onOpen;
    this.#graph.changes.record();
    this.#unfollow = this.#graph.changes.follow((change) => this.#note(change));
  }

  close(): void {
    this.#unfollow?.();
    this.#listeners.clear();
  }

  /** Replaces the rules and settings; `renew` examines everything again. */
  declare(rules: readonly FindingRule[], settings: FindingSettings = this.#settings): void {
    this.#known = rules;
    this.#rules = this.#rulesAsked();
    this.#settings = settings;
    this.#knowledge.forget();
    if (!this.#begun) return;
    this.#openAll();
    this.#onOpen?.();
  }

  /** Sets whether advice is computed; `renew` applies the change. */
  keepAdvice(keeps: boolean): void {
    if (keeps === this.#keepsAdvice) return;
    this.#keepsAdvice = keeps;
    this.#rules = this.#rulesAsked();
    if (!this.#begun) return;
    for (const rule of this.#known)
      if (rule.class === 'advice' && 'types' in rule) for (const type of rule.types) this.#openNamed(type);
    this.#graphOpen = true;
    this.#graphDue = Number.NEGATIVE_INFINITY;
    this.#onOpen?.();
  }

  /** Examines everything. Run once, to its end. */
  *make(): Steps<void> {
    this.#begun = true;
    this.#sure = new Set(this.#knowledge.sureKinds());
    this.#openAll();
    yield* this.renew();
    this.#settled = true;
  }

  /** When `renew` has work even without changes, in milliseconds since the epoch; undefined if never. */
  nextDue(): number | undefined {
    const due = this.#nextAsked();
    if (this.#rules.ofGraph.length === 0) return due;
    const next = Math.min(due ?? Number.POSITIVE_INFINITY, this.#nextGraph());
    return next === Number.POSITIVE_INFINITY ? undefined : next;
  }

  /** When to run the rules on the whole graph again. */
  #nextGraph(): number {
    return Math.max(this.#graphDue, this.#graphOpen ? 0 : this.#graphTime);
  }

  #rulesAsked(): RulesByType {
    return new RulesByType(this.#keepsAdvice ? this.#known : this.#known.filter((rule) => rule.class !== 'advice'));
  }

  #acceptancesSeen(): AcceptancesSeen {
    const accept = () => this.#settings.accept;
    return {
      get rules() {
        return accept();
      },
      isKnown: (name) => this.#known.some((rule) => rule.name === name || rule.aliases?.includes(name)),
      // Inactive rules prove nothing about an acceptance.
      isUsed: (by, name) => this.#table.accepts(by, name) || (!this.#keepsAdvice && this.#mayBeAdvice(name)),
    };
  }

  #mayBeAdvice(name: string): boolean {
    return (
      name.includes('*') ||
      this.#known.some((rule) => rule.class === 'advice' && (rule.name === name || rule.aliases?.includes(name)))
    );
  }

  #nextAsked(): number | undefined {
    const due = this.#due.next();
    return this.#leftOut.size > 0 ? Math.min(due ?? Number.POSITIVE_INFINITY, this.#leftOutAt + graphPeriod) : due;
  }

  /** Once a minute, skipped resources are examined if there is room again. */
  #openLeftOut(): void {
    if (this.#leftOut.size === 0 || this.#options.clock() < this.#leftOutAt + graphPeriod) return;
    this.#leftOutAt = this.#options.clock();
    if (this.#room > 0) for (const id of this.#leftOut) this.#open.add(id);
  }

  get #room(): number {
    return (this.#options.room?.() ?? Number.POSITIVE_INFINITY) - this.#dependencies.notes;
  }

  /** Examines what changed before the call and what is due, so it ends even under constant change. Do not run two at once. */
  *renew(): Steps<void> {
    this.#knowledge.forget();
    for (const id of this.#due.take(this.#options.clock())) this.#open.add(id);
    this.#openLeftOut();
    try {
      yield* this.#askBatch();
    } finally {
      for (const id of this.#batch) this.#open.add(id);
      this.#batch = new Set();
    }
    if (this.#options.clock() >= this.#nextGraph()) yield* this.#askGraph();
    this.#objects.clear();
    yield* this.#tell();
  }

  *#askBatch(): Steps<void> {
    this.#batch = this.#open;
    this.#open = new Set();
    const pause = every(slice);
    for (const id of this.#batch) {
      this.#askNow(id);
      if (pause()) yield;
    }
  }

  #askNow(id: string): void {
    this.#batch.delete(id);
    this.#open.delete(id);
    this.#ask(id);
  }

  /** Findings on a resource, which is examined first if it is waiting. Those on others may be a round old. */
  aboutNow(resource: string): Iterable<Finding> {
    const waits =
      this.#open.has(resource) || this.#batch.has(resource) || this.#due.isDue(resource, this.#options.clock());
    if (waits && !this.#telling) {
      this.#askNow(resource);
      allOf(this.#tell());
    }
    return this.about(resource);
  }

  *#tell(): Steps<void> {
    this.#telling = true;
    try {
      const changes = yield* this.#table.settle(timestampOf(this.#options.clock() as WallTime));
      if (changes.length === 0) return;
      this.#version++;
      for (const listener of this.#listeners) listener(changes);
    } finally {
      this.#telling = false;
    }
  }

  // --- what changed ----------------------------------------------------------------------------------------------------

  #note({ resources, removedResources, relations, removedRelations, completeness }: Change): void {
    for (const resource of resources) this.#noteResource(resource);
    for (const resource of removedResources) this.#noteResource(resource);
    for (const { source, target } of relations) this.#noteRelation(source, target);
    for (const { source, target } of removedRelations) this.#noteRelation(source, target);
    if (completeness !== undefined) this.#noteSources();
    this.#graphOpen = true;
    this.#onOpen?.();
  }

  #noteResource(resource: Pick<Vertex, 'id' | 'type' | 'namespace'>): void {
    const { id, type, namespace } = resource;
    this.#open.add(id);
    this.#openOn('itself', id);
    this.#openOn('other', together.members(type, namespace));
    this.#openOn('other', together.members(type, undefined));
    this.#choices.note(resource, (what) => this.#openOn('other', what));
  }

  #noteRelation(source: Pick<Vertex, 'id' | 'type'>, target: Pick<Vertex, 'id' | 'type'>): void {
    if (this.#readers.out.has(source.type)) this.#open.add(source.id);
    if (this.#readers.into.has(target.type)) this.#open.add(target.id);
    this.#openOn('out', source.id);
    this.#openOn('into', target.id);
  }

  #openOn(look: Look, what: string): void {
    for (const id of this.#dependencies.on(look, what)) this.#open.add(id);
  }

  #noteSources(): void {
    this.#knowledge.forget();
    const sure = new Set(this.#knowledge.sureKinds());
    for (const kind of new Set([...this.#sure, ...sure])) {
      if (sure.has(kind) === this.#sure.has(kind)) continue;
      this.#openReaders(kind);
      this.#openOn('other', together.kind(kind));
    }
    this.#sure = sure;
  }

  #openReaders(kind: string): void {
    const types = this.#rules.typesReading(kind);
    if (!types) return this.#openAll();
    for (const type of types) this.#openType(type);
  }

  /** Sorted by namespace: resources that depend on each other use the same parsed objects. */
  #openAll(): void {
    const types = [...this.#graph.counts().keys()].filter((type) => this.#rules.of(type).length > 0);
    const namespaces = new Set(types.flatMap((type) => [...this.#graph.namespacesOf(type)]));
    for (const namespace of namespaces)
      for (const type of types) for (const { id } of this.#graph.members(type, namespace)) this.#open.add(id);
    for (const subject of this.#table.subjects()) if (subject !== wholeGraph) this.#open.add(subject);
    this.#graphOpen = true;
    this.#graphDue = Number.NEGATIVE_INFINITY;
  }

  #openNamed(type: string): void {
    if (type !== '*') return this.#openType(type);
    for (const each of this.#graph.counts().keys()) this.#openType(each);
  }

  #openType(type: string): void {
    for (const namespace of this.#graph.namespacesOf(type))
      for (const { id } of this.#graph.members(type, namespace)) this.#open.add(id);
  }

  // --- asked about -----------------------------------------------------------------------------------------------------

  #ask(id: string): void {
    const vertex = this.#graph.get(id);
    this.#due.drop(id);
    if (!vertex?.present) return this.#forget(id);
    const rules = this.#rules.of(vertex.type);
    const before = this.#table.draftsOf(id);
    if (rules.length === 0 && before.length === 0) return;
    const asked = new Asked(before);
    const view = this.#view;
    view.turnTo(id, this.#options.clock());
    for (const rule of rules) this.#askOne(rule, vertex, asked, view);
    const notes = this.#looked.size + asked.drafts.length * notesOfDraft;
    if (notes - this.#dependencies.notesOf(id) > this.#room) return this.#leaveOut(id);
    this.#leftOut.delete(id);
    if (view.due !== Number.POSITIVE_INFINITY) this.#due.add(id, view.due);
    if (view.readsOut) this.#readers.out.add(vertex.type);
    if (view.readsInto) this.#readers.into.add(vertex.type);
    this.#dependencies.set(id, this.#looked);
    this.#undecided.set(id, asked.reasons);
    this.#table.replace(id, asked.drafts);
  }

  #leaveOut(id: string): void {
    if (this.#leftOut.size === 0) this.#leftOutAt = this.#options.clock();
    this.#forget(id);
    this.#leftOut.add(id);
  }

  #forget(id: string): void {
    this.#leftOut.delete(id);
    this.#dependencies.set(id, undefined);
    this.#undecided.set(id, new Map());
    this.#memories.forget(id);
    this.#table.replace(id, []);
  }

  #askOne(rule: ResourceFindingRule, vertex: Vertex, asked: Asked, view: LookingView): void {
    const lack = this.#knowledge.lackOf(rule, vertex.namespace);
    if (lack !== undefined) return asked.undecided(rule.name, lack);
    view.begin(rule.name);
    try {
      const found = rule.of(vertex, view);
      const all = found === undefined ? [] : asList(found);
      for (const one of all.slice(0, mostOfOne)) asked.found(this.#draft(rule, vertex, one, view));
      if (all.length > mostOfOne)
        asked.partly(rule.name, `only ${mostOfOne} of ${all.length} on one resource are told`);
      if (view.unsure.size > 0) asked.unsure(rule.name, view.unsure);
    } catch (error) {
      if (error instanceof Undecidable) asked.undecided(rule.name, error.message);
      else this.#options.onProblem?.({ rule: rule.name, id: vertex.id, error });
    }
  }

  #viewInto(looked?: Looked): LookingView {
    return new LookingView({
      graph: this.#graph,
      memoryOf: (name, id, make) => this.#memories.of(name, id, make),
      acceptances: this.#acceptances,
      objects: this.#objects,
      choices: this.#choices,
      ...(looked ? { looked } : {}),
    });
  }

  #draft(rule: FindingRule, subject: Vertex | undefined, found: Found, view: LookingView): Draft {
    const byAnnotation = this.#settings.acceptsByAnnotation(rule.name);
    const names = [rule.name, ...(rule.aliases ?? [])];
    const accepted = acceptanceOf({ names, subject, on: found.on, byAnnotation }, this.#settings.accept, view);
    const asOf = subject ? {} : { asOf: timestampOf(view.now as WallTime) };
    return draftOf(rule, subject?.id ?? wholeGraph, found, {
      accepted,
      fieldOf: (edge) => view.fieldOf(edge),
      ...asOf,
    });
  }

  // --- the whole graph -------------------------------------------------------------------------------------------------

  *#askGraph(): Steps<void> {
    this.#graphOpen = false;
    const began = this.#options.clock();
    const { now = () => performance.now() } = this.#options;
    this.#graphTime = Number.POSITIVE_INFINITY;
    const asked = new Asked(this.#table.draftsOf(wholeGraph));
    const view = this.#viewInto();
    view.turnTo(wholeGraph, began);
    let took = 0;
    for (const rule of this.#rules.ofGraph) {
      const steps = this.#askGraphOne(rule, asked, view);
      for (let done = false; !done; ) {
        const before = now();
        done = steps.next().done === true;
        took += now() - before;
        if (!done) yield;
      }
      this.#graphTime = Math.min(this.#graphTime, view.due);
    }
    this.#graphDue = began + Math.max(graphPeriod, took * graphShare);
    this.#undecided.set(wholeGraph, asked.reasons);
    this.#table.replace(wholeGraph, asked.drafts);
  }

  *#askGraphOne(rule: GraphFindingRule, asked: Asked, view: LookingView): Steps<void> {
    const lack = this.#knowledge.lackOf(rule, '');
    if (lack !== undefined) {
      if (!this.#knowledge.findsWithout(rule)) return asked.undecided(rule.name, lack);
      asked.partly(rule.name, lack);
    }
    view.begin(rule.name);
    try {
      for (const found of yield* rule.over(view)) asked.found(this.#draft(rule, undefined, found, view));
      this.#graphDue = Math.min(this.#graphDue, view.due);
    } catch (error) {
      if (error instanceof Undecidable) asked.undecided(rule.name, error.message);
      else this.#options.onProblem?.({ rule: rule.name, id: wholeGraph, error });
    }
  }
}

const noDrafts: readonly Draft[] = [];
/** Maximum owned resources to examine. */
const mostOwned = 100;

/** The resource, its topmost owner, and what is owned on the way down and one step below. */
function kinOf(vertex: Vertex, view: LookingView): ReadonlySet<Vertex> {
  const kin = new Set([vertex, view.rootOf(vertex)]);
  for (const { target } of view.out(vertex, 'owns', 'monitors').slice(0, mostOwned))
    if (target.present) kin.add(target);
  return kin;
}

/** Runs all steps at once. */
function allOf<T>(steps: Steps<T>): T {
  for (;;) {
    const step = steps.next();
    if (step.done) return step.value;
  }
}

function asList(found: Found | readonly Found[]): readonly Found[] {
  return Array.isArray(found) ? (found as readonly Found[]) : [found as Found];
}

export function findingOrder(a: Finding, b: Finding): number {
  return (
    severityOrder(a.severity, b.severity) ||
    textOrder(a.name, b.name) ||
    textOrder(a.resource, b.resource) ||
    textOrder(a.id, b.id)
  );
}
