// How a session treats an agent that violates the protocol although it has the secret.
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { fault } from '../../../src/errors.ts';
import { packNow } from '../../../src/gateway-protocol/packing.ts';
import { proofOf } from '../../../src/gateway-protocol/proof.ts';
import { bounds, closeCodes } from '../../../src/gateway-protocol/protocol.ts';
import { enrolled } from '../../support/gateway-pair.ts';
import { settled } from '../../support/virtual-time.ts';

let root: string;
beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'ci-session-'));
});
afterEach(() => rmSync(root, { recursive: true }));

const nonce = Buffer.alloc(32, 3);
const at = '2026-01-01T00:00:00.000Z';

/** An authenticated agent, controlled by hand. */
async function proven(options: Parameters<typeof enrolled>[1] = {}) {
  const all = enrolled(join(root, 'enrolments'), options);
  const { agent, sent } = all.gateway.accept();
  const closed: number[] = [];
  const heard: Record<string, unknown>[] = [];
  agent.listen({
    message: (text) => heard.push(JSON.parse(text) as Record<string, unknown>),
    alive: () => undefined,
    closed: (code) => closed.push(code),
  });
  const say = (message: object) => agent.send(JSON.stringify(message));
  const who = { account: 'default', cluster: 'east', start: 's', mode: 'master', version: '1', spool: 'p' };
  say({ type: 'hello', ...who, schemes: ['hmac-sha512'], nonce: nonce.toString('base64') });
  await settled();
  const { gateway, question } = heard[0] as { gateway: string; question: string };
  const exchange = { account: 'default', cluster: 'east', gateway, question: Buffer.from(question, 'base64'), nonce };
  const proof = proofOf('hmac-sha512', Buffer.from(all.secret()), exchange, 'agent');
  say({ type: 'proof', proof: proof?.toString('base64') });
  await settled();
  expect(heard[1]).toMatchObject({ type: 'welcome' });
  const data = (more: object) => say({ type: 'data', class: 'logs', n: 1, after: 0, at, ...more });
  return { ...all, say, data, closed, heard, sent };
}

describe('an agent that was proven', () => {
  test.each([
    ['says hello again', { type: 'hello' }],
    ['says what the gateway says', { type: 'ack', class: 'logs', n: 1 }],
    ['packs what cannot be unpacked', { type: 'data', class: 'logs', n: 1, after: 0, at, packed: 'AAAA' }],
    [
      'sends a part that does not follow',
      { type: 'data', class: 'logs', n: 1, after: 0, at, part: [2, 3], packed: '' },
    ],
  ])('and %s is disconnected', async (_, message) => {
    const { say, closed, gateway } = await proven();
    say(message);
    await settled();
    await settled();
    expect(closed).toEqual([closeCodes.notUnderstood]);
    expect(gateway.agents.of('east')?.status.connected).toBe(false);
    expect(gateway.taken).toEqual([]);
  });

  test('and sends more than may be on the way is disconnected before memory is full', async () => {
    const never = new Promise<void>(() => {});
    const { data, closed } = await proven({ own: { logs: () => ({ take: () => never }) } });
    const packed = packNow('x'.repeat(100)).toString('base64');
    const pad = 'y'.repeat(500_000);
    for (let n = 1; n <= 40 && closed.length === 0; n++) {
      data({ n, packed, pad });
      await settled();
    }
    expect(closed).toEqual([closeCodes.overloaded]);
    expect(10 * bounds.window).toBeLessThan(40 * 500_000);
  });

  test('is acknowledged record for record, also what came twice, and that is taken once', async () => {
    const { data, heard, gateway } = await proven();
    for (const n of [5, 5, 3, 9, 9]) {
      data({ n, body: n });
      await settled();
    }
    expect(heard.slice(2)).toEqual([5, 5, 3, 9, 9].map((n) => ({ type: 'ack', class: 'logs', n })));
    expect(gateway.bodies('logs')).toEqual([5, 9]);
  });

  test('whose record is refused hears it; one whose record could not be taken sends it again', async () => {
    const refuse = fault('bad_request', { reason: 'it is nothing' });
    const broken = new Error('the disk is full');
    for (const [error, code, said] of [
      [refuse, closeCodes.notUnderstood, { code: 'not_understood', reason: expect.stringMatching(/it is nothing/) }],
      [broken, closeCodes.overloaded, undefined],
    ] as const) {
      rmSync(join(root, 'enrolments'), { recursive: true, force: true });
      const { data, closed, heard } = await proven({ own: { logs: () => ({ take: () => Promise.reject(error) }) } });
      data({ body: 1 });
      await settled();
      expect(closed).toEqual([code]);
      expect(heard.some(({ type }) => type === 'ack')).toBe(false);
      if (said) expect(heard.at(-1)).toMatchObject(said);
      else expect(JSON.stringify(heard)).not.toContain('disk');
    }
  });

  test.each(['x', '', '2026-13-45T00:00:00Z', 'tomorrow'])(
    'whose moment is %j is taken all the same',
    async (moment) => {
      const { data, gateway } = await proven();
      data({ at: moment, body: 1 });
      await settled();
      expect(gateway.taken).toMatchObject([{ at: expect.any(Number), body: 1 }]);
    },
  );

  test.each([[null], [5], ['x'], [{}], [{ id: 5 }], [{ id: 'nobody asked', ok: true }]])(
    'and answers %j, which nobody asked, goes on',
    async (body) => {
      const { data, closed, heard } = await proven();
      data({ class: 'answers', body });
      await settled();
      expect(closed).toEqual([]);
      expect(heard.at(-1)).toMatchObject({ type: 'ack', class: 'answers' });
    },
  );
});

describe('an unauthenticated client', () => {
  test('is left after 30 s, and keeps no agent out', async () => {
    const { gateway, time } = enrolled(join(root, 'enrolments'));
    const { agent } = gateway.accept();
    const closed: number[] = [];
    agent.listen({ message: () => undefined, alive: () => undefined, closed: (code) => closed.push(code) });
    await time.advance(29_000);
    gateway.beat();
    expect(closed).toEqual([]);
    await time.advance(2_000);
    gateway.beat();
    await settled();
    expect(closed).toEqual([closeCodes.tooSlow]);
    expect(gateway.refused).toEqual(['too_late']);
  });
});
