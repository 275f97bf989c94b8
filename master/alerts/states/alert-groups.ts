// Groups alerts for notification: a group waits briefly for more, is sent again only after an interval, and is repeated
// while active. A root is reported at most once per interval; the rest follows then. Like the state machine it reads no
// clock.
import type { FindingSeverity } from '../../findings/contract.ts';
import type { Alert, EndReason, Subject, Transition } from '../alert.ts';
import { isWorse } from './alert-states.ts';
import { DueTimes } from './due-times.ts';
import { worstFirst } from './worst-first.ts';

export const groupLabels = ['alert', 'namespace', 'resource', 'severity', 'class'] as const;
export type GroupLabel = (typeof groupLabels)[number];

/** Durations are milliseconds. */
export interface Grouping {
  readonly by: readonly GroupLabel[];
  readonly wait: number;
  readonly interval: number;
  readonly repeat: number;
  readonly repeatCritical: number;
  /** Between two messages about one root. */
  readonly perRoot: number;
}

/** A member of a group: its last report and current state. Plain data. */
export interface Member {
  alert: Alert;
  /** Reported severity; undefined if not reported. */
  told?: FindingSeverity | undefined;
  ended?: number | undefined;
  reason?: EndReason | undefined;
}

/** Plain data as written to disk. */
export interface Group {
  readonly key: string;
  readonly labels: { readonly [label in GroupLabel]?: string };
  readonly members: Map<string, Member>;
  /** Keys of members with news. */
  readonly news: Set<string>;
  lastTold?: number | undefined;
  /** Messages so far. */
  count: number;
}

/** One message of a group. */
export interface Notice {
  readonly group: string;
  readonly labels: Group['labels'];
  /** Number within the group: equal numbers mean the same message. */
  readonly count: number;
  readonly at: number;
  readonly isRepeat: boolean;
  /** New or worse ones, worst first; in a repetition all active ones. */
  readonly firing: readonly Alert[];
  readonly ended: readonly { readonly alert: Alert; readonly at: number; readonly reason: EndReason }[];
  /** Number of active members, including earlier reported ones. */
  readonly active: number;
}

export class AlertGroups {
  #grouping: Grouping;
  readonly #groups = new Map<string, Group>();
  /** By alert: a subject that changes its group, for example with its severity, leaves the old one. */
  readonly #groupOf = new Map<string, string>();
  readonly #due = new DueTimes();
  /** Time of the last message by root. */
  readonly #roots = new Map<string, number>();

  constructor(grouping: Grouping) {
    this.#grouping = grouping;
  }

  groups(): Iterable<Group> {
    return this.#groups.values();
  }

  roots(): Iterable<readonly [root: string, at: number]> {
    return this.#roots;
  }

  setGrouping(grouping: Grouping): void {
    this.#grouping = grouping;
  }

  next(): number | undefined {
    return this.#due.next();
  }

  take(transition: Transition): void {
    const { alert, at } = transition;
    const group = this.#groupFor(alert);
    const member = group.members.get(alert.key);
    if (transition.kind === 'ended') {
      if (!member) return;
      if (member.told === undefined) return this.#drop(group, alert.key);
      this.#note(group, { ...member, alert, ended: at, reason: transition.reason });
    } else {
      if (transition.kind === 'changed' && !member) return;
      const now = { alert, told: member?.told };
      this.#note(group, now);
      if (transition.kind === 'changed' && !hasNews(now)) return;
    }
    this.#plan(group, at);
  }

  /** An earlier process reported it. */
  adopt(alert: Alert, now: number): void {
    const group = this.#groupFor(alert);
    this.#note(group, { alert, told: alert.severity });
    group.lastTold ??= now;
    this.#plan(group, now);
  }

  /** The notices due now. */
  advance(now: number): readonly Notice[] {
    const notices: Notice[] = [];
    for (let key = this.#due.take(now); key !== undefined; key = this.#due.take(now)) {
      const group = this.#groups.get(key);
      const notice = group && this.#flush(group, now);
      if (notice) notices.push(notice);
    }
    for (const [root, at] of this.#roots) if (at + this.#grouping.perRoot <= now) this.#roots.delete(root);
    return notices;
  }

  /** Restores the state of an earlier process. */
  restore(groups: Iterable<Group>, roots: Iterable<readonly [string, number]>, now: number): void {
    for (const [root, at] of roots) this.#roots.set(root, at);
    for (const group of groups) {
      this.#groups.set(group.key, group);
      for (const [key, member] of group.members) {
        this.#groupOf.set(key, group.key);
        this.#note(group, member);
      }
      this.#plan(group, now);
    }
  }

  // --- one group -------------------------------------------------------------------------------------------------------

  #groupFor({ key, subject, severity }: Alert): Group {
    const known = this.#groups.get(this.#groupOf.get(key) ?? '');
    if (known) return known;
    const labels = Object.fromEntries(this.#grouping.by.map((label) => [label, labelOf(label, subject, severity)]));
    const name = JSON.stringify(labels);
    let group = this.#groups.get(name);
    if (!group) this.#groups.set(name, (group = { key: name, labels, members: new Map(), news: new Set(), count: 0 }));
    this.#groupOf.set(key, name);
    return group;
  }

  #note(group: Group, member: Member): void {
    const { key } = member.alert;
    group.members.set(key, member);
    if (hasNews(member)) group.news.add(key);
    else group.news.delete(key);
  }

