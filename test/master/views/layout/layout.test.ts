import { describe, expect, it } from 'vitest';
import { layOut, type Plan } from '../../../../master/views/layout/layout.ts';
import { Fault } from '../../../../src/errors.ts';

const box = { width: 100, height: 36 };
const chain: Plan = {
  boxes: [box, box, box],
  frames: [{ titleLength: 4, boxes: [1, 2] }],
  lines: [
    { from: 0, to: 1, labelLength: 0 },
    { from: 1, to: 2, labelLength: 5 },
  ],
};

describe('the layout of a picture', () => {
  it('places boxes from left to right along the lines, inside their frame', async () => {
    const { boxes, frames, lines, width, height } = await layOut(chain);
    const [a, b, c] = boxes.map(({ x }) => x) as [number, number, number];
    expect([a < b, b < c]).toEqual([true, true]);
    const frame = frames[0] as (typeof frames)[number];
    for (const { x, y } of boxes.slice(1)) {
      expect(x - 50 >= frame.x && x + 50 <= frame.x + frame.width).toBe(true);
      expect(y - 18 >= frame.y && y + 18 <= frame.y + frame.height).toBe(true);
    }
    expect(a + 50).toBeLessThan(frame.x);
    expect(frame.x + frame.width).toBeLessThanOrEqual(width);
    expect(frame.y + frame.height).toBeLessThanOrEqual(height);
    expect(lines.map(({ label }) => label !== undefined)).toEqual([false, true]);
  });

  it('gives each line a start, whole Bézier curves and a tip at the box it goes to', async () => {
    const { boxes, lines } = await layOut(chain);
    for (const [i, { curve, tip }] of lines.entries()) {
      expect(curve.length % 3).toBe(1);
      expect(Math.abs(tip.x - ((boxes[i + 1]?.x ?? 0) - 50))).toBeLessThan(2);
    }
  });

  it('draws several lines between the same two boxes, and one from a box to itself', async () => {
    const line = { labelLength: 0 };
    const plan = {
      ...chain,
      lines: [
        { from: 0, to: 1, ...line },
        { from: 0, to: 1, ...line },
        { from: 2, to: 2, ...line },
      ],
    };
    const { lines } = await layOut(plan);
    expect(new Set(lines.map((one) => JSON.stringify(one.curve))).size).toBe(3);
    expect(lines.every(({ curve }) => curve.length >= 4)).toBe(true);
  });

  it('is the same for the same plan, and plans asked for at once are all answered', async () => {
    const layouts = await Promise.all([layOut(chain), layOut(chain), layOut(chain)]);
    expect(new Set(layouts.map((layout) => JSON.stringify(layout))).size).toBe(1);
  });

  it('refuses as too large what the thread cannot do, and does the next', async () => {
    const broken = {
      ...chain,
      boxes: [{ width: Number.NaN, height: 36 }],
      lines: [{ from: 0, to: 0, labelLength: -1 }],
    };
    const refusal = await layOut(broken).catch((error: unknown) => error);
    expect(refusal).toBeInstanceOf(Fault);
    expect(refusal).toMatchObject({ code: 'form_too_large', status: 413 });
    expect((await layOut(chain)).boxes).toHaveLength(3);
  });

  it('refuses as too large what is not done by its deadline, and does the next', async () => {
    await expect(layOut(chain, 0)).rejects.toMatchObject({
      code: 'form_too_large',
      facts: { reason: 'it was not drawn within 0 s' },
    });
    expect((await layOut(chain)).boxes).toHaveLength(3);
  });

  it('refuses more than sixteen plans at a time', async () => {
    const asked = Array.from({ length: 18 }, () => layOut({ boxes: [box], frames: [], lines: [] }));
    const settled = await Promise.allSettled(asked);
    expect(settled.map(({ status }) => status).lastIndexOf('fulfilled')).toBe(15);
    expect(settled.slice(16).map((one) => (one.status === 'rejected' ? (one.reason as Fault).code : ''))).toEqual([
      'overloaded',
      'overloaded',
    ]);
  });
});
