import { expect, it } from 'vitest';
import { FairSemaphore } from '../../src/fair-semaphore.ts';

const settled = () => new Promise((resolve) => setImmediate(resolve));

function start(places: number) {
  const semaphore = new FairSemaphore(places);
  const order: string[] = [];
  const ends: (() => void)[] = [];
  const run = (tenant: string, signal?: AbortSignal) =>
    semaphore.run(
      tenant,
      () =>
        new Promise<void>((resolve) => {
          order.push(tenant);
          ends.push(resolve);
        }),
      signal,
    );
  const endOne = async () => {
    ends.shift()?.();
    await settled();
  };
  return { semaphore, order, ends, run, endOne };
}

it('gives places to tenants in turn, however many requests of one wait', async () => {
  const { order, ends, run, endOne } = start(2);
  const all = [...Array.from({ length: 20 }, () => run('a')), run('b'), run('b'), run('c')];
  await settled();
  for (let i = 0; i < 7; i++) await endOne();
  expect(order.slice(0, 8).join('')).toBe('aaabcaba');
  while (ends.length > 0) await endOne();
  await Promise.all(all);
  expect(order.length).toBe(23);
});

it('gives a place back where the work fails, and passes the failure on', async () => {
  const semaphore = new FairSemaphore(1);
  for (let i = 0; i < 3; i++)
    await expect(semaphore.run('a', () => Promise.reject(new Error('no')))).rejects.toThrow('no');
  expect(await semaphore.run('b', async () => 'yes')).toBe('yes');
});

it("removes a waiter that gives up, without affecting others' turns", async () => {
  const { order, run, endOne } = start(1);
  const first = run('a');
  const ending = new AbortController();
  const leaves = run('b', ending.signal);
  const stays = run('c');
  ending.abort(new Error('too late'));
  await expect(leaves).rejects.toThrow('too late');
  await endOne();
  await endOne();
  await Promise.all([first, stays]);
  expect(order).toEqual(['a', 'c']);
  await expect(run('d', AbortSignal.abort(new Error('before')))).rejects.toThrow('before');
});

it('a full queue refuses the newest of the tenant with most, or the newcomer if none has more', async () => {
  const semaphore = new FairSemaphore(1, { waiting: 4, full: () => new Error('full') });
  const leave = await semaphore.acquire('a');
  const outcomes: string[] = [];
  const wait = async (name: string) => {
    try {
      const done = await semaphore.acquire(name[0] ?? '');
      outcomes.push(name);
      done();
    } catch (error) {
      outcomes.push(`${name} ${(error as Error).message}`);
    }
  };
  const all = [
    wait('a1'),
    wait('a2'),
    wait('a3'),
    wait('a4'),
    wait('a5'),
    wait('b1'),
    wait('c1'),
    wait('a6'),
    wait('b2'),
  ];
  await settled();
  expect(outcomes.toSorted()).toEqual(['a3 full', 'a4 full', 'a5 full', 'a6 full', 'b2 full'].toSorted());
  leave();
  await Promise.all(all);
  expect(outcomes.slice(5)).toEqual(['a1', 'b1', 'c1', 'a2']);
  expect(await semaphore.run('d', async () => 'free')).toBe('free');
});
