// Keeps all findings of a graph up to date. Each resource is examined once, and again when it or something it depended on
// changes, or when a time limit passes. The result equals a fresh computation, except for rules with memory.
//
// Work runs in steps, outside of transactions: a write to the graph only records what it touched.
import { timestampOf, type WallTime } from '../../../src/clock.ts';
import { runAtOnce, type Steps } from '../../../src/steps.ts';
import { textOrder } from '../../../src/text-order.ts';
import type { GraphReader } from '../../graph/contract.ts';
import type { Vertex } from '../../graph/model/vertex.ts';
import type { Finding, FindingChange, FindingsReader, Undecided } from '../contract.ts';
import type { AcceptancesSeen, FindingRule } from '../finding-rule.ts';
import { type FindingSettings, noSettings } from '../finding-settings.ts';
import { adviceOn } from './advice-on.ts';
import { Asked } from './asked.ts';
import { Choices } from './choices.ts';
import { Dependencies, Looked } from './dependencies.ts';
import { severityOrder } from './draft.ts';
import { DueTimes } from './due-times.ts';
import { Examiner, type ExaminerOptions, wholeGraph } from './examiner.ts';
import { FindingTable } from './finding-table.ts';
import { GraphRules } from './graph-rules.ts';
import { Knowledge } from './knowledge.ts';
import type { LookingView } from './looking-view.ts';
import { OpenSubjects } from './open-subjects.ts';
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
  readonly onProblem?: ExaminerOptions['onProblem'];
}

/** Milliseconds between two attempts to examine resources without room. */
const leftOutPeriod = 60_000;
/** Reported as undecided for resources without room. */
const noRoom = { name: '*', reason: 'there is no room in the heap to look at it' } as const;
const notesOfDraft = 10;
/** What resources weigh together before a pause: bytes of their texts, and more for each and for what was looked at. */
const sliceWeight = 64_000;
const weightOfOne = 4_000;
const weightOfNote = 200;

export class Findings implements FindingsReader {
  readonly #options: FindingsOptions;
  readonly #graph: GraphReader;
  readonly #table = new FindingTable();
  readonly #dependencies = new Dependencies();
  readonly #due = new DueTimes();
  readonly #undecided = new UndecidedTable();
  readonly #knowledge: Knowledge;
  readonly #examiner: Examiner;
  readonly #graphRules: GraphRules;
  readonly #open: OpenSubjects;
  /** The graph as rules see it. It records the dependencies of the resource under examination. */
  readonly #view: LookingView;
  readonly #looked = new Looked();
  readonly #listeners = new Set<(changes: readonly FindingChange[]) => void>();
  /** All rules, and the active ones. */
  #known: readonly FindingRule[];
  #rules: RulesByType;
  #keepsAdvice: boolean;
  #settings: FindingSettings;
  /** Resources skipped for lack of room. */
  readonly #leftOut = new Set<string>();
  #leftOutAt = Number.NEGATIVE_INFINITY;
  #unfollow: (() => void) | undefined;
  #onOpen: (() => void) | undefined;
  #begun = false;
  /** Drafts are being merged: the next round reports what is found meanwhile. */
  #telling = false;
  #settled = false;
  #version = 0;

  constructor(options: FindingsOptions) {
    const { graph, rules, clock, settings = noSettings, watched = true, sparesAdvice = false } = options;
    const { now = () => performance.now(), onProblem = () => undefined } = options;
    this.#options = options;
    this.#graph = graph;
    this.#known = rules;
    this.#keepsAdvice = !sparesAdvice;
    this.#rules = this.#rulesAsked();
    this.#settings = settings;
    this.#knowledge = new Knowledge(graph, watched);
    const choices = new Choices(graph);
    const shared = { graph, choices, knowledge: this.#knowledge };
    const acceptances = this.#acceptancesSeen();
    this.#examiner = new Examiner({ ...shared, acceptances, settings: () => this.#settings, onProblem });
    this.#graphRules = new GraphRules({ examiner: this.#examiner, clock, now });
    this.#open = new OpenSubjects({
      ...shared,
      dependencies: this.#dependencies,
      rules: () => this.#rules,
      found: () => this.#table.subjects(),
      onEverything: () => this.#graphRules.reset(),
    });
    this.#view = this.#examiner.view(this.#looked);
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

