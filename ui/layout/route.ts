// Path of a line: straight through gutters, and between cards where it crosses a lane. No line is hidden by a card.
import type { Box, Layout, Measures, Tie } from './layout.ts';
import { measures } from './layout.ts';

interface Corridor {
  readonly from: number;
  readonly to: number;
}

export interface Router {
  /** Points of the line as an SVG path. */
  path(tie: Tie): string;
  /** Between neighbouring lanes: along a vertical that lines with the same `track` share, so that many are one. Else as `path`. */
  trunk(tie: Tie, track: number): string;
}

const margin = 4;

export function createRouter(boxes: readonly Box[], layout: Layout, sizes: Measures = measures): Router {
  const byKey = new Map(boxes.map((box) => [box.key, box]));
  const lanes = [...layout.lanes.entries()].sort(([, a], [, b]) => a - b);
  const place = new Map(lanes.map(([lane], n) => [lane, n]));
  const corridors = lanes.map(([lane]) =>
    corridorsOf(
      boxes.filter((box) => box.lane === lane),
      layout,
    ),
  );

  function centre(key: string): { n: number; x: number; y: number } | undefined {
    const box = byKey.get(key);
    const spot = layout.spots.get(key);
    if (!box || !spot) return undefined;
    return { n: place.get(box.lane) ?? 0, x: spot.x, y: spot.y + box.height / 2 };
  }

  const router: Router = {
    path({ source, target }) {
      const a = centre(source);
      const b = centre(target);
      if (!a || !b) return '';
      if (a.n === b.n) return loop(a, b, sizes);
      const forward = a.n < b.n;
      const step = forward ? 1 : -1;
      let x = forward ? a.x + sizes.width : a.x;
      let y = a.y;
      let text = `M${x} ${y}`;
      const to = (nextX: number, nextY: number) => {
        const middle = (x + nextX) / 2;
        text += nextY === y ? `H${nextX}` : `C${middle} ${y} ${middle} ${nextY} ${nextX} ${nextY}`;
        x = nextX;
        y = nextY;
      };
      for (let n = a.n + step; n !== b.n; n += step) {
        const left = lanes[n]?.[1] ?? 0;
        const wanted = a.y + ((b.y - a.y) * (n - a.n)) / (b.n - a.n);
        const through = nearest(corridors[n] ?? [], wanted);
        to(forward ? left : left + sizes.width, through);
        to(forward ? left + sizes.width : left, through);
      }
      to(forward ? b.x : b.x + sizes.width, b.y);
      return text;
    },
    trunk(tie, track) {
      const [a, b] = [centre(tie.source), centre(tie.target)];
      return a && b && Math.abs(a.n - b.n) === 1 ? viaTrunk(a, b, sizes, track) : router.path(tie);
    },
  };
  return router;
}

const trackWidth = 5;
const corner = 8;

/** Horizontal, down or up the trunk, horizontal: with round corners. */
function viaTrunk(a: Point, b: Point, { width, gutter }: Measures, track: number): string {
  const step = a.x < b.x ? 1 : -1;
  const from = step > 0 ? a.x + width : a.x;
  const to = step > 0 ? b.x : b.x + width;
  const middle = from + step * Math.min(14 + track * trackWidth, Math.max(14, gutter - 14));
  // A line from the right to the left has its trunk at the same place.
  const x = step > 0 ? middle : to + (from - middle);
  if (Math.abs(a.y - b.y) < 1) return `M${from} ${a.y}H${to}`;
  const down = a.y < b.y ? 1 : -1;
  const r = Math.min(corner, Math.abs(a.y - b.y) / 2);
  return `M${from} ${a.y}H${x - step * r}Q${x} ${a.y} ${x} ${a.y + down * r}V${b.y - down * r}Q${x} ${b.y} ${x + step * r} ${b.y}H${to}`;
}

interface Point {
  readonly x: number;
  readonly y: number;
}

/** Within a lane: into the gutter on the right and back. */
function loop(a: { x: number; y: number }, b: { y: number }, { width, gutter }: Measures): string {
  const right = a.x + width;
  const out = right + Math.min(gutter * 0.6, 16 + Math.abs(a.y - b.y) / 8);
  return `M${right} ${a.y}C${out} ${a.y} ${out} ${b.y} ${right} ${b.y}`;
}

/** Free spaces in a lane, from above the first card to below the last. */
function corridorsOf(boxes: readonly Box[], { spots }: Layout): Corridor[] {
  const cards = boxes
    .flatMap(({ key, height }) => {
      const spot = spots.get(key);
      return spot ? [{ from: spot.y, to: spot.y + height }] : [];
    })
    .sort((a, b) => a.from - b.from);
  const found: Corridor[] = [];
  let from = Number.NEGATIVE_INFINITY;
  for (const card of cards) {
    if (card.from - from >= 2 * margin) found.push({ from: from + margin, to: card.from - margin });
    from = Math.max(from, card.to);
  }
  found.push({ from: from + margin, to: Number.POSITIVE_INFINITY });
  return found;
}

function nearest(corridors: readonly Corridor[], wanted: number): number {
  let low = 0;
  let high = corridors.length - 1;
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((corridors[middle]?.to ?? 0) < wanted) low = middle + 1;
    else high = middle;
  }
  const candidates = [corridors[low - 1], corridors[low]].flatMap((each) =>
    each ? [Math.min(Math.max(wanted, each.from), each.to)] : [],
  );
  const best = candidates.toSorted((a, b) => Math.abs(a - wanted) - Math.abs(b - wanted))[0] ?? wanted;
  return Math.round(best);
}
