// What fails or disappears with a resource, by distance: itself, its dependents, their dependents.
import type { Resource } from '../../src/model.ts';
import { filterOf } from '../filter.ts';
import type { ClusterModel } from '../model.ts';
import { type Card, cardHeight } from '../rollup/card.ts';
import { noteOf } from '../rollup/cards.ts';
import { linesBetween } from '../rollup/lines.ts';
import { cut, stacked } from '../rollup/rollup.ts';
import { stacksOf } from '../rollup/stacks.ts';
import type { ViewState } from '../state/view-state.ts';
import { counted, kindOf, nameOf, namespaceOf, stateOf } from '../words.ts';
import { kindsText, oneEach } from './applications.ts';
import { type Memory, query, type Seen, type View } from './view.ts';

/** They go with what holds them: shown with infrastructure. Containers are in the answer only where they are what matters. */
const inside = new Set(['Process', 'EndpointSlice', 'ControllerRevision']);
const most = 6;
/** Larger distances share the last column. */
const furthest = 6;

export const impact = {
  name: 'impact',
  title: ({ id }) => `what breaks without ${id}`,
  question: ({ id }) => `cluster/impact?${query({ of: id, properties: 'false' })}`,
  stream: ({ id }) => (namespaceOf(id) === '' ? undefined : query({ namespace: namespaceOf(id) })),
  command: ({ id }) => ['impact', id],
  scene: sceneOf,
} as const satisfies View;

function sceneOf(model: ClusterModel, state: ViewState, { drawn: before }: Memory): Seen {
  const passes = filterOf(state) ?? (() => true);
  const isTold = ({ type }: Resource) => state.infrastructure || state.kinds.length > 0 || !inside.has(kindOf(type));
  const cards = model
    .resources()
    .filter((resource) => resource.id === state.id || (passes(resource) && isTold(resource)))
    .map((resource) => cardOf(resource, Math.min(model.distances.get(resource.id) ?? 0, furthest), state.id));
  const alike = ({ lane, kind, key }: Card) =>
    key === state.id ? undefined : `${lane} ${kind} in ${namespaceOf(key)} without ${state.id}`;
  const drawn = stacksOf(cards, { alike, least: most, before });
  const shown = stacked(cards, drawn);
  const drawable = new Set(shown.map(({ key }) => key));
  const lines = linesBetween(model.relations(), (id) => {
    const key = drawn.get(id);
    return key !== undefined && drawable.has(key) ? key : undefined;
  });
  const steps = Array.from({ length: furthest - 1 }, (_, n) => counted(n + 1, 'step'));
  const lanes = ['Without it', ...steps, `${furthest} steps and more`];
  return {
    scene: cut({ form: 'list', lanes, cards: shown, lines, leftOut: leftOutOf(model, isTold) }),
    memory: { drawn },
  };
}

function leftOutOf(model: ClusterModel, isTold: (resource: Resource) => boolean): string[] {
  const untold = model.resources().filter((each) => !isTold(each));
  return untold.length === 0
    ? []
    : [`${kindsText(oneEach(untold), 4)}: they are inside of what is shown (x shows them)`];
}

function cardOf(resource: Resource, lane: number, centre: string): Card {
  return {
    key: resource.id,
    lane,
    title: resource.annotations.label || nameOf(resource.id),
    kind: kindOf(resource.type),
    members: [resource.id],
    state: stateOf(resource),
    note: noteOf(resource),
    height: cardHeight,
    order: `${kindOf(resource.type)} ${resource.id}`,
    ...(namespaceOf(resource.id) === namespaceOf(centre) ? {} : { outside: true }),
  };
}
