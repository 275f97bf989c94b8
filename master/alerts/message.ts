// A notice as data: the default webhook body, and the input of templates.
import { hash } from 'node:crypto';
import { printable } from '../../src/printable.ts';
import type { Alert, EndReason } from './alert.ts';
import type { Notice } from './states/alert-groups.ts';
import { linesOf, type Story } from './story.ts';

export interface ToldAlert {
  readonly status: 'firing' | 'ended';
  readonly alert: string;
  readonly id: string;
  readonly class: string;
  readonly severity: string;
  readonly resource: string;
  readonly type: string;
  readonly namespace: string | undefined;
  readonly sentence: string;
  readonly remedy: string;
  readonly link: string | undefined;
  readonly field: string | undefined;
  readonly path: Alert['subject']['path'];
  readonly affected: Alert['subject']['affected'];
  readonly since: string;
  readonly firedAt: string | undefined;
  readonly endedAt: string | undefined;
  readonly endReason: EndReason | undefined;
  readonly flapping: boolean;
  readonly times: number | undefined;
  readonly possibly: boolean;
  readonly effects: Story['effects'];
  readonly before: Story['before'];
  readonly beforeUnknown: string | undefined;
  readonly page: string | undefined;
  readonly picture: string | undefined;
}

export interface Message {
  readonly version: 1;
  /** The same message always has the same id. */
  readonly id: string;
  readonly at: string;
  readonly cluster: string;
  readonly group: Notice['labels'];
  readonly status: 'firing' | 'ended';
  readonly repeat: boolean;
  /** Active members of the group. */
  readonly active: number;
  /** On one line. */
  readonly title: string;
  /** Multi-line text for people. */
  readonly text: string;
  /** Worst first; ended ones last. */
  readonly alerts: readonly ToldAlert[];
  /** Members not listed individually. */
  readonly more: { readonly count: number; readonly first: readonly string[] };
}

const mostTold = 20;
const mostNamed = 10;

export function messageOf(notice: Notice, cluster: string, storyOf: (alert: Alert) => Story): Message {
  const all: readonly Told[] = [...notice.firing.map((alert) => ({ alert })), ...notice.ended.map(asEnded)];
  const told = all.slice(0, mostTold);
  const left = all.slice(mostTold);
  const stories = told.map((each) => ({ ...each, story: storyOf(each.alert) }));
  const status = notice.firing.length > 0 || notice.active > 0 ? 'firing' : 'ended';
  const title = titleOf(notice, all, cluster);
  const more = { count: left.length, first: left.slice(0, mostNamed).map(({ alert }) => nameOf(alert)) };
  const blocks = stories.map((each, at) => blockOf(each, at === 0).join('\n'));
  const rest = more.count > 0 ? [`and ${more.count} more: ${more.first.join(', ')}`] : [];
  return {
    version: 1,
    id: idOf(notice),
    at: timeOf(notice.at),
    cluster,
    group: notice.labels,
    status,
    repeat: notice.isRepeat,
    active: notice.active,
    title,
    text: [title, ...blocks, ...rest].join('\n\n'),
    alerts: stories.map(toldOf),
    more,
  };
}

interface Told {
  readonly alert: Alert;
  readonly ended?: { readonly at: number; readonly reason: EndReason };
}

const wordsOf: { readonly [reason in EndReason]: string } = {
  over: 'it is so no more',
  accepted: 'it was accepted',
  settings: 'the settings tell it no longer',
};

/** The first one says its sentence in the title. */
function blockOf({ alert, story, ended }: Told & { readonly story: Story }, isInTitle: boolean): readonly string[] {
  const { subject } = alert;
  if (ended)
    return [
      `ended: ${nameOf(alert)}, ${wordsOf[ended.reason]}`,
      ...(isInTitle ? [] : [`was: ${subject.sentence}`]),
      `from ${subject.since} to ${timeOf(ended.at)}`,
    ].map(printable);
  const [sentence = '', ...lines] = linesOf(alert, story);
  return [...(isInTitle ? [] : [sentence]), printable(nameOf(alert)), ...lines];
}

function asEnded({ alert, at, reason }: Notice['ended'][number]): Told {
  return { alert, ended: { at, reason } };
}

function nameOf({ subject }: Alert): string {
  return `${subject.name} of ${subject.resource}`;
}

function titleOf({ firing, ended, isRepeat }: Notice, all: readonly Told[], cluster: string): string {
  const [first] = all;
  if (!first) return '';
  const count = firing.length > 0 ? firing.length : ended.length;
  const word = firing.length === 0 ? 'ended' : isRepeat ? `still ${first.alert.severity}` : first.alert.severity;
  const more = count > 1 ? ` (and ${count - 1} more)` : '';
  const over = firing.length > 0 && ended.length > 0 ? `; ${ended.length} ended` : '';
  return printable(`[${cluster}] ${word}: ${shortened(first.alert.subject.sentence)}${more}${over}`);
}

/** Titles stand in lists. */
const longestTitle = 200;

function shortened(sentence: string): string {
  const plain = sentence.replace(/\.$/, '');
  return plain.length > longestTitle ? `${plain.slice(0, longestTitle - 1)}…` : plain;
}

/** From content only, not time: the same after a restart. */
function idOf({ group, count, isRepeat, firing, ended }: Notice): string {
  const members = [
    ...firing.map(({ key, firedAt, severity }) => `+${key} ${firedAt} ${severity}`),
    ...ended.map(({ alert }) => `-${alert.key} ${alert.firedAt}`),
  ].sort();
  return hash('sha256', JSON.stringify([group, count, isRepeat, members])).slice(0, 32);
}

function toldOf({ alert, ended, story }: Told & { readonly story: Story }): ToldAlert {
  const { subject } = alert;
  return {
    status: ended ? 'ended' : 'firing',
    alert: subject.name,
    id: subject.id,
    class: subject.class,
    severity: alert.severity,
    resource: subject.resource,
    type: subject.type,
    namespace: subject.namespace,
    sentence: subject.sentence,
    remedy: subject.remedy,
    link: subject.link,
    field: subject.field,
    path: subject.path,
    affected: subject.affected,
    since: subject.since,
    firedAt: alert.firedAt === undefined ? undefined : timeOf(alert.firedAt),
    endedAt: ended && timeOf(ended.at),
    endReason: ended?.reason,
    flapping: alert.flapping !== undefined,
    times: subject.times,
    possibly: subject.possibly ?? false,
    effects: story.effects,
    before: story.before,
    beforeUnknown: story.unknown,
    page: story.page,
    picture: story.picture,
  };
}

function timeOf(ms: number): string {
  return new Date(ms).toISOString();
}
