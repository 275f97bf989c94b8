import { describe, expect, it, test } from 'vitest';
import type { Layout } from '../../../../master/views/layout/layout.ts';
import { dashOf, drawingOf } from '../../../../master/views/picture/drawing.ts';
import { legendOf } from '../../../../master/views/picture/legend.ts';
import { sceneOf } from '../../../../master/views/picture/scene.ts';
import { graphOf, relation, resource } from '../../../support/shop-graph.ts';

const pod = 'Pod:shop/redis-0';
const node = 'Node:node-a';
const scene = sceneOf(graphOf([resource(node), resource(pod)], [relation(node, 'runs', pod)]));
const layout: Layout = {
  width: 400,
  height: 200,
  boxes: [
    { x: 50, y: 60 },
    { x: 250, y: 60 },
  ],
  frames: [{ x: 200.25, y: 20, width: 100, height: 80.04 }],
  lines: [
    {
      curve: [
        { x: 86, y: 60 },
        { x: 120, y: 60 },
        { x: 160, y: 60 },
        { x: 200, y: 60 },
      ],
      tip: { x: 210, y: 60 },
      label: { x: 148, y: 50 },
    },
  ],
};
const drawn = (plan = layout) => [...drawingOf(scene, plan, {})].join('');

describe('a drawing', () => {
  it('begins a line where its curve begins, and points at its end', () => {
    expect(drawn()).toContain('<path d="M86 60C120 60 160 60 200 60" fill="none"');
    expect(drawn()).toContain('<path d="M200 63L210 60L200 57z"');
  });

  it('turns the arrow head with the line, always 6 wide', () => {
    const [line] = layout.lines;
    const down = {
      ...line,
      curve: [{ x: 10, y: 0 }, ...[10, 20, 30].map((y) => ({ x: 10, y }))],
      tip: { x: 10, y: 40 },
    };
    expect(drawn({ ...layout, lines: [down] })).toContain('<path d="M7 30L10 40L13 30z"');
  });

  it('has an arrow head even where the curve ends at the tip', () => {
    const [line] = layout.lines;
    const short = { ...line, curve: Array.from({ length: 4 }, () => ({ x: 1, y: 2 })), tip: { x: 1, y: 2 } };
    expect(drawn({ ...layout, lines: [short] })).toContain('<path d="M1 2L1 2L1 2z"');
  });

  it('has boxes around their centres, frames where they lie, and words above their lines', () => {
    const text = drawn();
    expect(text).toContain('<rect x="14" y="42" width="72" height="36" rx="6"');
    expect(text).toContain('<path d="M20 42a6 6 0 0 0-6 6v24a6 6 0 0 0 6 6z"');
    expect(text).toContain('<text x="27" y="55" font-size="9.5"');
    expect(text).toContain('<text x="27" y="70" font-size="12.5"');
    expect(text).toContain('<rect x="200.3" y="20" width="100" height="80" rx="10"');
    expect(text).toContain('<text x="212.3" y="39" font-size="13"');
    expect(text).toContain('<text x="148" y="53" font-size="9"');
    expect(text.indexOf('<g><title>')).toBeLessThan(text.indexOf('font-size="9" '));
  });
});

describe('a line without a word, or without a place for it,', () => {
  const words = (some: typeof scene, plan = layout) => [...drawingOf(some, plan, {})].join('').match(/font-size="9" /g);

  it('is drawn with none', () => {
    const [line] = layout.lines;
    const { label: _, ...placeless } = line as NonNullable<typeof line>;
    expect(words(scene)).toHaveLength(1);
    expect(words(scene, { ...layout, lines: [placeless] })).toBeNull();
    expect(words({ ...scene, lines: scene.lines.map((each) => ({ ...each, label: '' })) })).toBeNull();
  });
});

test.each([
  [{ missing: true }, ' stroke-dasharray="5 3"'],
  [{ absent: 'expected' }, ' stroke-dasharray="5 3"'],
  [{ unverified: true }, ' stroke-dasharray="1.5 3"'],
  [{}, ''],
])('what is %j has the stroke%s', (standing, stroke) => {
  expect(dashOf(standing)).toBe(stroke);
});

describe('the words of a picture', () => {
  const members = (count: number) => Array.from({ length: count }, (_, i) => `Pod:shop/redis-${i}`);
  const withLines = (count: number) =>
    sceneOf(
      graphOf(
        [resource(node), ...members(count).map((id) => resource(id))],
        members(count).map((id) => relation(node, 'runs', id)),
      ),
    );

  it('stand at up to 150 lines, and at none where there are more', () => {
    expect(withLines(150).lines.every(({ label }) => label === 'runs')).toBe(true);
    expect(withLines(151).lines.every(({ label }) => label === '')).toBe(true);
  });

  it('fit into their boxes, of which none is narrower than 72', () => {
    const [short, long] = sceneOf(graphOf([resource('Pod:shop/a'), resource(`Pod:shop/${'m'.repeat(30)}`)])).boxes;
    expect([short?.width, long?.width]).toEqual([72, Math.ceil(30 * 0.85 * 12.5 + 22)]);
  });
});

describe('the legend', () => {
  it('goes on below where a row is full', () => {
    const { text, height } = legendOf(scene, 100);
    expect([...text.matchAll(/translate\(([^)]*)\)/g)].map(([, at]) => at)).toEqual(['0 24', '0 42', '0 64', '0 86']);
    expect(height).toBe(108);
  });

  it('has entries side by side where there is room', () => {
    const { text, height } = legendOf(scene, 1000);
    expect([...text.matchAll(/translate\(([^)]*)\)/g)].map(([, at]) => at)).toEqual(['0 24', '75 24', '0 46', '0 68']);
    expect(height).toBe(90);
  });
});
