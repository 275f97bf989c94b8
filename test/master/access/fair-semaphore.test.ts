import { expect, it } from 'vitest';
import { FairSemaphore } from '../../../master/access/fair-semaphore.ts';

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

it('gives places to tenants in turn, however many wait of one', async () => {
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

it('lets who gives up go, and takes nobody else their turn', async () => {
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
