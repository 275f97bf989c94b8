import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Ajv2020 } from 'ajv/dist/2020.js';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { MonotonicTime } from '../../../src/clock.ts';
import { FairOrder } from '../../../src/gateway-protocol/fair-order.ts';
import { Heartbeat } from '../../../src/gateway-protocol/heartbeat.ts';
import {
  type DataMessage,
  protocolSchema,
  readAgentMessage,
  readGatewayMessage,
} from '../../../src/gateway-protocol/messages.ts';
import { Assembly, pack, packNow, partsOf, unpack } from '../../../src/gateway-protocol/packing.ts';
import { bounds, type MessageClass, messageClasses, shares, times } from '../../../src/gateway-protocol/protocol.ts';
import { readSecrets } from '../../../src/gateway-protocol/secrets.ts';

const nonce = Buffer.alloc(32).toString('base64');
const hello = {
  type: 'hello',
  account: 'default',
  cluster: 'east',
  start: 's',
  mode: 'master',
  version: '1',
  spool: 'p',
  schemes: ['hmac-sha512'],
  nonce,
};
const data = { type: 'data', class: 'logs', n: 1, after: 0, at: '2026-01-01T00:00:00.000Z', body: [] };

describe('messages', () => {
  test.each([
    ['an agent', readAgentMessage, hello],
    ['an agent', readAgentMessage, data],
    ['a gateway', readGatewayMessage, { type: 'ack', class: 'graph', n: 5 }],
    ['a gateway', readGatewayMessage, { type: 'welcome', received: { logs: 3 } }],
  ])('of %s are read where they are as the schema says, and the published schema says the same', (_, read, message) => {
    const valid = new Ajv2020({ strict: false }).compile(protocolSchema() as object);
    expect(read(JSON.stringify(message))).toEqual({ message });
    expect(valid(message)).toBe(true);
  });

  test.each([
    ['no JSON', 'x', /no type/],
    ['no object', '[]', /no type/],
    ['null', 'null', /no type/],
    ['an unknown type', '{"type":"bye"}', /no type/],
    ['a type of an object', '{"type":"__proto__"}', /no type/],
    ['a message of the other side', '{"type":"ack","class":"logs","n":1}', /no type/],
    ['a cluster that leads elsewhere', JSON.stringify({ ...hello, cluster: '../x' }), /hello\/cluster/],
    ['a nonce that is short', JSON.stringify({ ...hello, nonce: 'AAAA' }), /hello\/nonce/],
    ['an unknown scheme', JSON.stringify({ ...hello, schemes: ['md5'] }), /hello\/schemes/],
    ['a number that is none', JSON.stringify({ ...data, n: -1 }), /data\/n/],
    ['a fraction', JSON.stringify({ ...data, n: 1.5 }), /data\/n/],
    ['an unknown class', JSON.stringify({ ...data, class: 'x' }), /data\/class/],
    ['something that is missing', JSON.stringify({ type: 'data', class: 'logs' }), /data/],
  ])('of an agent that are %s say what is wrong', (_, text, expected) => {
    expect(readAgentMessage(text)).toEqual({ wrong: expect.stringMatching(expected) });
  });

  test('of a gateway that welcomes a class nobody sends say so', () => {
    const text = JSON.stringify({ type: 'welcome', received: { logs: 3, gossip: 1 } });
    expect(readGatewayMessage(text)).toEqual({ wrong: expect.stringMatching(/welcome\/received/) });
  });
});

