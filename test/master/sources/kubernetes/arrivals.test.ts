import { PassThrough } from 'node:stream';
import { setImmediate as nextTurn } from 'node:timers/promises';
import { expect, test } from 'vitest';
import { withArrivals } from '../../../../master/sources/kubernetes/arrivals.ts';

function open() {
  const stream = new PassThrough();
  let now = 0;
  let at = -1;
  const chunks = withArrivals(
    stream,
    () => now,
    (time) => {
      at = time;
    },
  );
  /** The next chunk with its arrival time. */
  const next = async () => {
    const { value, done } = await chunks.next();
    return done ? undefined : [String(value), at];
  };
  const write = async (text: string, time: number) => {
    now = time;
    stream.write(text);
    await nextTurn();
  };
  return { stream, next, write, chunks };
}

test('a chunk that was waited for came when it came', async () => {
  const { next, write } = open();
  const first = next();
  await write('a', 3);
  expect(await first).toEqual(['a', 3]);
  const second = next();
  await write('b', 5);
  expect(await second).toEqual(['b', 5]);
});

test('chunks that had to wait came when they came, not when they were taken', async () => {
  const { stream, next, write } = open();
  const first = next();
  await write('a', 1);
  expect(await first).toEqual(['a', 1]);
  await write('b', 2);
  await write('c', 3);
  await write('d', 9);
  expect([await next(), await next(), await next()]).toEqual([
    ['b', 2],
    ['c', 3],
    ['d', 9],
  ]);
  await write('e', 10);
  expect(await next()).toEqual(['e', 10]);
  stream.end();
  expect(await next()).toBeUndefined();
});

test('a reader that stops ends the stream', async () => {
  const { stream, next, write, chunks } = open();
  const first = next();
  await write('a', 1);
  await first;
  await chunks.return(undefined);
  expect(stream.destroyed).toBe(true);
});
