// The initial layout of lanes: connected cards are sorted by the means of their neighbours and placed as near as possible;
// cards without lines are below, by name. Ties are broken by key, so the same scene gives the same picture.
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

const sweeps = 12;
const settling = 8;
/** Space above the cards without lines. */
const apart = 36;

export function arrange(boxes: readonly Box[], ties: readonly Tie[], sizes: Measures = measures): Layout {
  const lanes = lanesOf(boxes, sizes);
  const neighbours = neighboursOf(boxes, ties);
  const isTied = ({ key }: Box) => (neighbours.get(key)?.length ?? 0) > 0;
  const sorted = boxes.toSorted((a, b) => byText(a.order, b.order) || byText(a.key, b.key));
  const columns = [...lanes.keys()].map((lane) => sorted.filter((box) => box.lane === lane && isTied(box)));
  weave(columns, neighbours);
  const tops = settle(columns, neighbours, sizes.gap);
  const highest = Math.min(0, ...tops.values());
  for (const [key, top] of tops) tops.set(key, Math.round(top - highest));
  for (const lane of lanes.keys()) {
    const tied = boxes.filter((box) => box.lane === lane && tops.has(box.key));
    const bottom = Math.max(0, ...tied.map(({ key, height }) => (tops.get(key) ?? 0) + height + sizes.gap));
    stackUp(
      sorted.filter((box) => box.lane === lane && !isTied(box)),
      bottom === 0 ? 0 : bottom + apart,
      sizes.gap,
      tops,
    );
  }
  const spots = new Map<string, Spot>();
  for (const { key, lane } of boxes) spots.set(key, { x: lanes.get(lane) ?? 0, y: tops.get(key) ?? 0 });
  return { spots, lanes };
}

/** Lists: each lane from the top, in the order of its cards. */
export function list(boxes: readonly Box[], sizes: Measures = measures): Layout {
  const lanes = lanesOf(boxes, sizes);
  const tops = new Map<string, number>();
  for (const lane of lanes.keys()) {
    const column = boxes.filter((box) => box.lane === lane);
    stackUp(
      column.toSorted((a, b) => byText(a.order, b.order) || byText(a.key, b.key)),
      0,
      sizes.gap,
      tops,
    );
  }
  return {
    lanes,
    spots: new Map(boxes.map(({ key, lane }) => [key, { x: lanes.get(lane) ?? 0, y: tops.get(key) ?? 0 }])),
  };
}

function stackUp(column: readonly Box[], from: number, gap: number, tops: Map<string, number>): void {
  let top = from;
  for (const { key, height } of column) {
    tops.set(key, top);
    top += height + gap;
  }
}

/** Sorts each column by the mean rank of its neighbours, alternating directions. */
function weave(columns: Box[][], neighbours: ReadonlyMap<string, readonly string[]>): void {
  const rank = new Map<string, number>();
  const number = (column: readonly Box[]) => column.forEach(({ key }, n) => rank.set(key, (n + 0.5) / column.length));
  columns.forEach(number);
  for (let n = 0; n < sweeps; n++) {
    for (const column of n % 2 === 0 ? columns : columns.toReversed()) {
      const wanted = new Map(
        column.map(({ key }) => [key, mean((neighbours.get(key) ?? []).map((other) => rank.get(other) ?? 0)) ?? 0]),
      );
      column.sort(
        (a, b) =>
          (wanted.get(a.key) ?? 0) - (wanted.get(b.key) ?? 0) || byText(a.order, b.order) || byText(a.key, b.key),
      );
      number(column);
    }
  }
}

interface Block {
  readonly from: number;
  sum: number;
  count: number;
  length: number;
}

/** Vertical positions: each card as near to its neighbours' mean as the order allows; touching cards move as a block. */
function settle(columns: readonly (readonly Box[])[], neighbours: ReadonlyMap<string, readonly string[]>, gap: number) {
  const tops = new Map<string, number>();
  for (const column of columns) stackUp(column, 0, gap, tops);
  for (let n = 0; n < settling; n++) {
    for (const column of n % 2 === 0 ? columns : columns.toReversed()) {
      const wanted = column.map(
        ({ key }) => mean((neighbours.get(key) ?? []).map((other) => tops.get(other) ?? 0)) ?? tops.get(key) ?? 0,
      );
      const blocks = blocksOf(column, wanted, gap);
      blocks.forEach((block, at) => {
        stackUp(column.slice(block.from, blocks[at + 1]?.from), block.sum / block.count, gap, tops);
      });
    }
  }
  return tops;
}

function blocksOf(column: readonly Box[], wanted: readonly number[], gap: number): Block[] {
  const blocks: Block[] = [];
  column.forEach(({ height }, from) => {
    let block: Block = { from, sum: wanted[from] ?? 0, count: 1, length: height + gap };
    for (let above = blocks.at(-1); above; above = blocks.at(-1)) {
      if (above.sum / above.count + above.length <= block.sum / block.count) break;
      const sum = above.sum + block.sum - block.count * above.length;
      block = { from: above.from, sum, count: above.count + block.count, length: above.length + block.length };
      blocks.pop();
    }
    blocks.push(block);
  });
  return blocks;
}
