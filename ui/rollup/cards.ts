// Cards of resources: one per key, with the worst state of its members and a remark.
import type { Resource } from '../../src/model.ts';
import { counted, kindOf, nameOf, type State, severity, stateOf, worst } from '../words.ts';
import { type Card, cardHeight } from './card.ts';

export interface Placing {
  readonly lane: (resource: Resource) => number;
  readonly outside?: (resource: Resource) => boolean;
}

/** Sorted by key: the same cluster makes the same cards. */
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
  // Contained resources do not name the card: its kind is that of the others.
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

/** Of `Pod of Deployment:a/b` the Pods; containers are on their card too. */
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

/** `web-*`; empty without a common start. */
export function starred(names: readonly string[]): string {
  const common = commonStart(names);
  return common === '' ? '' : `${common}*`;
}

/** Common start of the names, up to a dash or dot. */
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
