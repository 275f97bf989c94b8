// Groups of resources with counts of members and of relations between groups, and their texts. A text is kept until its
// group changes.

import { type HealthState, severity } from '../../../src/health-state.ts';
import { resourceId } from '../../../src/ids.ts';
import type { Steps } from '../../../src/steps.ts';
import { sortedInSteps } from '../../../src/steps.ts';
import { textOrder } from '../../../src/text-order.ts';
import { separator } from '../engine/json.ts';

export const groupType = 'ResourceGroup';

/** Number of resources or relations by type. */
type Counts = Map<string, number>;

/** Relations between two groups, or within one. */
export interface Pair {
  readonly source: Group;
  readonly target: Group;
  readonly types: Counts;
  timestamp: string;
  /** Revisions of the last change and of the first relation. */
  changed: number;
  readonly since: number;
  text: string | undefined;
}

export interface Group {
  readonly key: string;
  readonly types: Counts;
  /** Members by health; those without health are left out. */
  readonly health: Map<HealthState, number>;
  /** Pairs from this group to others and to itself. */
  readonly to: Map<Group, Pair>;
  count: number;
  missing: number;
  label: string;
  timestamp: string;
  changed: number;
  readonly since: number;
  text: string | undefined;
}

/** What a resource adds to its groups. */
export interface Share {
  readonly type: string;
  readonly health: HealthState | undefined;
  readonly isMissing: boolean;
}

/** Groups in answer order; each text ends with its separator. */
export interface GroupList {
  readonly resources: readonly string[];
  readonly relations: readonly string[];
  readonly ids: readonly string[];
  readonly ends: readonly { readonly source: string; readonly target: string }[];
  /** Total number, and number left out of the list. */
  readonly total: number;
  readonly remaining: number;
}

export interface ListOptions {
  /** Maximum number of groups; undefined for all. */
  readonly limit?: number | undefined;
  /** Whether to list relations between groups. */
  readonly relations: boolean;
}

/** Groups and pairs written between two pauses. */
const often = 256;

export class GroupTable {
  readonly #by: string;
  readonly #groups = new Map<string, Group>();
  #sorted: Group[] | undefined;
  /** Number of additions and removals of groups. */
  #changes = 0;

  /** `by`: name of the grouping. */
  constructor(by: string) {
    this.#by = by;
  }

  get size(): number {
    return this.#groups.size;
  }

  all(): Iterable<Group> {
    return this.#groups.values();
  }

  named(key: string, revision = 0): Group {
    const known = this.#groups.get(key);
    if (known) return known;
    const made = newGroup(key, revision);
    this.#groups.set(key, made);
    this.#noteChange();
    return made;
  }

  /** Adds a resource; with `by` -1 removes one. */
  count(group: Group, { type, health, isMissing }: Share, by: 1 | -1, timestamp: string, revision = 0): void {
    grow(group.types, type, by);
    if (health) grow(group.health, health, by);
    if (isMissing) group.missing += by;
    group.count += by;
    touch(group, timestamp, revision);
  }

  label(group: Group, label: string): void {
    if (group.label === label) return;
    group.label = label;
    group.text = undefined;
  }

  pair(source: Group, target: Group, timestamp: string, revision = 0): Pair {
    const known = source.to.get(target);
    if (known) return known;
    const made = { source, target, types: new Map(), timestamp, changed: revision, since: revision, text: undefined };
    source.to.set(target, made);
    return made;
  }

  countRelation(pair: Pair, type: string, by: 1 | -1, timestamp: string, revision = 0): void {
    grow(pair.types, type, by);
    touch(pair, timestamp, revision);
    // A group's text includes its internal relations.
    if (pair.source === pair.target) touch(pair.source, timestamp, revision);
    if (pair.types.size === 0) pair.source.to.delete(pair.target);
  }

  /** Drops the group if it is empty. */
  dropEmpty(group: Group): boolean {
    if (group.count > 0 || this.#groups.get(group.key) !== group) return false;
    this.#groups.delete(group.key);
    this.#noteChange();
    return true;
  }

  #noteChange(): void {
    this.#changes++;
    this.#sorted = undefined;
  }

