// The applications of a namespace, one card each.

import type { Resource } from '../../src/model.ts';
import { filterOf } from '../filter.ts';
import type { ClusterModel } from '../model.ts';
import type { Card, Line, Scene } from '../rollup/card.ts';
import { barOf } from '../rollup/cards.ts';
import { linesBetween } from '../rollup/lines.ts';
import { cut } from '../rollup/rollup.ts';
import type { ViewState } from '../state/view-state.ts';
import { counted, kindOf, namespaceOf, type State, severity, stateOf, worst } from '../words.ts';
import { applicationOf, namespaceCommand, namespaceQuestion, namespaceStream, none } from './namespace-question.ts';
import type { View } from './view.ts';

const tileHeight = 82;
/** Counted with their container. */
const uncounted = new Set(['Container', 'Process', 'EndpointSlice', 'ControllerRevision', 'Namespace']);

export const applications = {
  name: 'applications',
  title: ({ namespace }) => `applications of ${namespace}`,
  question: namespaceQuestion,
  stream: namespaceStream,
  direct: true,
  command: namespaceCommand,
  scene: (model, state) => ({ scene: applicationScene(model, state), memory: {} }),
} as const satisfies View;

export function applicationScene(model: ClusterModel, state: ViewState): Scene {
  const passes = filterOf(state) ?? (() => true);
  const own = model.resources().filter((each) => namespaceOf(each.id) === state.namespace && passes(each));
  const byName = Map.groupBy(own, applicationOf);
  const cards = [...byName].map(([name, members]) => cardOf(name, members, state.namespace));
  const drawn = new Set(cards.map(({ key }) => key));
  const lines: Line[] = linesBetween(model.relations(), (id) => {
    const resource = model.resource(id);
    const key = resource && namespaceOf(id) === state.namespace ? keyOf(applicationOf(resource)) : undefined;
    return key !== undefined && drawn.has(key) ? key : undefined;
  });
  return cut({ form: 'grid', lanes: ['Applications'], cards, lines, leftOut: [] });
}

function keyOf(name: string): string {
  return `application ${name}`;
}

function cardOf(name: string, members: readonly Resource[], namespace: string): Card {
  const told = members.filter(({ type }) => !uncounted.has(kindOf(type)));
  const sorted = (told.length > 0 ? told : members).toSorted(
    (a, b) => severity(stateOf(a)) - severity(stateOf(b)) || (a.id < b.id ? -1 : 1),
  );
  const bar: Map<State, number> = barOf(told.filter((each) => stateOf(each) !== 'none'));
  return {
    key: keyOf(name),
    lane: 0,
    title: name === none ? 'No application' : name,
    kind: 'Application',
    members: sorted.map(({ id }) => id),
    state: worst(told.map(stateOf)),
    note: kindsText(oneEach(told)),
    bar,
    height: tileHeight,
    order: name === none ? '~' : name,
    opens: { view: 'lanes', namespace, application: name },
  };
}

/** `3 Pods, 1 Service`: most frequent first. Kinds may come several times, each with its number. */
export function kindsText(kinds: Iterable<readonly [kind: string, count: number]>, most = 3): string {
  const counts = new Map<string, number>();
  for (const [kind, count] of kinds) counts.set(kind, (counts.get(kind) ?? 0) + count);
  const sorted = [...counts].sort(
    ([a, m], [b, n]) => Number(b === 'Pod') - Number(a === 'Pod') || n - m || (a < b ? -1 : 1),
  );
  const rest = sorted.length - most;
  return [...sorted.slice(0, most).map(([kind, n]) => counted(n, kind)), ...(rest > 0 ? [`+${rest}`] : [])].join(', ');
}

/** Of each resource's kind. */
export function oneEach(resources: readonly Pick<Resource, 'type'>[]): [kind: string, count: number][] {
  return resources.map(({ type }) => [kindOf(type), 1]);
}
