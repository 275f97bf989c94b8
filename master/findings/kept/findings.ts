// All findings of a graph, kept: each resource is asked about once, and again when it or what was looked at from it changes, or
// when time alone makes another answer. Kept equals found anew, for all rules that remember nothing.
//
// Work is done in steps, outside of transactions: a write to the graph only notes what it touched.
import { timestampOf, type WallTime } from '../../../src/clock.ts';
import { getOrMake } from '../../../src/get-or-make.ts';
import { podSpecTypes } from '../../../src/pod-spec.ts';
import type { Steps } from '../../../src/steps.ts';
import { textOrder } from '../../../src/text-order.ts';
import type { GraphReader } from '../../graph/contract.ts';
import { isSure } from '../../graph/engine/states.ts';
import type { Vertex } from '../../graph/model/vertex.ts';
import type { Change } from '../../graph/revisions/changes.ts';
import { type AcceptanceRule, acceptanceOf } from '../acceptance.ts';
import type { Finding, FindingChange, FindingsReader, Undecided } from '../contract.ts';
import type { AcceptancesSeen, FindingRule, Found, GraphFindingRule, ResourceFindingRule } from '../finding-rule.ts';
import { Dependencies, lookedAt } from './dependencies.ts';
import { type Draft, draftOf, severityOrder } from './draft.ts';
import { DueTimes } from './due-times.ts';
import { FindingTable } from './finding-table.ts';
import { LookingView, Undecidable } from './looking-view.ts';
import { RulesByType } from './rules-by-type.ts';
import { UndecidedTable } from './undecided.ts';

export interface FindingsOptions {
  readonly graph: GraphReader;
  readonly rules: readonly FindingRule[];
  readonly clock: () => number;
  readonly settings?: FindingSettings;
  /** False for what is looked at once: rules that remember cannot tell. */
  readonly watched?: boolean;
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

/** Milliseconds between two times that a rule about the whole graph is worked out. */
const graphPeriod = 60_000;
/** What rules about the whole graph found is kept under. */
const wholeGraph = '';
const workloads: ReadonlySet<string> = new Set(podSpecTypes);
/** What is said of kinds that files do not hold. */
const notAmongFiles = 'not among the files given';
/** Of what there is no room for. */
const noRoom = { name: '*', reason: 'there is no room in the heap to look at it' } as const;
const notesOfDraft = 10;
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
  /** By resource, then by rule. */
  readonly #memories = new Map<string, Map<string, object>>();
  readonly #listeners = new Set<(changes: readonly FindingChange[]) => void>();
  /** Types of which some rule looked at the relations of what it was asked about. */
  readonly #readers = { out: new Set<string>(), into: new Set<string>() };
  #rules: RulesByType;
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
  #graphAt = Number.NEGATIVE_INFINITY;
  #graphOpen = true;
  /** When time alone makes another answer of theirs. */
  #graphDue = Number.POSITIVE_INFINITY;
  #settled = false;
  #version = 0;

