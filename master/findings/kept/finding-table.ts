// Merges drafts into findings and links them to their causes. A problem found from ten Pods of a Deployment becomes one finding.
import type { Steps } from '../../../src/steps.ts';
import { every } from '../../../src/steps.ts';
import { textOrder } from '../../../src/text-order.ts';
import type { Finding, FindingChange } from '../contract.ts';
import { Causes, type Explained } from './causes.ts';
import { type Draft, leadingOrder } from './draft.ts';
import { FewByKey } from './few.ts';

interface Kept {
  /** The drafts of each resource it was found from, mostly one. */
  drafts: Draft | readonly Draft[];
  finding: Finding | undefined;
  /** Ids of all affected resources. */
  affected: readonly string[];
  /** First observation, used if no draft states the time. */
  first: string;
}

/** Maximum affected resources listed in a finding. */
const named = 10;
const none: readonly Draft[] = [];
const noIds: readonly string[] = [];
/** Findings merged between two pauses. */
const slice = 64;

export class FindingTable {
  readonly #kept = new Map<string, Kept>();
  readonly #bySubject = new Map<string, Draft | readonly Draft[]>();
  readonly #byResource = new FewByKey();
  readonly #byAffected = new FewByKey();
  readonly #causes = new Causes();
  /** Findings to merge again, with their previous state. */
  #open = new Map<string, Finding | undefined>();

  get(id: string): Finding | undefined {
    return this.#kept.get(id)?.finding;
  }

  *all(): Generator<Finding> {
    for (const { finding } of this.#kept.values()) if (finding) yield finding;
  }

  *of(resource: string): Generator<Finding> {
    yield* this.#called(this.#byResource.on(resource));
  }

  /** Findings on the resource or affecting it. */
  *about(resource: string): Generator<Finding> {
    yield* this.#called(new Set([...this.#byResource.on(resource), ...this.#byAffected.on(resource)]));
  }

  /** Ids of all affected resources. */
  affectedBy(id: string): readonly string[] {
    return this.#kept.get(id)?.affected ?? [];
  }

  draftsOf(subject: string): readonly Draft[] {
    return listed(this.#bySubject.get(subject));
  }

  /** Whether it accepts a finding with this name; `*` for any. */
  accepts(by: string, name: string): boolean {
    for (const finding of this.all())
      if (finding.accepted?.by === by && (name.includes('*') || finding.name === name)) return true;
    return false;
  }

  subjects(): Iterable<string> {
    return this.#bySubject.keys();
  }

  /** Replaces all drafts found from the subject. */
  replace(subject: string, drafts: readonly Draft[]): void {
    const before = this.#bySubject.get(subject);
    if (!before && drafts.length === 0) return;
    for (const { id } of listed(before)) this.#drop(id, subject);
    for (const draft of drafts) this.#add(draft);
    const [first] = drafts;
    // A copy is as long as the list: the list itself has grown, with room to spare.
    if (first) this.#bySubject.set(subject, drafts.length === 1 ? first : drafts.slice());
    else this.#bySubject.delete(subject);
  }

  /** Changes since the last call; `at` is their timestamp. Must run to its end before the next call. */
  *settle(at: string): Steps<FindingChange[]> {
    const before = this.#open;
    this.#open = new Map();
    const causesOf = new Set<string>();
    const pause = every(slice);
    for (const id of before.keys()) {
      this.#putTogether(id, at, causesOf);
      if (pause()) yield;
    }
    for (const id of causesOf) {
      if (!before.has(id)) before.set(id, this.get(id));
      this.#explain(id);
      if (pause()) yield;
    }
    const changes: FindingChange[] = [];
    for (const [id, was] of before) {
      const change = changeOf(was, this.get(id), at);
      if (change) changes.push(change);
      if (pause()) yield;
    }
    return changes;
  }

  *#called(ids: Iterable<string>): Generator<Finding> {
    for (const id of ids) {
      const finding = this.get(id);
      if (finding) yield finding;
    }
  }

  #add(draft: Draft): void {
    const kept = this.#kept.get(draft.id);
    this.#reopen(draft.id, kept);
    if (!kept) {
      this.#kept.set(draft.id, { drafts: draft, finding: undefined, affected: noIds, first: '' });
      return;
    }
    const all = listed(kept.drafts);
    const known = all.find(({ subject }) => subject === draft.subject);
    if (known && leadingOrder(draft, known) >= 0) return;
    kept.drafts = packed(all.filter((each) => each !== known).concat(draft));
  }

