// The difference of two moments in one picture: removed resources keep their place and are marked.
import type { Relation, Resource } from '../../src/model.ts';
import { type Answer, type ClusterModel, keyOf } from '../model.ts';
import type { Card } from '../rollup/card.ts';
import type { ViewState } from '../state/view-state.ts';
import { applicationScene } from './applications.ts';
import { namespaceQuestion, rolledUp } from './namespace-question.ts';
import { type Ask, type Memory, momentOf, type Seen, type View } from './view.ts';

export type Fate = 'added' | 'removed' | 'changed';
/** Above this number of cards only changes are drawn. */
const readable = 60;

export const changes = {
  name: 'changes',
  title: ({ namespace, since, until }) => `what changed in ${namespace}, ${since} to ${until || 'now'}`,
  question: (state) => namespaceQuestion(state),
  load: (state, ask) => union(state, ask),
  scene: sceneOf,
} as const satisfies View;

async function union(state: ViewState, ask: Ask): Promise<Answer> {
  const question = namespaceQuestion(state);
  const [before, after] = [await ask(momentOf(question, state.since)), await ask(momentOf(question, state.until))];
  const known = new Map(before.resources.map((each) => [each.id, each]));
  const now = new Set(after.resources.map(({ id }) => id));
  const resources = [
    ...after.resources.map((each) => fated(each, fateOf(known.get(each.id), each))),
    ...before.resources.filter(({ id }) => !now.has(id)).map((each) => fated(each, 'removed')),
  ];
  const relations = new Map<string, Relation>();
  for (const relation of [...(before.relations ?? []), ...(after.relations ?? [])])
    relations.set(keyOf(relation), relation);
  return { ...after, resources, relations: [...relations.values()] };
}

function fateOf(before: Resource | undefined, after: Resource): Fate | undefined {
  if (!before) return 'added';
  return before.timestamp === after.timestamp &&
    JSON.stringify(before.annotations) === JSON.stringify(after.annotations)
    ? undefined
    : 'changed';
}

function fated(resource: Resource, fate: Fate | undefined): Resource {
  return fate === undefined ? resource : { ...resource, annotations: { ...resource.annotations, fate } };
}

function sceneOf(model: ClusterModel, state: ViewState, memory: Memory): Seen {
  const { scene, drawn } = rolledUp(model, state, memory);
  const cards = scene.cards.map((card) => withFate(card, model));
  const changed = cards.filter(({ fate }) => fate !== undefined);
  if (changed.length === 0) {
    const shown = cards.length <= readable ? { ...scene, cards } : applicationScene(model, state);
    return { scene: { ...shown, remark: 'Between these two moments nothing changed here.' }, memory: { drawn } };
  }
  if (cards.length <= readable) return { scene: { ...scene, cards }, memory: { drawn } };
  const keys = new Set(changed.map(({ key }) => key));
  const lines = scene.lines.filter(({ source, target }) => keys.has(source) && keys.has(target));
  const unchanged = `${cards.length - changed.length} cards on which nothing changed`;
  return { scene: { ...scene, cards: changed, lines, leftOut: [...scene.leftOut, unchanged] }, memory: { drawn } };
}

function withFate(card: Card, model: ClusterModel): Card {
  const fates = card.members.map((id) => model.resource(id)?.annotations['fate'] as Fate | undefined);
  const count = (fate: Fate) => fates.filter((each) => each === fate).length;
  const [added, removed, changed] = [count('added'), count('removed'), count('changed')];
  if (added + removed + changed === 0) return card;
  const whole = fates.length;
  const fate = added === whole ? 'added' : removed === whole ? 'removed' : 'changed';
  const parts = [added > 0 ? `+${added}` : '', removed > 0 ? `−${removed}` : '', changed > 0 ? `~${changed}` : ''];
  return { ...card, fate, note: `${parts.filter(Boolean).join(' ')} ${card.note}` };
}