describe('bodies', () => {
  test('come out as they went in, in one part and in many, mixed with those of other classes', async () => {
    const bodies: { readonly [one in MessageClass]?: unknown } = {
      findings: Array.from({ length: 90_000 }, () => Math.random()),
      metrics: Array.from({ length: 50_000 }, () => Math.random()),
      logs: ['x'],
    };
    const messages: DataMessage[][] = [];
    for (const [one, body] of Object.entries(bodies))
      messages.push(partsOf({ class: one as MessageClass, n: 7, after: 0, at: data.at, packed: await pack(body) }));
    expect(messages[0]?.length).toBeGreaterThan(1);
    const assembly = new Assembly();
    const found: { [one: string]: unknown } = {};
    for (let i = 0; messages.some((list) => i < list.length); i++)
      for (const list of messages) {
        const message = list[i];
        expect(JSON.stringify(message ?? '').length).toBeLessThanOrEqual(bounds.message);
        const whole = message && (await assembly.take(message));
        if (message && whole) found[message.class] = whole.body;
      }
    expect(found).toEqual(bodies);
  });

  test('of a side that does not pack are accepted unpacked', async () => {
    const message: DataMessage = { ...data, type: 'data', class: 'logs', body: { a: 1 } };
    expect(await new Assembly().take(message)).toEqual({ body: { a: 1 } });
  });

  test('that are packed at once are the same', async () => {
    expect(await unpack(packNow({ a: [1] }))).toEqual({ a: [1] });
  });

  test.each([
    ['what is not packed', Buffer.from('hello')],
    ['nothing', Buffer.alloc(0)],
    ['what was cut off', packNow({ a: 'x'.repeat(1000) }).subarray(0, 20)],
  ])('refuse %s', async (_, bytes) => {
    await expect(unpack(bytes)).rejects.toMatchObject({ code: 'bad_request' });
  });

  test('refuse what unpacks to more than a process can bear', async () => {
    const bomb = packNow('x'.repeat(bounds.unpacked + 1));
    expect(bomb.length).toBeLessThan(1 << 20);
    await expect(unpack(bomb)).rejects.toMatchObject({ code: 'bad_request' });
  });

  test.each([
    ['begins in the middle', [2]],
    ['leaves one out', [1, 3]],
    ['comes twice', [1, 1, 3]],
  ])('refuse a part that %s', async (_, order) => {
    const packed = Buffer.from('0').toString('base64');
    const assembly = new Assembly();
    const take = async () => {
      for (const i of order) await assembly.take({ ...data, type: 'data', class: 'logs', part: [i, 3], packed });
    };
    await expect(take()).rejects.toMatchObject({ code: 'bad_request' });
  });

  test('refuse a body of more parts than memory is for', async () => {
    const packed = Buffer.alloc(bounds.part).toString('base64');
    const assembly = new Assembly();
    const take = async () => {
      for (let i = 1; i <= 1_000; i++)
        await assembly.take({ ...data, type: 'data', class: 'logs', part: [i, 1_000], packed });
    };
    await expect(take()).rejects.toMatchObject({ code: 'bad_request', message: expect.stringMatching(/too large/) });
  });
});