  *#inOrder(): Steps<Group[]> {
    if (this.#sorted) return this.#sorted;
    const before = this.#changes;
    const sorted = yield* sortedInSteps(this.#groups.values(), byKey);
    if (before === this.#changes) this.#sorted = sorted;
    return sorted;
  }

  idOf({ key }: Group): string {
    return resourceId(groupType, key);
  }

  /** All groups by key; with a limit the worst first, then the largest. */
  *list({ limit, relations }: ListOptions): Steps<GroupList> {
    const all = yield* this.#inOrder();
    const listed =
      limit === undefined || limit >= all.length
        ? all
        : (yield* sortedInSteps(all.map(needOf), byNeed)).slice(0, limit).map(({ group }) => group);
    const list = { resources: [] as string[], relations: [] as string[], ids: [] as string[], ends: [] as Ends[] };
    const among = listed === all ? undefined : new Set(listed);
    for (const group of listed) {
      list.ids.push(this.idOf(group));
      list.resources.push(this.groupText(group));
      if (list.ids.length % often === 0) yield;
      if (!relations) continue;
      for (const pair of [...group.to.values()].sort(byTarget)) {
        if (pair.target === group || (among && !among.has(pair.target))) continue;
        list.ends.push({ source: this.idOf(group), target: this.idOf(pair.target) });
        list.relations.push(this.pairText(pair));
        if (list.ends.length % often === 0) yield;
      }
    }
    return { ...list, total: all.length, remaining: all.length - listed.length };
  }

  groupText(group: Group): string {
    return (group.text ??= groupText(group, this.#by, this.idOf(group)));
  }

  pairText(pair: Pair): string {
    return (pair.text ??= pairText(pair, this.idOf(pair.source), this.idOf(pair.target)));
  }
}

type Ends = GroupList['ends'][number];

const byKey = (a: Group, b: Group) => textOrder(a.key, b.key);
const byTarget = (a: Pair, b: Pair) => byKey(a.target, b.target);

/** What decides whether a group is listed, looked up once for all comparisons. */
interface Need {
  readonly group: Group;
  /** Of its worst health, and how many members have it. */
  readonly severity: number;
  readonly number: number;
}

function needOf(group: Group): Need {
  const worst = worstOf(group);
  const number = worst && worst !== 'ok' ? (group.health.get(worst) ?? 0) : 0;
  return { group, severity: worst ? severity[worst] : -1, number };
}

/** Worst health first, then most members of that health, then size. */
function byNeed(a: Need, b: Need): number {
  return b.severity - a.severity || b.number - a.number || b.group.count - a.group.count || byKey(a.group, b.group);
}

export function worstOf({ health }: Pick<Group, 'health'>): HealthState | undefined {
  let worst: HealthState | undefined;
  for (const state of health.keys()) if (worst === undefined || severity[state] > severity[worst]) worst = state;
  return worst;
}

function newGroup(key: string, revision: number): Group {
  return {
    key,
    types: new Map(),
    health: new Map(),
    to: new Map(),
    count: 0,
    missing: 0,
    label: key || '(none)',
    timestamp: '',
    changed: revision,
    since: revision,
    text: undefined,
  };
}

function grow<K>(counts: Map<K, number>, key: K, by: 1 | -1): void {
  const now = (counts.get(key) ?? 0) + by;
  if (now === 0) counts.delete(key);
  else counts.set(key, now);
}

function touch(of: Group | Pair, timestamp: string, revision: number): void {
  if (timestamp > of.timestamp) of.timestamp = timestamp;
  of.changed = revision;
  of.text = undefined;
}

function groupText(group: Group, by: string, id: string): string {
  const { key, types, health, missing, label, to, count, timestamp } = group;
  const relations = sumOf(to.get(group)?.types);
  const worst = worstOf(group);
  const properties = {
    by,
    key,
    resources: count,
    relations,
    missing,
    types: sorted(types),
    health: sorted(health),
    ...(worst ? { worst } : {}),
  };
  const annotations = { label, alternateLabel: `${label} (${count})`, count };
  return JSON.stringify({ id, type: groupType, timestamp, properties, annotations }) + separator;
}

function pairText({ types, timestamp }: Pair, source: string, target: string): string {
  const annotations = { label: 'relates', rule: 'groups', field: '', count: sumOf(types), types: sorted(types) };
  return JSON.stringify({ type: 'relates', timestamp, source, target, annotations }) + separator;
}

function sumOf(counts: Counts | undefined): number {
  let sum = 0;
  for (const count of counts?.values() ?? []) sum += count;
  return sum;
}

function sorted(counts: ReadonlyMap<string, number>): { readonly [name: string]: number } {
  return Object.fromEntries([...counts].sort(([a], [b]) => textOrder(a, b)));
}