  constructor(options: FindingsOptions) {
    this.#options = options;
    this.#graph = options.graph;
    this.#rules = new RulesByType(options.rules);
    this.#settings = options.settings ?? noSettings;
    const accept = () => this.#settings.accept;
    this.#acceptances = {
      get rules() {
        return accept();
      },
      isKnown: (name) => this.#rules.isKnown(name),
      isUsed: (by, name) => this.#table.accepts(by, name),
    };
  }

  // --- read ------------------------------------------------------------------------------------------------------------

  *current(): Iterable<Finding> {
    yield* [...this.#table.all()].sort(findingOrder);
  }

  /** In no order, for those who count. */
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

  /** Resources that wait to be asked about. */
  get waiting(): number {
    return this.#open.size + this.#batch.size;
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
    this.#rules = new RulesByType(rules);
    this.#settings = settings;
    if (!this.#settled) return;
    this.#openAll();
    this.#onOpen?.();
  }

  /** Asks about everything. To be run once, to its end. */
  *make(): Steps<void> {
    this.#sure = new Set(this.#sureKinds());
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
    return Math.max(this.#graphAt + graphPeriod, this.#graphOpen ? 0 : this.#graphDue);
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
    for (const id of this.#due.take(this.#options.clock())) this.#open.add(id);
    this.#openLeftOut();
    try {
      yield* this.#askBatch();
    } finally {
      for (const id of this.#batch) this.#open.add(id);
      this.#batch = new Set();
    }
    if (this.#options.clock() >= this.#nextGraph()) yield* this.#askGraph();
    this.#tell();
  }

  *#askBatch(): Steps<void> {
    this.#batch = this.#open;
    this.#open = new Set();
    let left = slice;
    for (const id of this.#batch) {
      this.#askNow(id);
      if (--left > 0) continue;
      left = slice;
      yield;
    }
  }

  #askNow(id: string): void {
    this.#batch.delete(id);
    this.#open.delete(id);
    this.#ask(id);
  }

  /** Those about a resource, which is asked about first where that waits; of others they may be a round old. */
  aboutNow(resource: string): Iterable<Finding> {
    if (this.#open.has(resource) || this.#batch.has(resource)) this.#askNow(resource);
    return this.about(resource);
  }

  /** Grows with each round that changed something. */
  get version(): number {
    return this.#version;
  }

  #tell(): void {
    const changes = this.#table.settle(timestampOf(this.#options.clock() as WallTime));
    if (changes.length === 0) return;
    this.#version++;
    for (const listener of this.#listeners) listener(changes);
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

  #noteResource({ id, type, namespace }: Pick<Vertex, 'id' | 'type' | 'namespace'>): void {
    this.#open.add(id);
    this.#openOn(lookedAt.itself(id));
    this.#openOn(lookedAt.members(type, namespace));
    this.#openOn(lookedAt.allOf(type));
  }

  #noteRelation(source: Pick<Vertex, 'id' | 'type'>, target: Pick<Vertex, 'id' | 'type'>): void {
    if (this.#readers.out.has(source.type)) this.#open.add(source.id);
    if (this.#readers.into.has(target.type)) this.#open.add(target.id);
    this.#openOn(lookedAt.out(source.id));
    this.#openOn(lookedAt.into(target.id));
  }

  #openOn(what: string): void {
    for (const id of this.#dependencies.on(what)) this.#open.add(id);
  }

  #noteSources(): void {
    const sure = new Set(this.#sureKinds());
    for (const kind of new Set([...this.#sure, ...sure])) {
      if (sure.has(kind) === this.#sure.has(kind)) continue;
      this.#openReaders(kind);
      this.#openOn(lookedAt.kind(kind));
    }
    this.#sure = sure;
  }

  *#sureKinds(): Generator<string> {
    for (const [type, { state }] of this.#graph.sources('kinds')) if (isSure(state)) yield type;
  }

  #openReaders(kind: string): void {
    const types = this.#rules.typesReading(kind);
    if (!types) return this.#openAll();
    for (const type of types) this.#openType(type);
  }

  #openAll(): void {
    for (const type of this.#graph.counts().keys()) this.#openType(type);
    for (const subject of this.#table.subjects()) if (subject !== wholeGraph) this.#open.add(subject);
    this.#graphOpen = true;
    this.#graphAt = Number.NEGATIVE_INFINITY;
  }

  #openType(type: string): void {
    if (this.#rules.of(type).length === 0) return;
    for (const namespace of this.#graph.namespacesOf(type))
      for (const { id } of this.#graph.members(type, namespace)) this.#open.add(id);
  }

  // --- asked about -----------------------------------------------------------------------------------------------------

  #ask(id: string): void {
    const vertex = this.#graph.get(id);
    this.#due.drop(id);
    if (!vertex?.present) return this.#forget(id);
    const rules = this.#rules.of(vertex.type);
    if (rules.length === 0) return;
    const asked = new Asked(this.#table.draftsOf(id));
    const view = this.#view(id);
    for (const rule of rules) this.#askOne(rule, vertex, asked, view);
    const notes = view.looked.size + asked.drafts.length * notesOfDraft;
    if (notes - this.#dependencies.notesOf(id) > this.#room) return this.#leaveOut(id);
    this.#leftOut.delete(id);
    if (view.due !== Number.POSITIVE_INFINITY) this.#due.add(id, view.due);
    this.#noteReaders(vertex, view.looked);
    this.#dependencies.set(id, view.looked);
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
    this.#dependencies.set(id, new Set());
    this.#undecided.set(id, new Map());
    this.#memories.delete(id);
    this.#table.replace(id, []);
  }

  #askOne(rule: ResourceFindingRule, vertex: Vertex, asked: Asked, view: LookingView): void {
    const reason = this.#unknownTo(rule, vertex.namespace);
    if (reason !== undefined) return asked.undecided(rule.name, reason);
    view.begin(rule.name);
    try {
      const found = rule.of(vertex, view);
      for (const one of found === undefined ? [] : asList(found)) asked.found(this.#draft(rule, vertex, one, view));
      if (view.unsure.size > 0) asked.unsure(rule.name, view.unsure);
    } catch (error) {
      if (error instanceof Undecidable) asked.undecided(rule.name, error.message);
      else this.#options.onProblem?.({ rule: rule.name, id: vertex.id, error });
    }
  }

  #view(id: string): LookingView {
    return new LookingView({
      graph: this.#graph,
      now: this.#options.clock(),
      memoryOf: (rule, make) => this.#memoryOf(id, rule, make),
      acceptances: this.#acceptances,
      noting: id !== wholeGraph,
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

  /** What is looked at of the resource itself is noted by type: most of them need no place of their own. */
  #noteReaders({ id, type }: Vertex, looked: Set<string>): void {
    looked.delete(lookedAt.itself(id));
    if (looked.delete(lookedAt.out(id))) this.#readers.out.add(type);
    if (looked.delete(lookedAt.into(id))) this.#readers.into.add(type);
  }

  #unknownTo({ reads, remembers }: FindingRule, namespace: string): string | undefined {
    if (remembers && this.#options.watched === false) return 'it takes having watched';
    for (const kind of reads) if (!this.#isKnown(kind, namespace)) return this.#whyUnknown(kind);
    return undefined;
  }

  /** Files that hold workloads of one kind are taken to hold those of the others, too. */
  #isKnown(kind: string, namespace: string): boolean {
    if (this.#graph.isKnown(kind, namespace)) return true;
    if (!workloads.has(kind) || this.#graph.sources('kinds').get(kind)?.reason !== notAmongFiles) return false;
    for (const other of workloads) if (this.#graph.isKnown(other, namespace)) return true;
    return false;
  }

  #whyUnknown(kind: string): string {
    const state = this.#graph.sources('kinds').get(kind);
    if (state?.state === 'excluded') return `${kind} is left out${state.reason ? `: ${state.reason}` : ''}`;
    return `${kind} is ${state && !isSure(state.state) ? state.state : 'not wholly seen'}`;
  }

  #memoryOf(id: string, rule: string, make: (() => object) | undefined): object | undefined {
    if (!make) return this.#memories.get(id)?.get(rule);
    return getOrMake(
      getOrMake(this.#memories, id, () => new Map<string, object>()),
      rule,
      make,
    );
  }

  // --- the whole graph -------------------------------------------------------------------------------------------------

  *#askGraph(): Steps<void> {
    this.#graphOpen = false;
    this.#graphAt = this.#options.clock();
    this.#graphDue = Number.POSITIVE_INFINITY;
    const asked = new Asked(this.#table.draftsOf(wholeGraph));
    for (const rule of this.#rules.ofGraph) yield* this.#askGraphOne(rule, asked);
    this.#undecided.set(wholeGraph, asked.reasons);
    this.#table.replace(wholeGraph, asked.drafts);
  }

  *#askGraphOne(rule: GraphFindingRule, asked: Asked): Steps<void> {
    const reason = this.#unknownTo(rule, '');
    if (reason !== undefined) return asked.undecided(rule.name, reason);
    const view = this.#view(wholeGraph);
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

/** What comes of asking about one resource. */
class Asked {
  readonly drafts: Draft[] = [];
  readonly reasons = new Map<string, string>();
  readonly #before: readonly Draft[];

  constructor(before: readonly Draft[]) {
    this.#before = before;
  }

  found(draft: Draft): void {
    this.drafts.push(draft);
  }

  /** What was found before stays: nothing ends because it is not known. */
  undecided(rule: string, reason: string): void {
    this.reasons.set(rule, reason);
    for (const draft of this.#before) if (draft.rule.name === rule) this.drafts.push(draft);
  }

  /** The same of what is about one of these, by id. */
  unsure(rule: string, ids: ReadonlyMap<string, string>): void {
    for (const reason of ids.values()) this.reasons.set(rule, reason);
    for (const draft of this.#before) {
      if (draft.rule.name === rule && ids.has(draft.key) && !this.drafts.some(({ id }) => id === draft.id))
        this.drafts.push(draft);
    }
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
