import { expect, test } from 'vitest';
import { createBackoff } from '../../../src/backoff.ts';
import { silentLogger } from '../../../src/logger.ts';
import { leftOut } from '../../../src/shipping/audit-records.ts';
import { Delivery, type DeliveryOptions } from '../../../src/shipping/delivery.ts';
import { otlpRules, remoteWriteRules, retryAfter } from '../../../src/shipping/rules.ts';
import { createVirtualTime, settled } from '../../support/virtual-time.ts';

type Said = { readonly status: number; readonly text?: string; readonly after?: string } | 'unreachable';

function deliveryTo(answers: Said[], more: Partial<DeliveryOptions> = {}) {
  const time = createVirtualTime();
  const sent: { readonly body: string; readonly at: number }[] = [];
  const start = time.clock();
  const delivery = new Delivery({
    name: 'test',
    url: 'http://collector/v1/logs',
    rules: otlpRules,
    headers: async () => ({}),
    leftOut,
    async fetch(_url, init) {
      const answer = answers.shift() ?? { status: 200 };
      sent.push({ body: Buffer.from(init?.body as Uint8Array).toString(), at: time.clock() - start });
      if (answer === 'unreachable') throw new TypeError('fetch failed', { cause: { code: 'ECONNREFUSED' } });
      const { status, text = '', after } = answer;
      return new Response(text, { status, ...(after ? { headers: { 'retry-after': after } } : {}) });
    },
    backoff: createBackoff({ base: 1000, cap: 8000, random: () => 1 }),
    sleep: time.sleep,
    clock: time.clock,
    logger: silentLogger,
    ...more,
  });
  const offer = (text: string, items = 1) => delivery.offer({ body: Buffer.from(text), items });
  return { delivery, sent, offer, time, bodies: () => sent.map(({ body }) => body) };
}

async function waitFor(isSo: () => boolean): Promise<void> {
  for (let turn = 0; turn < 1000 && !isSo(); turn++) await settled();
  expect(isSo()).toBe(true);
}

test('parcels go out one after the other, in order', async () => {
  const { offer, bodies, delivery } = deliveryTo([]);
  for (const text of ['a', 'b', 'c']) offer(text);
  await waitFor(() => delivery.waiting.parcels === 0);
  expect(bodies()).toEqual(['a', 'b', 'c']);
  expect(delivery.counts).toEqual({ sent: 3, refused: 0, dropped: 0, retries: 0 });
});

test.each([429, 502, 503, 504, 'unreachable'] as const)(
  '%s is tried again, with waits that grow, and loses nothing',
  async (how) => {
    const bad: Said = how === 'unreachable' ? how : { status: how };
    const { offer, sent, delivery, time } = deliveryTo([bad, bad]);
    offer('a');
    offer('b');
    for (let second = 0; second < 10; second++) {
      await time.advance(1000);
      await waitFor(() => true);
    }
    await waitFor(() => delivery.waiting.parcels === 0);
    expect(sent.map(({ body }) => body)).toEqual(['a', 'a', 'a', 'b']);
    expect(sent[1]?.at).toBe(1000);
    expect(sent[2]?.at).toBe(3000);
    expect(delivery.counts).toMatchObject({ sent: 2, retries: 2, dropped: 0 });
  },
);

test.each([400, 401, 404, 413, 500, 501])('OTLP never tries %i again: what it held is counted', async (status) => {
  const { offer, bodies, delivery } = deliveryTo([{ status }]);
  offer('a', 7);
  offer('b');
  await waitFor(() => delivery.waiting.parcels === 0);
  expect(bodies()).toEqual(['a', 'b']);
  expect(delivery.counts).toMatchObject({ sent: 1, refused: 7, retries: 0 });
});

test('remote write tries every 5xx and 429 again, and no other 4xx', () => {
  const passing = [200, 204, 400, 404, 409, 422, 429, 500, 501, 503].filter(remoteWriteRules.isPassing);
  expect(passing).toEqual([429, 500, 501, 503]);
  expect([200, 204, 299, 300, 199].filter(remoteWriteRules.isSuccess)).toEqual([200, 204, 299]);
  expect([200, 202, 204].filter(otlpRules.isSuccess)).toEqual([200]);
});

test('Retry-After is honoured, in seconds and as a date, and within bounds', async () => {
  const { offer, sent, delivery, time } = deliveryTo([
    { status: 429, after: '20' },
    { status: 503, after: '99999' },
  ]);
  offer('a');
  for (let at = 0; at < 400; at += 5) {
    await time.advance(5000);
    await settled();
  }
  await waitFor(() => delivery.waiting.parcels === 0);
  expect(sent.map(({ at }) => at)).toEqual([0, 20_000, 320_000]);
  expect(retryAfter('Thu, 01 Jan 2026 00:00:10 GMT', Date.UTC(2026, 0, 1))).toBe(10_000);
  expect(retryAfter('Thu, 01 Jan 2026 00:00:10 GMT', Date.UTC(2026, 0, 2))).toBe(0);
  expect([retryAfter(null, 0), retryAfter('soon', 0), retryAfter('-3', 0)]).toEqual([
    undefined,
    undefined,
    expect.anything(),
  ]);
});

test('what a good answer leaves out is counted', async () => {
  const partial = JSON.stringify({ partialSuccess: { rejectedLogRecords: '3', errorMessage: 'too old' } });
  const { offer, delivery } = deliveryTo([
    { status: 200, text: partial },
    { status: 200, text: '{"partialSuccess":{}}' },
  ]);
  offer('a', 10);
  offer('b', 2);
  await waitFor(() => delivery.waiting.parcels === 0);
  expect(delivery.counts).toMatchObject({ sent: 9, refused: 3 });
});

test('where too much waits or it gets too old, the oldest goes first and is counted', async () => {
  const down: Said[] = Array.from({ length: 200 }, () => 'unreachable' as const);
  const { offer, delivery, time, bodies } = deliveryTo(down, { mostBytes: 30, mostAge: 60_000 });
  for (const text of ['a', 'b', 'c', 'd']) offer(text.repeat(10), 5);
  expect(delivery.waiting).toEqual({ parcels: 3, bytes: 30 });
  expect(delivery.counts.dropped).toBe(5);
  await time.advance(50_000);
  offer('e', 1);
  await time.advance(11_000);
  offer('f', 1);
  expect(delivery.counts.dropped).toBe(20);
  down.length = 0;
  await time.advance(9000);
  await waitFor(() => delivery.waiting.parcels === 0);
  expect(bodies().slice(-2)).toEqual(['e', 'f']);
});

test('its end waits a while for what is on its way, and counts what is left', async () => {
  const { offer, delivery, time } = deliveryTo(Array.from({ length: 50 }, () => ({ status: 503 })));
  offer('a', 4);
  const closing = delivery.close(2000);
  await time.advance(3000);
  await closing;
  expect(delivery.counts).toMatchObject({ sent: 0, dropped: 4 });
  offer('late', 2);
  expect(delivery.counts.dropped).toBe(6);
});
