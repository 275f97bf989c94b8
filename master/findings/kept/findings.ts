// All findings of a graph, kept: each resource is asked about once, and again when it or what was looked at from it changes, or
// when time alone makes another answer. Kept equals found anew, for all rules that remember nothing.
//
// Work is done in steps, outside of transactions: a write to the graph only notes what it touched.
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
  /** False for what is looked at once: rules that remember cannot tell. */
  readonly watched?: boolean;
  /** Milliseconds of a clock that only goes forward, by which it is measured what rules about the whole graph cost. */
  readonly now?: () => number;
  /** Advice is looked for only while somebody wants it: see `keepAdvice`. */
  readonly sparesAdvice?: boolean;
  /** How many notes may be kept of what was looked at, a finding counting as ten; where it is left out, all. */
  readonly room?: () => number;
  /** Told of a rule that threw. */
  readonly onProblem?: (problem: { readonly rule: string; readonly id: string; readonly error: unknown }) => void;
}

/** What the settings say. */
export interface FindingSettings {
  readonly accept: readonly AcceptanceRule[];
  /** Whether an annotation may accept findings of this name. */
  readonly acceptsByAnnotation: (name: string) => boolean;
  /** Where images may come from; empty for anywhere. */
  readonly registries: readonly string[];
}

export const noSettings: FindingSettings = { accept: [], acceptsByAnnotation: () => true, registries: [] };

/** Milliseconds between two times that rules about the whole graph are worked out, at least. */
const graphPeriod = 60_000;
/** And so many times what they took: on a large cluster they take no more than a hundredth of a processor. */
const graphShare = 100;
/** What rules about the whole graph found is kept under. */
const wholeGraph = '';
/** Of what there is no room for. */
const noRoom = { name: '*', reason: 'there is no room in the heap to look at it' } as const;
const notesOfDraft = 10;
/** Findings of one rule on one resource: an object may name twenty thousand that are missing. */
const mostOfOne = 100;
/** Resources asked about between two places to be interrupted at. */
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
  /** What rules see of the graph, and what those of the resource that is asked about just now looked at. */
  readonly #view: LookingView;
  readonly #looked = new Looked();
  readonly #listeners = new Set<(changes: readonly FindingChange[]) => void>();
  /** Types of which some rule looked at the relations of what it was asked about. */
  readonly #readers = { out: new Set<string>(), into: new Set<string>() };
  /** All of them, and those that are asked now. */
  #known: readonly FindingRule[];
  #rules: RulesByType;
  #keepsAdvice: boolean;
  #settings: FindingSettings;
  #open = new Set<string>();
  /** What the round that is under way has still to ask about. */
  #batch: Set<string> = new Set();
  /** What is not looked at, for want of room. */
  readonly #leftOut = new Set<string>();
  #leftOutAt = Number.NEGATIVE_INFINITY;
  /** Kinds that are known whole. */
  #sure = new Set<string>();
  #unfollow: (() => void) | undefined;
  #onOpen: (() => void) | undefined;
  #graphDue = Number.NEGATIVE_INFINITY;
  #graphOpen = true;
  #begun = false;
  /** Findings are being put together: what is found meanwhile is told by the next round. */
  #telling = false;
  /** When time alone makes another answer of rules about the whole graph. */
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

  /** Those that hang on a resource, or harm it. */
  about(resource: string): Iterable<Finding> {
    return [...this.#table.about(resource)].sort(findingOrder);
  }

  /**
   * What advice hangs on a resource or harms it, looked for on the spot where it is not kept: from the resource itself, from what
   * owns it and from what it owns.
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

  /** Ids of all that it harms. */
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

  /** Resources that wait to be asked about. */
  get waiting(): number {
    return this.#open.size + this.#batch.size;
  }

  /** Grows with each round that changed something. */
  get version(): number {
    return this.#version;
  }

  // --- kept ------------------------------------------------------------------------------------------------------------

  /** Follows the graph from now on. `onOpen` is called whenever there is something to `renew`. */
  follow(onOpen: () => void): void {
    this.#onOpen = onOpen;
    this.#graph.changes.record();
    this.#unfollow = this.#graph.changes.follow((change) => this.#note(change));
  }

  close(): void {
    this.#unfollow?.();
    this.#listeners.clear();
  }

  /** In place of the rules and settings before; everything is asked about again by `renew`. */
  declare(rules: readonly FindingRule[], settings: FindingSettings = this.#settings): void {
    this.#known = rules;
    this.#rules = this.#rulesAsked();
    this.#settings = settings;
    this.#knowledge.forget();
    if (!this.#begun) return;
    this.#openAll();
    this.#onOpen?.();
  }

  /** Whether advice is looked for from now on: what that changes is found by `renew`. */
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

  /** Asks about everything. To be run once, to its end. */
  *make(): Steps<void> {
    this.#begun = true;
    this.#sure = new Set(this.#knowledge.sureKinds());
    this.#openAll();
    yield* this.renew();
    this.#settled = true;
  }

  /** When `renew` has something to do though nothing changes; undefined where never. Milliseconds since the epoch. */
  nextDue(): number | undefined {
    const due = this.#nextAsked();
    if (this.#rules.ofGraph.length === 0) return due;
    const next = Math.min(due ?? Number.POSITIVE_INFINITY, this.#nextGraph());
    return next === Number.POSITIVE_INFINITY ? undefined : next;
  }

  /** When rules about the whole graph are worked out again. */
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
      // Rules that do not run prove nothing.
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

  /** What was left out is looked at once a minute, where there is room again. */
  #openLeftOut(): void {
    if (this.#leftOut.size === 0 || this.#options.clock() < this.#leftOutAt + graphPeriod) return;
    this.#leftOutAt = this.#options.clock();
    if (this.#room > 0) for (const id of this.#leftOut) this.#open.add(id);
  }

  get #room(): number {
    return (this.#options.room?.() ?? Number.POSITIVE_INFINITY) - this.#dependencies.notes;
  }

  /** Asks about what changed before it began, and what is due: under steady change it ends all the same. One at a time. */
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

  /** Those about a resource, which is asked about first where that waits; of others they may be a round old. */
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

  /** By namespace: those that look at each other read the same objects. */
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
/** Of what a resource owns, so many are asked. */
const mostOwned = 100;

/** The resource, its topmost owner, and what is owned on the way down to it and one step below it. */
function kinOf(vertex: Vertex, view: LookingView): ReadonlySet<Vertex> {
  const kin = new Set([vertex, view.rootOf(vertex)]);
  for (const { target } of view.out(vertex, 'owns', 'monitors').slice(0, mostOwned))
    if (target.present) kin.add(target);
  return kin;
}

/** Done in one go. */
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