  #drop(id: string, subject: string): void {
    const kept = this.#kept.get(id);
    this.#reopen(id, kept);
    if (kept) kept.drafts = packed(listed(kept.drafts).filter((each) => each.subject !== subject));
  }

  #reopen(id: string, kept: Kept | undefined): void {
    if (!this.#open.has(id)) this.#open.set(id, kept?.finding);
  }

  #putTogether(id: string, at: string, causesOf: Set<string>): void {
    const kept = this.#kept.get(id);
    const drafts = kept ? listed(kept.drafts).toSorted(leadingOrder) : none;
    const [leading] = drafts;
    if (!kept || !leading) return this.#forget(id, kept, causesOf);
    kept.first ||= at;
    for (const each of kept.affected) this.#byAffected.delete(each, id);
    kept.affected = affectedBy(drafts);
    for (const each of kept.affected) this.#byAffected.add(each, id);
    kept.finding = findingOf(leading, drafts, kept.affected, kept.first);
    this.#byResource.add(leading.resource, id);
    this.#causes.set(id, explainedOf(leading, kept.affected), causesOf);
  }

  #forget(id: string, kept: Kept | undefined, causesOf: Set<string>): void {
    const resource = kept?.finding?.resource;
    this.#kept.delete(id);
    if (resource !== undefined) this.#byResource.delete(resource, id);
    for (const each of kept?.affected ?? noIds) this.#byAffected.delete(each, id);
    this.#causes.set(id, undefined, causesOf);
  }

  #explain(id: string): void {
    const kept = this.#kept.get(id);
    if (!kept?.finding) return;
    const causedBy = this.#causes.of(id);
    if (causedBy === kept.finding.causedBy) return;
    const { causedBy: _, ...rest } = kept.finding;
    kept.finding = causedBy === undefined ? rest : { ...rest, causedBy };
  }
}

function listed(drafts: Draft | readonly Draft[] | undefined): readonly Draft[] {
  if (drafts === undefined) return none;
  return Array.isArray(drafts) ? (drafts as readonly Draft[]) : [drafts as Draft];
}

function packed(drafts: readonly Draft[]): Draft | readonly Draft[] {
  const [first] = drafts;
  return first && drafts.length === 1 ? first : drafts;
}

function affectedBy(drafts: readonly Draft[]): readonly string[] {
  const [first] = drafts;
  if (first && drafts.length === 1 && first.affected.length < 2) return first.affected;
  return [...new Set(drafts.flatMap(({ affected }) => affected))].sort(textOrder);
}

function findingOf(leading: Draft, drafts: readonly Draft[], affected: readonly string[], first: string): Finding {
  const { id, rule, resource, type, namespace, field, path, sentence, remedy, asOf } = leading;
  const told = drafts.flatMap(({ since }) => since ?? []).sort(textOrder);
  const accepted = drafts.every((each) => each.accepted) ? leading.accepted : undefined;
  return {
    id,
    name: rule.name,
    class: leading.class,
    severity: leading.severity,
    resource,
    type,
    ...(namespace ? { namespace } : {}),
    sentence,
    remedy,
    link: rule.link,
    ...(field ? { field } : {}),
    path,
    affected: { count: affected.length, first: affected.length > named ? affected.slice(0, named) : affected },
    since: told[0] ?? first,
    ...(accepted ? { accepted } : {}),
    ...(drafts.some(({ possibly }) => possibly) ? { possibly: true } : {}),
    ...(asOf ? { asOf } : {}),
  };
}

/** Undefined if it neither explains another finding nor can be explained. */
function explainedOf(
  { id, rule, class: of, resource, path }: Draft,
  affected: readonly string[],
): Explained | undefined {
  if (!rule.tier) return undefined;
  const ids = path.flatMap(({ from, to }) => [from, to]);
  return { id, tier: rule.tier, isBroken: of === 'broken', resource, affected, path: ids };
}

function changeOf(was: Finding | undefined, now: Finding | undefined, at: string): FindingChange | undefined {
  if (!now) return was && { kind: 'end', finding: was, at };
  if (!was) return { kind: 'begin', finding: now, at };
  return isSame(was, now) ? undefined : { kind: 'change', finding: now, at };
}

/** Ignores when it was computed. */
function isSame(a: Finding, b: Finding): boolean {
  return a === b || textOf(a) === textOf(b);
}

function textOf({ asOf: _, ...finding }: Finding): string {
  const { causedBy, ...rest } = finding;
  return JSON.stringify([rest, causedBy]);
}
