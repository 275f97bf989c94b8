// How two resources are connected: one row, each step with its field.
import type { Relation, Resource } from '../../src/model.ts';
import { familyOf } from '../families.ts';
import type { ClusterModel } from '../model.ts';
import { type Card, cardHeight, type Line } from '../rollup/card.ts';
import { noteOf } from '../rollup/cards.ts';
import { isBroken } from '../rollup/lines.ts';
import { counted, kindOf, nameOf, stateOf } from '../words.ts';
import { query, type View } from './view.ts';

export const path = {
  name: 'path',
  title: ({ id, to }) => `from ${id} to ${to}`,
  // Everything is in a namespace and a cluster: such paths are excluded.
  question: ({ id, to }) => `cluster/path?${query({ from: id, to, relation: '!contains', properties: 'false' })}`,
  command: ({ id, to }) => ['path', id, to],
  scene(model, state) {
    const [found = []] = model.paths;
    const cards: Card[] = [];
    const lines: Line[] = [];
    found.forEach((id, n) => {
      const resource = model.resource(id);
      const next = found[n + 1];
      if (resource) cards.push(stepCard(resource, n, next === undefined ? [] : between(model, id, next)));
      if (next !== undefined) lines.push(...linesOf(model, id, next));
    });
    const lanes = found.map((_, n) => (n === 0 ? 'From' : n === found.length - 1 ? 'To' : `Step ${n}`));
    const nothing = cards.length === 0 && model.timestamp !== '';
    const leftOut = nothing ? [`Nothing connects ${state.id} and ${state.to} but what contains both`] : [];
    const others = model.paths.length - 1;
    if (others > 0) leftOut.push(`${counted(others, 'other path')} as short as this`);
    return { scene: { form: 'list', wide: true, lanes, cards, lines, leftOut }, memory: {} };
  },
} as const satisfies View;

function stepCard(resource: Resource, lane: number, onward: readonly Relation[]): Card {
  return {
    key: resource.id,
    lane,
    title: resource.annotations.label || nameOf(resource.id),
    kind: kindOf(resource.type),
    members: [resource.id],
    state: stateOf(resource),
    note: noteOf(resource),
    reason: reasonOf(resource.id, onward),
    height: cardHeight + 16,
    order: '',
  };
}

function linesOf(model: ClusterModel, a: string, b: string): Line[] {
  const found = between(model, a, b);
  return found.slice(0, 1).map(({ source, target, type, annotations }) => ({
    key: `${source}\n${type}\n${target}`,
    source,
    target,
    type,
    family: familyOf(type),
    count: found.length,
    missing: isBroken(annotations),
  }));
}

function between(model: ClusterModel, a: string, b: string): Relation[] {
  return model.relationsOf(a).filter((each) => other(each, a) === b);
}

/** The next step and its field. */
function reasonOf(id: string, [first]: readonly Relation[]): string {
  if (!first) return '';
  return `${first.source === id ? '→' : '←'} ${first.type} · ${first.annotations.field}`;
}

function other({ source, target }: Relation, id: string): string {
  return source === id ? target : source;
}
