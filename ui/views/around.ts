// Three columns around a resource: what leads to it, itself, what it leads to, with rule and field of each relation.
import type { Relation, Resource } from '../../src/model.ts';
import { familyOf } from '../families.ts';
import { filterOf } from '../filter.ts';
import type { ClusterModel } from '../model.ts';
import { type Card, cardHeight, type Line } from '../rollup/card.ts';
import { noteOf } from '../rollup/cards.ts';
import { isBroken } from '../rollup/lines.ts';
import { cut, stacked } from '../rollup/rollup.ts';
import { stacksOf } from '../rollup/stacks.ts';
import type { ViewState } from '../state/view-state.ts';
import { kindOf, nameOf, namespaceOf, severity, stateOf } from '../words.ts';
import { cardFields, type Memory, query, type Seen, type View } from './view.ts';

const centreHeight = 92;
/** More of one relation and kind on a side share a card, except missing and broken ones. */
const most = 9;

export const around = {
  name: 'around',
  title: ({ id }) => `around ${id}`,
  question: ({ id }) => `cluster?${query({ root: id, depth: '1', fields: cardFields })}`,
  stream: ({ id }) => (namespaceOf(id) === '' ? undefined : query({ namespace: namespaceOf(id) })),
  command: ({ id }) => ['get', id],
  scene: sceneOf,
} as const satisfies View;

function sceneOf(model: ClusterModel, state: ViewState, { drawn: before }: Memory): Seen {
  const centre = model.resource(state.id);
  if (!centre) return { scene: { form: 'list', lanes: [], cards: [], lines: [], leftOut: [] }, memory: {} };
  const passes = filterOf(state) ?? (() => true);
  const relations = model.relationsOf(state.id);
  const near = Map.groupBy(relations, ({ source, target }) => (source === state.id ? target : source));
  near.delete(state.id);
  const cards = [...near].flatMap(([id, reasons]) => {
    const resource = model.resource(id);
    return resource && passes(resource) ? [neighbour(resource, reasons, state.id)] : [];
  });
  const likeness = new Map(cards.map(({ key, lane, kind, state: its }) => [key, { lane, kind, its }]));
  const alike = ({ key }: Card) => {
    const each = likeness.get(key);
    if (!each || severity(each.its) < severity('progressing')) return undefined;
    return `${each.lane} ${each.kind} ${near.get(key)?.[0]?.type} of ${state.id}`;
  };
  const drawn = stacksOf(cards, { alike, least: most, before });
  const shown = [centreCard(centre), ...stacked(cards, drawn)];
  const lines = shown.slice(1).flatMap((card) => linesOf(card, near, state.id));
  const lanes = ['Reaches it', kindOf(centre.type), 'It reaches'];
  return {
    scene: cut({ form: 'list', wide: true, trunks: true, lanes, cards: shown, lines, leftOut: [] }),
    memory: { drawn },
  };
}

function neighbour(resource: Resource, relations: readonly Relation[], centre: string): Card {
  const [first] = relations;
  const lane = relations.some(({ target }) => target === centre) ? 0 : 2;
  const state = stateOf(resource);
  const missing = state === 'missing' ? 0 : 1;
  return {
    key: resource.id,
    lane,
    title: resource.annotations.label || nameOf(resource.id),
    kind: kindOf(resource.type),
    members: [resource.id],
    state,
    note: noteOf(resource),
    reason: reasonOf(relations),
    height: cardHeight + 16,
    order: `${missing} ${first?.type} ${String(severity(state)).padStart(2, '0')} ${resource.id}`,
    ...(namespaceOf(resource.id) === namespaceOf(centre) ? {} : { outside: true }),
  };
}

function reasonOf([first, ...rest]: readonly Relation[]): string {
  if (!first) return '';
  const more = rest.length > 0 ? ` and ${rest.length} more` : '';
  return `${first.type}${first.annotations.field === '' ? '' : ` · ${first.annotations.field}`}${more}`;
}

function centreCard(resource: Resource): Card {
  return {
    key: resource.id,
    lane: 1,
    title: resource.annotations.label || nameOf(resource.id),
    kind: kindOf(resource.type),
    members: [resource.id],
    state: stateOf(resource),
    note: noteOf(resource),
    height: centreHeight,
    order: '',
  };
}

function linesOf(card: Card, near: ReadonlyMap<string, readonly Relation[]>, centre: string): Line[] {
  const relations = card.members.flatMap((id) => near.get(id) ?? []);
  const kinds = Map.groupBy(relations, ({ type, source }) => `${source === centre ? 'to' : 'from'} ${type}`);
  return [...kinds].flatMap(([kind, [first, ...rest]]) => {
    if (!first) return [];
    const { type } = first;
    const [source, target] = kind.startsWith('to ') ? [centre, card.key] : [card.key, centre];
    const missing = [first, ...rest].some(({ annotations }) => isBroken(annotations));
    return [
      {
        key: `${source}\n${type}\n${target}`,
        source,
        target,
        type,
        family: familyOf(type),
        count: 1 + rest.length,
        missing,
      },
    ];
  });
}
