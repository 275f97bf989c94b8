import { zstdCompressSync } from 'node:zlib';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { type GraphMessage, graphBodyOf, graphBytes, readGraphBody } from '../../../src/gateway-protocol/graph-body.ts';
import { packNow, partsOf, unpack } from '../../../src/gateway-protocol/packing.ts';
import { bounds } from '../../../src/gateway-protocol/protocol.ts';

describe('a message of the graph', () => {
  const messages = fc.record({
    format: fc.nat(),
    kind: fc.constantFrom('begin', 'log', 'beat', 'end'),
    epoch: fc.string(),
    term: fc.string({ unit: 'binary' }),
    number: fc.nat(),
    part: fc.nat(),
    parts: fc.nat(),
    revision: fc.nat(),
    body: fc.uint8Array(),
  });

  test('comes out of the buffer and over the line as it went in', () => {
    fc.assert(
      fc.property(messages, (message) => {
        const wellFormed = { ...message, term: message.term.toWellFormed() } as GraphMessage;
        const body: unknown = JSON.parse(JSON.stringify(graphBodyOf(graphBytes(wellFormed))));
        const { body: lines, ...head } = readGraphBody(body);
        expect({ ...head, body: new Uint8Array(lines) }).toEqual({
          ...wellFormed,
          body: new Uint8Array(wellFormed.body),
        });
      }),
    );
  });

  test('of the greatest length fits a message of the line', () => {
    const head = {
      format: 1,
      kind: 'log',
      epoch: 'e'.repeat(64),
      term: 't'.repeat(64),
      number: 2 ** 50,
      part: 1_000,
      parts: 1_000,
      revision: 2 ** 50,
    } as const;
    const bytes = graphBytes({ ...head, body: new Uint8Array(bounds.part) });
    const [message] = partsOf({
      class: 'graph',
      n: 2 ** 50,
      after: 2 ** 50,
      at: new Date().toISOString(),
      packed: bytes,
    });
    expect(JSON.stringify(message).length).toBeLessThan(bounds.message);
  });

  test.each([undefined, null, 5, 'x', [], {}, { lines: 5 }])('that is %j is refused', (body) => {
    expect(() => readGraphBody(body)).toThrow(/has no lines/);
  });
});

describe('a packed body', () => {
  test.each([
    ['lists in lists', `[${'[[],[]],'.repeat(400_000)}0]`],
    ['objects', `[${'{},'.repeat(1_000_000)}0]`],
    ['numbers', `[${'1,'.repeat(5_000_000)}1]`],
  ])('of millions of %s is refused before anything is made of it', async (_, text) => {
    const packed = zstdCompressSync(text);
    expect(packed.length).toBeLessThan(64 << 10);
    await expect(unpack(packed)).rejects.toMatchObject({ code: 'bad_request' });
  });

  test('of the numbers of 20,000 resources is none of those', async () => {
    const numbers = Array.from({ length: 20 }, (_, i) => i);
    const body = {
      minute: 1,
      families: ['a'],
      resources: Array.from({ length: 20_000 }, (_, i) => [`Pod:${i}`, numbers]),
    };
    expect(await unpack(packNow(body))).toEqual(body);
  });
});
