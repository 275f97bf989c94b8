// Actionable content of an alert: proof, affected resources, effects, preceding changes, remedy and links. As data and as
// text.
import { printable } from '../../src/printable.ts';
import type { Alert } from './alert.ts';

/** A change before the alert, of the resource or one in its proof. */
export interface Earlier {
  /** RFC 3339. */
  readonly at: string;
  readonly resource: string;
  readonly what: string;
}

export interface Story {
  /** Links to the resource and its surroundings; undefined without a configured URL. */
  readonly page?: string | undefined;
  readonly picture?: string | undefined;
  /** Alerts suppressed because of this one. */
  readonly effects: { readonly count: number; readonly first: readonly string[] };
  /** Latest first. `unknown`: why there is no information. */
  readonly before: readonly Earlier[];
  readonly unknown?: string | undefined;
}

export interface StoryParts {
  readonly url: string | undefined;
  readonly effectsOf: (key: string) => readonly Alert[];
  readonly before: readonly Earlier[];
  readonly unknown?: string | undefined;
}

const mostNamed = 10;

export function storyOf(alert: Alert, { url, effectsOf, before, unknown }: StoryParts): Story {
  const effects = effectsOf(alert.key);
  const first = effects.slice(0, mostNamed).map(({ subject }) => `${subject.name} of ${subject.resource}`);
  const about = encodeURIComponent(alert.subject.resource);
  return {
    ...(url === undefined
      ? {}
      : {
          page: `${url}/ui/#/around?id=${about}`,
          picture: `${url}/cluster?root=${about}&direction=both&depth=2&format=svg`,
        }),
    effects: { count: effects.length, first },
    before,
    ...(unknown === undefined ? {} : { unknown }),
  };
}

/** One line each, without line breaks or terminal control from data. */
export function linesOf(alert: Alert, story: Story): readonly string[] {
  const { subject } = alert;
  const { affected } = subject;
  return [
    `${alert.severity}: ${subject.sentence}`,
    `since: ${subject.since}`,
    ...subject.path.map(
      ({ from, type, to, field }) => `proof: ${from} ${type} ${to}${field === undefined ? '' : ` (${field})`}`,
    ),
    ...(subject.path.length === 0 && subject.field !== undefined
      ? [`field: ${subject.field} of ${subject.resource}`]
      : []),
    ...counted('affects', affected.count, affected.first),
    ...counted('explains', story.effects.count, story.effects.first),
    ...(alert.flapping === undefined ? [] : [`comes and goes: ${alert.begins.length} times lately`]),
    ...(subject.times === undefined ? [] : [`happened ${subject.times} times`]),
    ...(subject.possibly ? ['possibly: something that Cluster Insight does not know may make it untrue'] : []),
    ...story.before.map(({ at, resource, what }) => `before: ${at} ${resource} ${what}`),
    ...(story.before.length === 0 && story.unknown !== undefined ? [`before: not known, ${story.unknown}`] : []),
    `remedy: ${subject.remedy}`,
    ...(subject.link === undefined ? [] : [`read: ${subject.link}`]),
    ...(story.page === undefined ? [] : [`look: ${story.page}`]),
    ...(story.picture === undefined ? [] : [`picture: ${story.picture}`]),
  ].map(printable);
}

function counted(word: string, count: number, first: readonly string[]): readonly string[] {
  if (count === 0) return [];
  const more = count - first.length;
  return [`${word} ${count}: ${first.join(', ')}${more > 0 ? `, and ${more} more` : ''}`];
}