  /** Advice on the resource or affecting it, computed by this call; empty if advice is kept and among the other findings. */
  adviceAbout(resource: string): Iterable<Finding> {
    const vertex = this.#keepsAdvice ? undefined : this.#graph.get(resource);
    if (!vertex?.present) return [];
    const rules = this.#known.filter((rule) => rule.class === 'advice');
    return adviceOn(vertex, rules, this.#examiner, this.#options.clock());
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
    return this.#open.size;
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
    this.#unfollow = this.#graph.changes.follow((change) => {
      this.#open.note(change);
      this.#graphRules.note();
      this.#onOpen?.();
    });
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
    this.#open.openEverything();
    this.#onOpen?.();
  }

  /** Sets whether advice is computed; `renew` applies the change. */
  keepAdvice(keeps: boolean): void {
    if (keeps === this.#keepsAdvice) return;
    this.#keepsAdvice = keeps;
    this.#rules = this.#rulesAsked();
    if (!this.#begun) return;
    for (const rule of this.#known)
      if (rule.class === 'advice' && 'types' in rule) for (const type of rule.types) this.#open.openType(type);
    this.#graphRules.reset();
    this.#onOpen?.();
  }

  /** Examines everything. Run once, to its end. */
  *make(): Steps<void> {
    this.#begun = true;
    this.#open.begin();
    yield* this.renew();
    this.#settled = true;
  }

  /** When `renew` has work even without changes, in milliseconds since the epoch; undefined if never. */
  nextDue(): number | undefined {
    const due = this.#nextAsked();
    if (this.#rules.ofGraph.length === 0) return due;
    const next = Math.min(due ?? Number.POSITIVE_INFINITY, this.#graphRules.next);
    return next === Number.POSITIVE_INFINITY ? undefined : next;
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
    return this.#leftOut.size > 0 ? Math.min(due ?? Number.POSITIVE_INFINITY, this.#leftOutAt + leftOutPeriod) : due;
  }

  /** Once a minute, skipped resources are examined if there is room again. */
  #openLeftOut(): void {
    if (this.#leftOut.size === 0 || this.#options.clock() < this.#leftOutAt + leftOutPeriod) return;
    this.#leftOutAt = this.#options.clock();
    if (this.#room > 0) this.#open.addAll(this.#leftOut);
  }

  get #room(): number {
    return (this.#options.room?.() ?? Number.POSITIVE_INFINITY) - this.#dependencies.notes;
  }

  /** Examines what changed before the call and what is due, so it ends even under constant change. Do not run two at once. */
  *renew(): Steps<void> {
    this.#knowledge.forget();
    this.#open.addAll(this.#due.take(this.#options.clock()));
    this.#openLeftOut();
    let weight = 0;
    for (const id of this.#open.round()) {
      weight += weightOfOne + this.#askNow(id);
      if (weight < sliceWeight) continue;
      weight = 0;
      yield;
    }
    if (this.#options.clock() >= this.#graphRules.next) yield* this.#askGraph();
    this.#examiner.clearObjects();
    yield* this.#tell();
  }

  /** Of examining a resource: the bytes of its text, and more for each resource that was looked at. */
  #weightOf({ version }: Vertex): number {
    return (version ? version.to - version.from : 0) + this.#looked.size * weightOfNote;
  }

  *#askGraph(): Steps<void> {
    const asked = new Asked(this.#table.draftsOf(wholeGraph));
    yield* this.#graphRules.run(this.#rules.ofGraph, asked);
    this.#undecided.set(wholeGraph, asked.reasons);
    this.#table.replace(wholeGraph, asked.drafts);
  }

  /** Returns the weight of it. */
  #askNow(id: string): number {
    this.#open.delete(id);
    this.#due.drop(id);
    const vertex = this.#graph.get(id);
    if (vertex?.present) return this.#ask(id, vertex);
    this.#forget(id);
    return 0;
  }

  /** Findings on a resource, which is examined first if it is waiting. Those on others may be a round old. */
  aboutNow(resource: string): Iterable<Finding> {
    const waits = this.#open.has(resource) || this.#due.isDue(resource, this.#options.clock());
    if (waits && !this.#telling) {
      this.#askNow(resource);
      runAtOnce(this.#tell());
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

  // --- one resource -----------------------------------------------------------------------------------------------------

  #ask(id: string, vertex: Vertex): number {
    const rules = this.#rules.of(vertex.type);
    const before = this.#table.draftsOf(id);
    if (rules.length === 0 && before.length === 0) return 0;
    const asked = new Asked(before);
    const view = this.#view;
    view.turnTo(id, this.#options.clock(), this.#open.readsOf(vertex.type));
    this.#examiner.ask(rules, vertex, asked, view);
    if (this.#hasRoomFor(id, asked)) this.#note(id, asked);
    else this.#leaveOut(id);
    return this.#weightOf(vertex);
  }

  #hasRoomFor(id: string, { drafts }: Asked): boolean {
    const notes = this.#looked.size + drafts.length * notesOfDraft;
    const room = this.#room;
    return notes <= room || notes - this.#dependencies.notesOf(id) <= room;
  }

  #note(id: string, asked: Asked): void {
    const view = this.#view;
    this.#leftOut.delete(id);
    if (view.due !== Number.POSITIVE_INFINITY) this.#due.add(id, view.due);
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
    this.#examiner.forget(id);
    this.#table.replace(id, []);
  }
}

export function findingOrder(a: Finding, b: Finding): number {
  return (
    severityOrder(a.severity, b.severity) ||
    textOrder(a.name, b.name) ||
    textOrder(a.resource, b.resource) ||
    textOrder(a.id, b.id)
  );
}
