import fc from 'fast-check';
import { expect, test } from 'vitest';
import { arrange, list } from '../../../ui/layout/arrange.ts';
import { grid } from '../../../ui/layout/grid.ts';
import { type Box, type Layout, measures, type Tie } from '../../../ui/layout/layout.ts';
import { pin } from '../../../ui/layout/pin.ts';
import { createRouter } from '../../../ui/layout/route.ts';

const box: fc.Arbitrary<Box> = fc.record({
  key: fc.string({ minLength: 1, maxLength: 6 }),
  lane: fc.nat(6),
  height: fc.constantFrom(30, 50, 92),
  order: fc.constantFrom('a', 'b', 'c'),
});
const boxes = fc.uniqueArray(box, { selector: ({ key }) => key, maxLength: 50 });
const scene = fc.tuple(boxes, fc.array(fc.tuple(fc.nat(), fc.nat()), { maxLength: 80 })).map(([all, pairs]) => ({
  boxes: all,
  ties:
    all.length === 0
      ? []
      : pairs.map(
          ([a, b]): Tie => ({ source: all[a % all.length]?.key ?? '', target: all[b % all.length]?.key ?? '' }),
        ),
}));

function overlaps(all: readonly Box[], { spots }: Layout): string[] {
  const found: string[] = [];
  for (const lane of new Set(all.map((each) => each.lane))) {
    const column = all
      .filter((each) => each.lane === lane)
      .map(({ key, height }) => ({
        key,
        from: spots.get(key)?.y ?? Number.NaN,
        to: (spots.get(key)?.y ?? Number.NaN) + height,
      }))
      .sort((a, b) => a.from - b.from);
    column.forEach((each, n) => {
      const next = column[n + 1];
      if (Number.isNaN(each.from) || each.from < 0 || (next && next.from < each.to))
        found.push(`${each.key} ${next?.key}`);
    });
  }
  return found;
}

test('no two cards overlap, in lanes and in lists', () => {
  fc.assert(
    fc.property(scene, ({ boxes: all, ties }) => {
      expect(overlaps(all, arrange(all, ties))).toEqual([]);
      expect(overlaps(all, list(all))).toEqual([]);
    }),
  );
});

test('the same scene is the same picture, in whatever order it comes', () => {
  fc.assert(
    fc.property(scene, ({ boxes: all, ties }) => {
      const sorted = (layout: Layout) => [...layout.spots].toSorted(([a], [b]) => (a < b ? -1 : 1));
      expect(sorted(arrange(all.toReversed(), ties))).toEqual(sorted(arrange(all, ties)));
    }),
  );
});

test('over any changes no card that stays moves, and none overlaps another', () => {
  fc.assert(
    fc.property(scene, fc.array(scene, { maxLength: 6 }), ({ boxes: all, ties }, later) => {
      let layout = arrange(all, ties);
      let before = all;
      for (const next of later) {
        // A card only changes its lane by becoming another card.
        const lanes = new Map(before.map((each) => [each.key, each]));
        const now = next.boxes.map((each) => ({ ...each, ...lanes.get(each.key) }));
        const after = pin(now, next.ties, layout);
        for (const { key } of now) if (lanes.has(key)) expect(after.spots.get(key)).toEqual(layout.spots.get(key));
        expect(overlaps(now, after)).toEqual([]);
        layout = after;
        before = now;
      }
    }),
  );
});

test('a card that comes takes the nearest free place to what it is connected with', () => {
  const card = (key: string, lane: number): Box => ({ key, lane, height: 50, order: key });
  const all = ['a', 'b', 'c', 'd'].map((key) => card(key, 0));
  const layout = list(all);
  const after = pin([...all, card('new', 1)], [{ source: 'c', target: 'new' }], layout);
  expect(after.spots.get('new')?.y).toBe(layout.spots.get('c')?.y);
  expect(after.spots.get('new')?.x).toBe(measures.width + measures.gutter);
});

