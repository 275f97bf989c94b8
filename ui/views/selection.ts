// All resources of a type, or all with a label, wherever they are: what a tile of such a wall opens.
import type { Resource } from '../../src/model.ts';
import { filterOf } from '../filter.ts';
import { type Card, cardHeight } from '../rollup/card.ts';
import { noteOf } from '../rollup/cards.ts';
import { cut } from '../rollup/rollup.ts';
import type { ViewState } from '../state/view-state.ts';
import { counted, kindOf, nameOf, namespaceOf, stateOf } from '../words.ts';
import { cardFields, query, type View } from './view.ts';

/** The rest is counted. */
const most = 1500;

export const selection = {
  name: 'selection',
  title: (state) => `all ${selectionWords(state)}`,
  question: ({ type, selector, fieldSelector }) =>
    `cluster/resources?${query({ type, labelSelector: selector, fieldSelector, fields: cardFields, limit: String(most) })}`,
  command: ({ type, selector, fieldSelector }) =>
    fieldSelector === '' && type !== '' ? ['get', type, '-A', ...(selector === '' ? [] : ['-l', selector])] : undefined,
  scene(model, state) {
    const passes = filterOf(state) ?? (() => true);
    const cards = model.resources().filter(passes).map(cardOf);
    const remaining = Number(model.rest['remaining'] ?? 0);
    const leftOut = remaining > 0 ? [`${counted(remaining, 'resource')} more of this kind`] : [];
    return { scene: cut({ form: 'grid', lanes: ['By name'], cards, lines: [], leftOut }), memory: {} };
  },
} as const satisfies View;

function cardOf(resource: Resource): Card {
  const namespace = namespaceOf(resource.id);
  return {
    key: resource.id,
    lane: 0,
    title: resource.annotations.label || nameOf(resource.id),
    kind: kindOf(resource.type),
    members: [resource.id],
    state: stateOf(resource),
    note: [namespace === '' ? '' : `in ${namespace}`, noteOf(resource)].filter(Boolean).join(', '),
    height: cardHeight,
    order: `${nameOf(resource.id)} ${resource.id}`,
  };
}

/** `Pods`, `resources with app=web`. */
export function selectionWords({ type, selector, fieldSelector }: ViewState): string {
  if (fieldSelector !== '') return `resources with ${fieldSelector}`;
  const what = type === '' ? 'resources' : counted(2, kindOf(type)).slice(2);
  return selector === '' ? what : `${what} with ${selector}`;
}
