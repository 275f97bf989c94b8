// Sorts as far as is read.
import { textOrder } from '../../../src/text-order.ts';

/** Number of items sorted at a time. */
const some = 256;

/** Distinct items sorted by key, a batch at a time: usually the first batch is enough. */
export function* smallestFirst<T>(items: readonly T[], keyOf: (item: T) => string): Generator<T> {
  const compare = (a: T, b: T) => textOrder(keyOf(a), keyOf(b));
  let after: string | undefined;
  for (;;) {
    let best: T[] = [];
    let last: T | undefined;
    for (const item of items) {
      if (after !== undefined && textOrder(keyOf(item), after) <= 0) continue;
      if (last !== undefined && compare(item, last) >= 0) continue;
      best.push(item);
      if (best.length < some * 2) continue;
      best = best.sort(compare).slice(0, some);
      last = best.at(-1);
    }
    best.sort(compare);
    for (const item of best) {
      if (keyOf(item) !== after) yield item;
      after = keyOf(item);
    }
    if (last === undefined) return;
  }
}
