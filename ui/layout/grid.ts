// Walls: cards in rows, in their previous order. New cards fill gaps, then the end.
import { type Box, byText, type Spot } from './layout.ts';

export interface Grid {
  readonly slots: ReadonlyMap<string, number>;
  readonly spots: ReadonlyMap<string, Spot>;
  readonly columns: number;
  /** Width of a card: rows are filled. */
  readonly width: number;
}

export interface GridSizes {
  /** Width of the window. */
  readonly available: number;
  readonly width: number;
  readonly height: number;
  readonly gap: number;
}

export function grid(boxes: readonly Box[], { available, width, height, gap }: GridSizes, before?: Grid): Grid {
  const columns = Math.max(1, Math.floor((available + gap) / (width + gap)));
  const filled = Math.max(width, Math.floor((available + gap) / columns) - gap);
  const slots = new Map<string, number>();
  for (const { key } of boxes) {
    const slot = before?.slots.get(key);
    if (slot !== undefined) slots.set(key, slot);
  }
  const taken = new Set(slots.values());
  let free = 0;
  for (const { key } of boxes.toSorted((a, b) => byText(a.order, b.order) || byText(a.key, b.key))) {
    if (slots.has(key)) continue;
    while (taken.has(free)) free++;
    taken.add(free);
    slots.set(key, free);
  }
  const spots = new Map<string, Spot>();
  for (const [key, slot] of slots)
    spots.set(key, { x: (slot % columns) * (filled + gap), y: Math.floor(slot / columns) * (height + gap) });
  return { slots, spots, columns, width: filled };
}