/** Points of an SVG path, with curves cut into pieces. */
function pointsOf(path: string): { x: number; y: number }[] {
  const points: { x: number; y: number }[] = [];
  let [x, y] = [0, 0];
  for (const [, command = '', rest = ''] of path.matchAll(/([MHC])([^MHC]*)/g)) {
    const n = rest.trim().split(/[ ,]+/).map(Number);
    if (command === 'M') [x = 0, y = 0] = n;
    const to = command === 'H' ? [x, y, n[0], y, n[0], y] : command === 'C' ? n : [x, y, x, y, x, y];
    const [x1 = 0, y1 = 0, x2 = 0, y2 = 0, x3 = 0, y3 = 0] = to as number[];
    for (let t = 0; t <= 1; t += 0.05) {
      const u = 1 - t;
      points.push({
        x: u ** 3 * x + 3 * u * u * t * x1 + 3 * u * t * t * x2 + t ** 3 * x3,
        y: u ** 3 * y + 3 * u * u * t * y1 + 3 * u * t * t * y2 + t ** 3 * y3,
      });
    }
    if (command !== 'M') [x, y] = [x3, y3];
  }
  return points;
}

test('no line runs under a card', () => {
  fc.assert(
    fc.property(scene, ({ boxes: all, ties }) => {
      const layout = arrange(all, ties);
      const router = createRouter(all, layout);
      for (const tie of ties.filter(({ source, target }) => source !== target)) {
        const points = pointsOf(router.path(tie));
        expect(points.length).toBeGreaterThan(2);
        for (const { key, height } of all) {
          const { x, y } = layout.spots.get(key) ?? { x: 0, y: 0 };
          const inside = points.some(
            (point) =>
              point.x > x + 1 && point.x < x + measures.width - 1 && point.y > y + 1 && point.y < y + height - 1,
          );
          expect(inside, `${tie.source} to ${tie.target} under ${key}`).toBe(false);
        }
      }
    }),
  );
});

test('a wall keeps every tile in its place, and gives new ones the places of those that are gone', () => {
  const sizes = { available: 700, width: 200, height: 80, gap: 10 };
  const tile = (key: string): Box => ({ key, lane: 0, height: 80, order: key });
  const first = grid(['a', 'b', 'd', 'e'].map(tile), sizes);
  const second = grid(['a', 'c', 'd', 'e', 'f'].map(tile), sizes, first);
  for (const key of ['a', 'd', 'e']) expect(second.spots.get(key)).toEqual(first.spots.get(key));
  expect(second.spots.get('c')).toEqual(first.spots.get('b'));
  expect(new Set(second.slots.values()).size).toBe(5);
});

test('a trunk begins and ends at its cards, whatever side they are on, and lines of a family share it', () => {
  fc.assert(
    fc.property(fc.array(fc.nat(2), { minLength: 1, maxLength: 30 }), fc.nat(7), (lanes, track) => {
      const all: Box[] = [
        { key: 'centre', lane: 1, height: 92, order: '' },
        ...lanes.map((lane, n) => ({ key: `${n}`, lane, height: 50, order: String(n) })),
      ];
      const layout = list(all);
      const router = createRouter(all, layout);
      const trunks = new Map<number, Set<string>>();
      lanes.forEach((lane, n) => {
        if (lane === 1) return;
        const path = router.trunk({ source: 'centre', target: `${n}` }, track);
        const [from, to] = [layout.spots.get('centre')?.x ?? 0, layout.spots.get(`${n}`)?.x ?? 0];
        expect(path.startsWith(`M${lane > 1 ? from + measures.width : from} `)).toBe(true);
        expect(path.endsWith(`H${lane > 1 ? to : to + measures.width}`)).toBe(true);
        const [, x] = /Q(\S+) /.exec(path) ?? [];
        if (x !== undefined) trunks.set(lane, (trunks.get(lane) ?? new Set()).add(x));
      });
      for (const places of trunks.values()) expect(places.size).toBe(1);
    }),
  );
});
