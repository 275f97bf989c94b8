import { describe, expect, it } from 'vitest';
import { createOpenSnapshots } from '../../../../master/graph/revisions/open-snapshots.ts';
import { createRetention, mostOf } from '../../../../master/graph/revisions/retention.ts';

describe('the past that may be held', () => {
  it('is a share of a small memory, and no more than it was before of a large one', () => {
    expect(mostOf(1536 << 20)).toBe(192 << 20);
    expect(mostOf(64 * 2 ** 30)).toBe(512 << 20);
  });

  it('is bounded for the readers of all graphs together: those that hold most are cut off first', () => {
    const told: number[] = [];
    const retention = createRetention({ most: 100, onCut: (held) => void told.push(held) });
    const [one, other] = [createOpenSnapshots(retention), createOpenSnapshots(retention)];
    const cut: string[] = [];
    for (const [name, openSnapshots] of [
      ['first', one],
      ['second', one],
      ['third', other],
    ] as const) {
      openSnapshots.open().onCut(() => cut.push(name));
      openSnapshots.supersede(0, 40);
    }
    // Of the first graph, the first reader holds both texts, and the second one only the later.
    retention.look();
    expect([retention.held(), cut]).toEqual([80, ['first']]);
    other.supersede(0, 70);
    retention.look();
    expect([retention.held(), cut]).toEqual([40, ['first', 'third']]);
    expect(told).toEqual([80, 110]);
  });

  it('is left first by those that rest, as soon as no large answer may begin', () => {
    const retention = createRetention({ most: 100 });
    const openSnapshots = createOpenSnapshots(retention);
    const cut: string[] = [];
    openSnapshots.open().onCut(() => cut.push('reads'));
    openSnapshots.open().onCut(
      () => cut.push('rests'),
      () => true,
    );
    openSnapshots.supersede(0, 50);
    expect([retention.look(), cut]).toEqual([true, []]);
    openSnapshots.supersede(0, 1);
    expect([retention.look(), cut]).toEqual([false, ['rests']]);
  });

  it('is given up first by the tenant whose readers hold most together, small as each of them is', () => {
    const retention = createRetention({ most: 100 });
    const cut: string[] = [];
    const read = (tenant: string, bytes: number) => {
      const openSnapshots = createOpenSnapshots(retention);
      retention.belong(openSnapshots, () => tenant);
      openSnapshots.open().onCut(() => cut.push(`${tenant} ${bytes}`));
      openSnapshots.supersede(0, bytes);
    };
    read('bob', 40);
    for (const bytes of [15, 16, 17, 18]) read('mallory', bytes);
    retention.look();
    expect([retention.held(), cut]).toEqual([88, ['mallory 18']]);
    read('carol', 20);
    retention.look();
    // After 48 of Mallory's 49 were freed one by one, 48 are still more than bob's 40.
    expect([retention.held(), cut]).toEqual([91, ['mallory 18', 'mallory 17']]);
    read('carol', 30);
    retention.look();
    expect(cut.slice(2)).toEqual(['carol 30']);
  });

  it('ends no snapshot while the limit is kept', () => {
    const retention = createRetention({ most: 100 });
    const openSnapshots = createOpenSnapshots(retention);
    openSnapshots.open().onCut(() => expect.unreachable());
    openSnapshots.supersede(0, 100);
    retention.look();
    expect(retention.held()).toBe(100);
  });

  it('knows nothing of readers that went by themselves', () => {
    const retention = createRetention({ most: 100 });
    const openSnapshots = createOpenSnapshots(retention);
    const gone = openSnapshots.open();
    gone.onCut(() => expect.unreachable());
    openSnapshots.supersede(0, 200);
    gone.release();
    gone.release();
    retention.look();
    expect([retention.held(), openSnapshots.readers]).toEqual([0, 0]);
  });
});
