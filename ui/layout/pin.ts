// The layout after a change: drawn cards do not move. A new card takes the free place of its lane nearest to its
// neighbours; a removed one leaves a gap.
import {
  type Box,
  byText,
  type Layout,
  lanesOf,
  type Measures,
  mean,
  measures,
  neighboursOf,
  type Spot,
  type Tie,
} from './layout.ts';

interface Interval {
  readonly from: number;
  readonly to: number;
}

export function pin(boxes: readonly Box[], ties: readonly Tie[], before: Layout, sizes: Measures = measures): Layout {
  const lanes = lanesOf(boxes, sizes, before);
  const neighbours = neighboursOf(boxes, ties);
  const spots = new Map<string, Spot>();
  const taken = new Map<number, Interval[]>([...lanes.keys()].map((lane) => [lane, []]));
  const occupy = ({ key, lane, height }: Box, y: number) => {
    spots.set(key, { x: lanes.get(lane) ?? 0, y });
    const intervals = taken.get(lane) ?? [];
    intervals.push({ from: y, to: y + height + sizes.gap });
    intervals.sort((a, b) => a.from - b.from);
  };
  const isKept = ({ key, lane }: Box) => before.spots.get(key)?.x === lanes.get(lane);
  for (const { key, lane, height } of boxes.filter(isKept)) {
    const y = before.spots.get(key)?.y ?? 0;
    spots.set(key, { x: lanes.get(lane) ?? 0, y });
    taken.get(lane)?.push({ from: y, to: y + height + sizes.gap });
  }
  for (const intervals of taken.values()) intervals.sort((a, b) => a.from - b.from);
  const fresh = boxes
    .filter((box) => !isKept(box))
    .toSorted((a, b) => byText(a.order, b.order) || byText(a.key, b.key));
  for (const box of fresh) {
    const intervals = taken.get(box.lane) ?? [];
    const near = mean((neighbours.get(box.key) ?? []).flatMap((other) => spots.get(other)?.y ?? []));
    occupy(box, nearestFree(intervals, box.height + sizes.gap, near ?? intervals.at(-1)?.to ?? 0));
  }
  return { spots, lanes };
}

/** `taken` is sorted. The place nearest to `wanted` with room for `length`, from 0 on. */
function nearestFree(taken: readonly Interval[], length: number, wanted: number): number {
  let best = Number.POSITIVE_INFINITY;
  let from = 0;
  for (const to of [...taken.map((each) => each.from), Number.POSITIVE_INFINITY]) {
    if (to - from >= length) {
      const place = Math.min(Math.max(wanted, from), to - length);
      if (Math.abs(place - wanted) < Math.abs(best - wanted)) best = place;
    }
    const next = taken.find((each) => each.from === to);
    from = Math.max(from, next?.to ?? from);
  }
  return Math.round(best);
}
