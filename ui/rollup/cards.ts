// Cards of resources: one for each key, with the worst of its members' states and what is to say of it.
import type { Resource } from '../../src/model.ts';
import { counted, kindOf, nameOf, type State, severity, stateOf, worst } from '../words.ts';
import { type Card, cardHeight } from './card.ts';

export interface Placing {
  readonly lane: (resource: Resource) => number;
  readonly outside?: (resource: Resource) => boolean;
}

/** Cards in the order of their keys: the same cluster makes the same cards. */
export function cardsOf(
  resources: readonly Resource[],
  keyOf: (id: string) => string | undefined,
  { lane, outside = () => false }: Placing,
): Card[] {
  const byKey = Map.groupBy(resources, ({ id }) => keyOf(id) ?? '');
  byKey.delete('');
  const sorted = [...byKey].sort(([a], [b]) => (a < b ? -1 : 1));
  return sorted.flatMap(([key, members]) => cardOf(key, members, lane, outside) ?? []);
}

function cardOf(
  key: string,
  members: readonly Resource[],
  lane: Placing['lane'],
  outside: (resource: Resource) => boolean,
): Card | undefined {
  // What stands on another's card does not name it: the card is of the kind of what is not inside.
  const own = members.find(({ id }) => id === key);
  const kinds = own ? [own] : alikeOf(key, members);
  const first = kinds[0];
  if (!first) return undefined;
  const state = worst(kinds.map(stateOf));
  const shared = kinds.length > 1;
  const kind = kindOf(first.type);
  return {
    key,
    lane: lane(first),
    kind,
    title: shared ? counted(kinds.length, kind) : first.annotations.label || nameOf(first.id),
    members: [...kinds, ...members.filter((each) => !kinds.includes(each))].map(({ id }) => id),
    state,
    note: shared ? starred(kinds.map(({ id }) => nameOf(id))) : noteOf(first),
    ...(shared ? { bar: barOf(kinds) } : {}),
    ...(outside(first) ? { outside: true } : {}),
    height: cardHeight,
    order: `${first.annotations.application?.name ?? '~'} ${kind} ${nameOf(first.id)}`,
  };
}

/** Of `Pod of Deployment:a/b` the Pods; containers stand on their card, too. */
function alikeOf(key: string, members: readonly Resource[]): Resource[] {
  const kind = key.slice(0, key.indexOf(' of '));
  const alike = members.filter(({ type }) => kindOf(type) === kind);
  return (alike.length > 0 ? alike : [...members]).sort(byState);
}

function byState(a: Resource, b: Resource): number {
  return severity(stateOf(a)) - severity(stateOf(b)) || (a.id < b.id ? -1 : 1);
}

export function noteOf({ annotations }: Pick<Resource, 'annotations'>): string {
  const { health } = annotations;
  if (annotations.stale) return 'as last seen';
  if (!health) return '';
  return [health.ready ?? '', health.state === 'ok' && health.ready ? '' : health.reason].filter(Boolean).join(' ');
}

export function barOf(members: readonly Resource[]): Map<State, number> {
  const bar = new Map<State, number>();
  for (const member of members) bar.set(stateOf(member), (bar.get(stateOf(member)) ?? 0) + 1);
  return new Map([...bar].sort(([a], [b]) => severity(a) - severity(b)));
}

/** `web-*`; nothing where they begin differently. */
export function starred(names: readonly string[]): string {
  const common = commonStart(names);
  return common === '' ? '' : `${common}*`;
}

/** What names begin with, up to a dash or a dot. */
export function commonStart(names: readonly string[]): string {
  const [first = '', ...rest] = names;
  let length = first.length;
  for (const name of rest) {
    let same = 0;
    while (same < length && name[same] === first[same]) same++;
    length = same;
  }
  const common = first.slice(0, length);
  const cut = Math.max(common.lastIndexOf('-'), common.lastIndexOf('.'));
  return cut < 0 ? common : common.slice(0, cut + 1);
}
