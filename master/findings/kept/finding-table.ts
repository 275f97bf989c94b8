// Findings as they are told: put together of what was found from each resource, with what explains them. One trouble found from
// ten Pods of a Deployment is one finding, and says so.
import { getOrMake } from '../../../src/get-or-make.ts';
import { textOrder } from '../../../src/text-order.ts';
import type { Finding, FindingChange } from '../contract.ts';
import { Causes, type Explained } from './causes.ts';
import { type Draft, leadingOrder } from './draft.ts';

interface Kept {
  readonly drafts: Map<string, Draft>;
  finding: Finding | undefined;
  /** All ids of what is affected. */
  affected: readonly string[];
  /** From when on, where its drafts do not say. */
  first: string;
}

/** Those that are named of what is affected. */
const named = 10;
const none: readonly Draft[] = [];

export class FindingTable {
  readonly #kept = new Map<string, Kept>();
  readonly #bySubject = new Map<string, readonly Draft[]>();
  readonly #byResource = new Map<string, Set<string>>();
  readonly #byAffected = new Map<string, Set<string>>();
  readonly #causes = new Causes();
  #open = new Set<string>();

  get(id: string): Finding | undefined {
    return this.#kept.get(id)?.finding;
  }

  *all(): Generator<Finding> {
    for (const { finding } of this.#kept.values()) if (finding) yield finding;
  }

  *of(resource: string): Generator<Finding> {
    for (const id of this.#byResource.get(resource) ?? []) {
      const finding = this.get(id);
      if (finding) yield finding;
    }
  }

  /** Those that hang on a resource, or harm it. */
  *about(resource: string): Generator<Finding> {
    const ids = new Set([...(this.#byResource.get(resource) ?? []), ...(this.#byAffected.get(resource) ?? [])]);
    for (const id of ids) {
      const finding = this.get(id);
      if (finding) yield finding;
    }
  }

  /** Ids of all that it harms. */
  affectedBy(id: string): readonly string[] {
    return this.#kept.get(id)?.affected ?? [];
  }

  draftsOf(subject: string): readonly Draft[] {
    return this.#bySubject.get(subject) ?? none;
  }

  /** Whether it accepts a finding of that name, `*` for any. */
  accepts(by: string, name: string): boolean {
    for (const finding of this.all())
      if (finding.accepted?.by === by && (name.includes('*') || finding.name === name)) return true;
    return false;
  }

  subjects(): Iterable<string> {
    return this.#bySubject.keys();
  }

  /** In place of all that was found from there before. */
  replace(subject: string, drafts: readonly Draft[]): void {
    const before = this.#bySubject.get(subject);
    if (!before && drafts.length === 0) return;
    for (const { id } of before ?? none) this.#drop(id, subject);
    for (const draft of drafts) this.#add(draft);
    if (drafts.length > 0) this.#bySubject.set(subject, drafts);
    else this.#bySubject.delete(subject);
  }

  /** What is different since this was called last. `at`: a timestamp. */
  settle(at: string): FindingChange[] {
    const causesOf = new Set<string>();
    const before = new Map<string, Finding | undefined>();
    for (const id of this.#open) {
      before.set(id, this.get(id));
      for (const other of this.#putTogether(id, at)) causesOf.add(other);
    }
    this.#open = new Set();
    for (const id of causesOf) {
      if (!before.has(id)) before.set(id, this.get(id));
      this.#explain(id);
    }
    return [...before].flatMap(([id, was]) => changeOf(was, this.get(id), at) ?? []);
  }

  #add(draft: Draft): void {
    const kept = getOrMake(this.#kept, draft.id, () => ({
      drafts: new Map(),
      finding: undefined,
      affected: [],
      first: '',
    }));
    const known = kept.drafts.get(draft.subject);
    if (!known || leadingOrder(draft, known) < 0) kept.drafts.set(draft.subject, draft);
    this.#open.add(draft.id);
  }

  #drop(id: string, subject: string): void {
    this.#kept.get(id)?.drafts.delete(subject);
    this.#open.add(id);
  }

  /** Returns the findings whose cause may be another now. */
  #putTogether(id: string, at: string): ReadonlySet<string> {
    const kept = this.#kept.get(id);
    const drafts = kept ? [...kept.drafts.values()].sort(leadingOrder) : [];
    const [leading] = drafts;
    if (!kept || !leading) return this.#forget(id, kept);
    kept.first ||= at;
    const affected = [...new Set(drafts.flatMap((each) => each.affected))].sort(textOrder);
    for (const each of kept.affected) drop(this.#byAffected, each, id);
    for (const each of affected) getOrMake(this.#byAffected, each, () => new Set<string>()).add(id);
    kept.affected = affected;
    kept.finding = findingOf(leading, drafts, affected, kept.first);
    getOrMake(this.#byResource, leading.resource.id, () => new Set<string>()).add(id);
    return this.#causes.set(id, explainedOf(leading, affected));
  }

  #forget(id: string, kept: Kept | undefined): ReadonlySet<string> {
    const resource = kept?.finding?.resource;
    this.#kept.delete(id);
    if (resource !== undefined) drop(this.#byResource, resource, id);
    for (const each of kept?.affected ?? []) drop(this.#byAffected, each, id);
    return this.#causes.set(id, undefined);
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

function drop(map: Map<string, Set<string>>, key: string, id: string): void {
  const of = map.get(key);
  of?.delete(id);
  if (of?.size === 0) map.delete(key);
}

function findingOf(leading: Draft, drafts: readonly Draft[], affected: readonly string[], first: string): Finding {
  const { id, rule, resource, field, path, sentence, remedy, asOf } = leading;
  const told = drafts.flatMap(({ since }) => since ?? []).sort(textOrder);
  const accepted = drafts.every((each) => each.accepted) ? leading.accepted : undefined;
  return {
    id,
    name: rule.name,
    class: leading.class,
    severity: leading.severity,
    resource: resource.id,
    type: resource.type,
    ...(resource.namespace ? { namespace: resource.namespace } : {}),
    sentence,
    remedy,
    link: rule.link,
    ...(field ? { field } : {}),
    path,
    affected: { count: affected.length, first: affected.slice(0, named) },
    since: told[0] ?? first,
    ...(accepted ? { accepted } : {}),
    ...(drafts.some(({ possibly }) => possibly) ? { possibly: true } : {}),
    ...(asOf ? { asOf } : {}),
  };
}

function explainedOf({ id, rule, class: of, resource, path }: Draft, affected: readonly string[]): Explained {
  const ids = path.flatMap(({ from, to }) => [from, to]);
  return { id, tier: rule.tier, isBroken: of === 'broken', resource: resource.id, affected, path: ids };
}

function changeOf(was: Finding | undefined, now: Finding | undefined, at: string): FindingChange | undefined {
  if (!now) return was && { kind: 'end', finding: was, at };
  if (!was) return { kind: 'begin', finding: now, at };
  return isSame(was, now) ? undefined : { kind: 'change', finding: now, at };
}

/** When it was worked out is no news. */
function isSame(a: Finding, b: Finding): boolean {
  return textOf(a) === textOf(b);
}

function textOf({ asOf: _, ...finding }: Finding): string {
  const { causedBy, ...rest } = finding;
  return JSON.stringify([rest, causedBy]);
}
