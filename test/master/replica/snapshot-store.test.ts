import fc from 'fast-check';
import { expect, test } from 'vitest';
import { readFrames, writeFrame } from '../../../master/replica/snapshot-store.ts';

async function* inPieces(all: Buffer, sizes: readonly number[]): AsyncGenerator<Uint8Array> {
  for (let [at, i] = [0, 0]; at < all.length; i++) {
    const size = sizes[i % sizes.length] ?? 1;
    yield all.subarray(at, at + size);
    at += size;
  }
}

const message = fc.record({
  ...{ format: fc.constant(1), kind: fc.constant('log' as const), epoch: fc.constant('e'), term: fc.constant('t') },
  ...{ number: fc.nat(), part: fc.nat(9), parts: fc.nat(9), revision: fc.nat() },
  body: fc.uint8Array({ maxLength: 200 }),
});

test('messages of a snapshot come back as they were written, however they are cut on their way', async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.array(message, { maxLength: 5 }),
      fc.array(fc.integer({ min: 1, max: 50 }), { minLength: 1 }),
      async (messages, sizes) => {
        const read = await Array.fromAsync(readFrames(inPieces(Buffer.concat(messages.map(writeFrame)), sizes)));
        expect(read.map(({ body, ...head }) => ({ ...head, body: [...body] }))).toEqual(
          messages.map(({ body, ...head }) => ({ ...head, body: [...body] })),
        );
      },
    ),
  );
});

test('a snapshot in pieces of one byte is joined once for a message, not for each piece', async () => {
  const head = { format: 2, kind: 'log', epoch: 'e', term: 't', number: 0, part: 1, parts: 1, revision: 0 } as const;
  const bytes = Buffer.concat([1, 2].map((n) => writeFrame({ ...head, body: new Uint8Array(300_000).fill(n) })));
  const read = await Array.fromAsync(readFrames(inPieces(bytes, [1])));
  expect(read.map(({ body }) => [body.length, body[299_999]])).toEqual([
    [300_000, 1],
    [300_000, 2],
  ]);
  expect(await Array.fromAsync(readFrames(inPieces(Buffer.alloc(0), [1])))).toEqual([]);
});

test('a snapshot that breaks off, or is none, is refused', async () => {
  const head = { format: 1, kind: 'log', epoch: 'e', term: 't', number: 0, part: 1, parts: 1, revision: 0 } as const;
  const whole = writeFrame({ ...head, body: new Uint8Array([1, 2, 3]) });
  const damaged = Buffer.from(whole);
  damaged.fill(0x7b, 8, 12);
  for (const bytes of [whole.subarray(0, -1), Buffer.alloc(16, 0xff), damaged])
    await expect(Array.fromAsync(readFrames(inPieces(bytes, [7])))).rejects.toThrow('input log');
});
