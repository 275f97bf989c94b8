import { readFileSync } from 'node:fs';
import { Readable } from 'node:stream';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { Garbled, readEvents, type WatchEvent } from '../../../../master/sources/kubernetes/watch-lines.ts';

async function* of(chunks: readonly Buffer[]): AsyncGenerator<Buffer> {
  yield* chunks;
}

async function eventsOf(chunks: readonly Buffer[]): Promise<WatchEvent[]> {
  return (await Array.fromAsync(readEvents(of(chunks)))).flat();
}

function cut(bytes: Buffer, at: readonly number[]): Buffer[] {
  const places = [0, ...at.map((one) => one % (bytes.length + 1)).sort((a, b) => a - b), bytes.length];
  const own = Buffer.from(bytes);
  return places.slice(1).map((place, i) => own.subarray(places[i], place));
}

test('a recorded stream is the same events however its bytes are cut, inside a character too', async () => {
  const recorded = readFileSync(
    new URL('../../../../src/demo/recorded/watch/api_v1_nodes.ndjson', import.meta.url),
    'utf8',
  );
  const stream = Buffer.from(`${recorded.trim()}\n{"type":"ADDED","object":{"name":"żółw 🐢"}}\n`);
  const whole = stream
    .toString()
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line));
  for (const { object } of whole) delete object.metadata?.managedFields;
  await fc.assert(
    fc.asyncProperty(fc.array(fc.nat(), { maxLength: 30 }), async (at) => {
      expect(await eventsOf(cut(stream, at))).toEqual(whole);
    }),
    { numRuns: 50 },
  );
});

test('what came together is handed over together, the lines before a broken one too', async () => {
  const line = '{"type":"ADDED","object":{}}\n';
  const goes: number[] = [];
  const chunks = [line + line, `${line}{"type":"ADD`, `ED","object":{}}\n${line}{}\n`].map((text) => Buffer.from(text));
  const reading = async () => {
    for await (const events of readEvents(of(chunks))) goes.push(events.length);
  };
  await expect(reading()).rejects.toBeInstanceOf(Garbled);
  expect(goes).toEqual([2, 1, 2]);
});

test('empty lines are no events, and the last line needs no end', async () => {
  expect(await eventsOf([Buffer.from('\n{"type":"A","object":{}}\n\n{"type":"B","object":{}}')])).toHaveLength(2);
  expect(await eventsOf([])).toEqual([]);
});

test.each([
  ['half an object', '{"type":"ADDED","obj'],
  ['no JSON', 'not json\n'],
  ['no type', '{"object":{}}\n'],
  ['no object', '{"type":"ADDED"}\n'],
  ['a list', '[]\n'],
])('%s is garbled, and what came before it stands', async (_name, line) => {
  const reading = readEvents(of([Buffer.from(`{"type":"ADDED","object":{}}\n${line}`)]));
  expect((await reading.next()).value).toHaveLength(1);
  await expect(reading.next()).rejects.toBeInstanceOf(Garbled);
});

test('a flood lets others have their turn', async () => {
  const line = '{"type":"ADDED","object":{}}\n';
  let handed = 0;
  let turns = 0;
  const timer = setInterval(() => (turns += 1), 0);
  setImmediate(function turn() {
    turns += 1;
    if (handed < 10_000) setImmediate(turn);
  });
  for await (const events of readEvents(Readable.from([Buffer.from(line.repeat(10_000))]))) handed += events.length;
  clearInterval(timer);
  expect(handed).toBe(10_000);
  expect(turns).toBeGreaterThan(100);
});
