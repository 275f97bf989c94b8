import { describe, expect, it } from 'vitest';
import { createCaptures } from '../../../../master/graph/revisions/open-snapshots.ts';
import { createPast, mostOf } from '../../../../master/graph/revisions/retention.ts';

describe('the past that may be held', () => {
  it('is a share of a small memory, and no more than it was before of a large one', () => {
    expect(mostOf(1536 << 20)).toBe(192 << 20);
    expect(mostOf(64 * 2 ** 30)).toBe(512 << 20);
  });

  it('is bounded for the readers of all graphs together: those that hold most are cut off first', () => {
    const told: number[] = [];
    const past = createPast({ most: 100, onCut: (held) => void told.push(held) });
    const [one, other] = [createCaptures(past), createCaptures(past)];
    const cut: string[] = [];
    for (const [name, captures] of [
      ['first', one],
      ['second', one],
      ['third', other],
    ] as const) {
      captures.open().onCut(() => cut.push(name));
      captures.supersede(0, 40);
    }
    // Of the first graph the first reader holds both texts, the second one the later of them.
    past.look();
    expect([past.held(), cut]).toEqual([80, ['first']]);
    other.supersede(0, 70);
    past.look();
    expect([past.held(), cut]).toEqual([40, ['first', 'third']]);
    expect(told).toEqual([80, 110]);
  });

  it('is left first by those that rest, as soon as no large answer may begin', () => {
    const past = createPast({ most: 100 });
    const captures = createCaptures(past);
    const cut: string[] = [];
    captures.open().onCut(() => cut.push('reads'));
    captures.open().onCut(
      () => cut.push('rests'),
      () => true,
    );
    captures.supersede(0, 50);
    expect([past.look(), cut]).toEqual([true, []]);
    captures.supersede(0, 1);
    expect([past.look(), cut]).toEqual([false, ['rests']]);
  });

  it('leaves everybody alone while no more is held', () => {
    const past = createPast({ most: 100 });
    const captures = createCaptures(past);
    captures.open().onCut(() => expect.unreachable());
    captures.supersede(0, 100);
    past.look();
    expect(past.held()).toBe(100);
  });

  it('knows nothing of readers that went by themselves', () => {
    const past = createPast({ most: 100 });
    const captures = createCaptures(past);
    const gone = captures.open();
    gone.onCut(() => expect.unreachable());
    captures.supersede(0, 200);
    gone.release();
    gone.release();
    past.look();
    expect([past.held(), captures.readers]).toEqual([0, 0]);
  });
});
