// Cards that say what they said before are the objects of before: what draws them has nothing to do.
import { isEqual } from '../equal.ts';
import type { Card } from './card.ts';

export function knownCards(cards: readonly Card[], before: ReadonlyMap<string, Card>): readonly Card[] {
  return cards.map((card) => {
    const known = before.get(card.key);
    return known && isEqual(known, card) ? known : card;
  });
}