describe('the order of classes', () => {
  test('gives each that always waits what its share says, and none nothing', () => {
    const order = new FairOrder();
    const sent = new Map<MessageClass, number>();
    const all = new Set(messageClasses);
    const turns = messageClasses.reduce((sum, one) => sum + shares[one] * 100, 0);
    for (let i = 0; i < turns; i++) {
      const one = order.next(all) ?? 'logs';
      order.sent(one, 100);
      sent.set(one, (sent.get(one) ?? 0) + 1);
    }
    for (const one of messageClasses) expect(sent.get(one)).toBeCloseTo(shares[one] * 100, -1);
  });

  test('lets what comes late overtake a backlog, at once where its share is larger', () => {
    const order = new FairOrder();
    for (let i = 0; i < 1_000; i++) order.sent(order.next(new Set(['metrics', 'logs'] as const)) ?? 'logs', 1_000);
    const next: (MessageClass | undefined)[] = [];
    for (let i = 0; i < 35; i++) {
      const one = order.next(new Set(['answers', 'metrics', 'logs'] as const));
      next.push(one);
      order.sent(one ?? 'logs', 1_000);
    }
    expect(next[0]).toBe('answers');
    expect(next.filter((one) => one === 'answers').length).toBeGreaterThanOrEqual(30);
  });

  test('gives no credit to classes for times without data', () => {
    const order = new FairOrder();
    for (let i = 0; i < 1_000; i++) order.sent(order.next(new Set(['graph'] as const)) ?? 'logs', 1_000);
    const turns: (MessageClass | undefined)[] = [];
    for (let i = 0; i < 34; i++) {
      const one = order.next(new Set(['graph', 'logs'] as const));
      turns.push(one);
      order.sent(one ?? 'logs', 1_000);
    }
    expect(turns.filter((one) => one === 'logs').length).toBeLessThanOrEqual(3);
    expect(turns.filter((one) => one === 'logs').length).toBeGreaterThanOrEqual(1);
  });

  test('every waiting class is served within a limit, whatever waits and however long it is', () => {
    const steps = fc.array(
      fc.tuple(fc.subarray([...messageClasses], { minLength: 1 }), fc.integer({ min: 1, max: 1_000 })),
      { maxLength: 300 },
    );
    fc.assert(
      fc.property(steps, (all) => {
        const order = new FairOrder();
        for (const [waiting, bytes] of all) {
          const one = order.next(new Set(waiting));
          expect(waiting).toContain(one);
          if (one) order.sent(one, bytes);
        }
        // From now on all classes wait: the one with the smallest share is served before the largest has sent 32 messages of
        // maximum size.
        const seen = new Set<MessageClass>();
        for (let i = 0; i < 32 * 1_000 && seen.size < messageClasses.length; i++) {
          const one = order.next(new Set(messageClasses)) ?? 'logs';
          seen.add(one);
          order.sent(one, 1_000);
        }
        expect(seen.size).toBe(messageClasses.length);
      }),
      { numRuns: 50 },
    );
  });
});

describe('the heartbeat', () => {
  const at = (ms: number) => ms as MonotonicTime;

  test('pings every 20 s and gives up after two unanswered ones', () => {
    const heart = new Heartbeat(at(0));
    expect(heart.wait(at(0))).toBe(times.ping);
    expect(heart.due(at(19_999))).toBeUndefined();
    expect(heart.due(at(20_000))).toBe('ping');
    expect(heart.due(at(20_001))).toBeUndefined();
    expect(heart.due(at(39_999))).toBeUndefined();
    expect(heart.due(at(40_000))).toBe('dead');
  });

  test('continues while something arrives', () => {
    const heart = new Heartbeat(at(0));
    for (let now = 0; now < 600_000; now += 20_000) {
      expect(heart.due(at(now))).not.toBe('dead');
      heart.heard(at(now + 5));
    }
    expect(heart.wait(at(600_000))).toBe(0);
  });
});

describe('secrets in a file', () => {
  const read = (text: string) => {
    const folder = mkdtempSync(join(tmpdir(), 'ci-secrets-'));
    try {
      writeFileSync(join(folder, 's'), text);
      return readSecrets(join(folder, 's')).map(String);
    } finally {
      rmSync(folder, { recursive: true });
    }
  };

  test('are one a line, without blanks and comments', () => {
    expect(read(' aaaaaaaaaaaaaaaa \n\n# old\nbbbbbbbbbbbbbbbbb\n')).toEqual(['aaaaaaaaaaaaaaaa', 'bbbbbbbbbbbbbbbbb']);
  });

  test.each([
    ['of nothing', '', /no secret/],
    ['of comments', '# x\n', /no secret/],
    ['of a short one', 'aaaaaaaaaaaaaaaa\nshort\n', /shorter than 16/],
  ])('a file %s is refused', (_, text, expected) => {
    expect(() => read(text)).toThrow(expected);
  });

  test('a file that is not there is named', () => {
    expect(() => readSecrets('/nonexistent/secret')).toThrow('/nonexistent/secret cannot be read: ENOENT');
  });
});