  #drop(group: Group, key: string): void {
    group.members.delete(key);
    group.news.delete(key);
    this.#groupOf.delete(key);
    if (group.members.size > 0) return;
    this.#groups.delete(group.key);
    this.#due.set(group.key, undefined);
  }

  /** Schedules the next message. */
  #plan(group: Group, now: number): void {
    const { wait, interval } = this.#grouping;
    const { lastTold } = group;
    const next = lastTold === undefined ? now + wait : Math.max(now, lastTold + interval);
    // A waiting group keeps its time: new members do not delay it.
    const planned = this.#due.timeOf(group.key);
    if (group.news.size > 0) return this.#due.set(group.key, planned === undefined ? next : Math.min(planned, next));
    this.#due.set(group.key, lastTold === undefined ? undefined : lastTold + this.#repeatOf(group));
  }

  #repeatOf({ members }: Group): number {
    const { repeat, repeatCritical } = this.#grouping;
    const isCritical = [...members.values()].some(
      ({ alert, ended }) => ended === undefined && alert.severity === 'critical',
    );
    return isCritical ? Math.min(repeat, repeatCritical) : repeat;
  }

  #flush(group: Group, now: number): Notice | undefined {
    const fresh: Alert[] = [];
    let putOff: number | undefined;
    const news = [...group.news].flatMap((key) => group.members.get(key) ?? []);
    for (const member of news) {
      if (member.ended !== undefined) continue;
      const free = this.#freeAt(member.alert.subject.resource);
      if (free > now) putOff = Math.min(putOff ?? free, free);
      else fresh.push(member.alert);
    }
    const ended = news.flatMap(({ alert, ended: at, reason = 'over' }) =>
      at === undefined ? [] : [{ alert, at, reason }],
    );
    const isRepeat = fresh.length === 0 && ended.length === 0 && this.#isRepeated(group, now);
    const firing = isRepeat ? [...group.members.values()].map(({ alert }) => alert) : fresh;
    const notice = firing.length + ended.length > 0 ? this.#noticeOf(group, firing, ended, isRepeat, now) : undefined;
    if (!this.#groups.has(group.key)) return notice;
    this.#plan(group, now);
    if (putOff !== undefined) this.#due.set(group.key, Math.max(putOff, this.#due.timeOf(group.key) ?? putOff));
    return notice;
  }

  #isRepeated(group: Group, now: number): boolean {
    return group.lastTold !== undefined && now >= group.lastTold + this.#repeatOf(group);
  }

  #noticeOf(group: Group, firing: readonly Alert[], ended: Notice['ended'], isRepeat: boolean, now: number): Notice {
    for (const alert of firing) {
      this.#note(group, { alert, told: alert.severity });
      this.#roots.set(alert.subject.resource, now);
    }
    const active = group.members.size - ended.length;
    for (const { alert } of ended) this.#drop(group, alert.key);
    group.lastTold = now;
    group.count++;
    const { key, labels, count } = group;
    return { group: key, labels, count, at: now, isRepeat, firing: worstFirst(firing), ended, active };
  }

  #freeAt(root: string): number {
    const told = this.#roots.get(root);
    return told === undefined ? 0 : told + this.#grouping.perRoot;
  }
}

/** It was not reported, or became worse or ended since. */
function hasNews({ alert, told, ended }: Member): boolean {
  return ended !== undefined || told === undefined || isWorse(alert.severity, told);
}

function labelOf(label: GroupLabel, subject: Subject, severity: FindingSeverity): string {
  switch (label) {
    case 'alert':
      return subject.name;
    case 'namespace':
      return subject.namespace ?? '';
    case 'resource':
      return subject.resource;
    case 'class':
      return subject.class;
    case 'severity':
      return severity;
  }
}
