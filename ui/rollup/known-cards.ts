// Cards that say what they said before are the objects of before: what draws them has nothing to do.
import type { Card } from './card.ts';

export function knownCards(cards: readonly Card[], before: ReadonlyMap<string, Card>): readonly Card[] {
  return cards.map((card) => {
    const known = before.get(card.key);
    return known && isSame(known, card) ? known : card;
  });
}

function isSame(a: Card, b: Card): boolean {
  const names = Object.keys(a) as (keyof Card)[];
  return names.length === Object.keys(b).length && names.every((name) => isEqual(a[name], b[name]));
}

function isEqual(a: unknown, b: unknown): boolean {
  if (a === b) return true;
  if (Array.isArray(a) && Array.isArray(b)) return a.length === b.length && a.every((each, n) => each === b[n]);
  if (a instanceof Map && b instanceof Map) return isEqual([...a].flat(), [...b].flat());
  return typeof a === 'object' && typeof b === 'object' && JSON.stringify(a) === JSON.stringify(b);
}
