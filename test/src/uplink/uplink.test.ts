// An agent and a gateway over joined wires, in virtual time: what arrives in which order after various outages.
import { randomBytes } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { graphBytes } from '../../../src/gateway-protocol/graph-body.ts';
import { schemes } from '../../../src/gateway-protocol/proof.ts';
import { closeCodes } from '../../../src/gateway-protocol/protocol.ts';
import { enrolled, startAgent, TestGateway } from '../../support/gateway-pair.ts';
import { createVirtualTime } from '../../support/virtual-time.ts';
import { wirePair } from '../../support/wire-pair.ts';

const minute = 60_000;
const second = 1_000;
let root: string;
const folder = () => join(root, 'enrolments');

beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'ci-uplink-'));
});
afterEach(() => rmSync(root, { recursive: true }));

const typesOf = (texts: readonly string[]) => texts.map((text) => (JSON.parse(text) as { type: string }).type);

describe('connecting', () => {
  test('goes hello, question, proof, welcome, and nothing else is sent before that', async () => {
    const { time, gateway, secret, dial } = enrolled(folder());
    const { uplink, pairs } = await startAgent({ time, secret, dial });
    await uplink.publish('metrics', { early: true });
    await time.advance(second);
    expect(typesOf(pairs[0]?.sent.agent ?? [])).toEqual(['hello', 'proof', 'data']);
    expect(typesOf(pairs[0]?.sent.gateway ?? [])).toEqual(['question', 'welcome', 'ack']);
    expect(gateway.bodies('metrics')).toEqual([{ early: true }]);
    expect(uplink.status).toMatchObject({ state: 'connected', connects: 1 });
    await ended(uplink, time);
  });

  test.each(schemes)('works by %s', async (scheme) => {
    const { time, gateway, secret, dial } = enrolled(folder(), { schemes: [scheme] });
    const { uplink } = await startAgent({ time, secret, dial, schemes: [scheme] });
    await uplink.publish('logs', 1);
    await time.advance(second);
    expect(gateway.bodies('logs')).toEqual([1]);
    await ended(uplink, time);
  });

  test('with a wrong secret is refused, tried ever more seldom, and gives away nothing', async () => {
    const { time, gateway, dial } = enrolled(folder());
    const { uplink, dialled, pairs } = await startAgent({ time, secret: () => 'some-other-secret', dial });
    await uplink.publish('logs', 'secret words');
    await time.advance(10 * minute);
    expect(new Set(gateway.refused)).toEqual(new Set(['unauthorized']));
    const gaps = dialled.slice(1).map((at, i) => at - (dialled[i] ?? 0));
    expect(gaps.slice(0, 6)).toEqual([500, 1_000, 2_000, 4_000, 8_000, 16_000]);
    expect(Math.max(...gaps)).toBe(30_000);
    for (const { sent } of pairs) expect(typesOf(sent.agent)).toEqual(['hello', 'proof']);
    expect(uplink.status).toMatchObject({ state: 'refused', reason: expect.stringMatching(/unauthorized/) });
    expect(uplink.status.refusals.get('refused')).toBe(pairs.length);
    await ended(uplink, time);
  });

  test('takes up a rotated secret at the next try, without a restart', async () => {
    const { time, gateway, dial } = enrolled(folder());
    let secret = 'what-it-was-before';
    const { uplink } = await startAgent({ time, secret: () => secret, dial });
    await time.advance(5 * second);
    expect(uplink.status.state).toBe('refused');
    ({ secret } = gateway.enrolments.enrol('east', 'default'));
    await time.advance(minute);
    expect(uplink.status.state).toBe('connected');
    await ended(uplink, time);
  });

  test('asks a gateway of another version seldom', async () => {
    const { time, secret, dial } = enrolled(folder(), { schemes: ['sha512-qs'] });
    const { uplink, dialled } = await startAgent({ time, secret, dial });
    await time.advance(60 * minute);
    expect(uplink.status.state).toBe('unsupported');
    expect(dialled.length).toBeLessThanOrEqual(7);
    await ended(uplink, time);
  });

  test('is short again after a good connection, and not after one that ended at once', async () => {
    const { time, gateway, secret, dial } = enrolled(folder());
    const { uplink, dialled, pairs } = await startAgent({ time, secret, dial });
    gateway.up = false;
    await time.advance(second);
    pairs.at(-1)?.cut();
    await time.advance(10 * minute);
    gateway.up = true;
    await time.advance(minute);
    expect(uplink.status.state).toBe('connected');
    const count = dialled.length;
    pairs.at(-1)?.cut();
    await time.advance(510);
    expect(dialled.length).toBe(count + 1);
    await time.advance(second);
    pairs.at(-1)?.cut();
    await time.advance(510);
    expect(dialled.length).toBe(count + 1);
    await ended(uplink, time);
  });

  test('twenty agents that lost their gateway together do not come back together', async () => {
    const time = createVirtualTime();
    const gateway = new TestGateway(folder(), time);
    const agents = await Promise.all(
      Array.from({ length: 20 }, (_, i) => {
        const cluster = `c${i}`;
        const { secret } = gateway.enrolments.enrol(cluster, 'default');
        let seed = (i + 1) * 104_729_131;
        const random = () => {
          seed = (seed * 48_271 + 11) % 2_147_483_647;
          return seed / 2_147_483_647;
        };
        const dial = () => gateway.accept();
        return startAgent({ time, secret: () => secret, dial, cluster, start: cluster, random });
      }),
    );
    await time.advance(20 * second);
    for (const { pairs } of agents) pairs.at(-1)?.cut();
    const cut = time.clock();
    await time.advance(5 * second);
    const back = agents.map(({ dialled }) => (dialled[1] ?? 0) - cut);
    expect(back.every((ms) => ms >= 0 && ms <= second)).toBe(true);
    const slots = new Map<number, number>();
    for (const ms of back) slots.set(Math.floor(ms / 100), (slots.get(Math.floor(ms / 100)) ?? 0) + 1);
    expect(slots.size).toBeGreaterThanOrEqual(5);
    expect(Math.max(...slots.values())).toBeLessThanOrEqual(8);
    for (const { uplink } of agents) expect(uplink.status.state).toBe('connected');
    for (const { uplink } of agents) await ended(uplink, time);
  });
});

describe('a rogue gateway', () => {
  const questions = {
    'asks too short a question': () => ({ type: 'question', gateway: 'g', scheme: 'hmac-sha512', question: 'QUJD' }),
    'welcomes without a question': () => ({ type: 'welcome', received: {} }),
    'says what is no message': () => ({ type: 'hello' }),
    'asks by a scheme that was not offered': () => ({
      type: 'question',
      gateway: 'g',
      scheme: 'sha512-qsq',
      question: Buffer.alloc(1_024).toString('base64'),
    }),
    'gives a command at once': () => ({ type: 'command', id: '1', name: 'log-level', body: {} }),
  };

  test.each(Object.entries(questions))('that %s gets no data, is left and tried ever more seldom', async (_, say) => {
    const { time, secret } = enrolled(folder());
    const dial = () => {
      const pair = wirePair();
      pair.gateway.listen({ message: () => pair.gateway.send(JSON.stringify(say())), alive() {}, closed() {} });
      return pair;
    };
    const { uplink, pairs, dialled } = await startAgent({ time, secret, dial });
    await uplink.publish('graph', { all: 'of it' });
    await time.advance(10 * minute);
    for (const { sent } of pairs) expect(typesOf(sent.agent)).toEqual(['hello']);
    expect(dialled.length).toBeLessThan(35);
    expect(uplink.status.state).toBe('refused');
    await ended(uplink, time);
  });

  test('that asks the same question again, or welcomes without proof, gets no data', async () => {
    const { time, secret } = enrolled(folder());
    const question = {
      type: 'question',
      gateway: 'g',
      scheme: 'hmac-sha512',
      question: Buffer.alloc(1_024, 7).toString('base64'),
    };
    const dial = () => {
      const pair = wirePair();
      pair.gateway.listen({
        message(text) {
          const { type } = JSON.parse(text) as { type: string };
          pair.gateway.send(JSON.stringify(type === 'hello' ? question : { type: 'welcome', received: {} }));
        },
        alive() {},
        closed() {},
      });
      return pair;
    };
    const { uplink, pairs } = await startAgent({ time, secret, dial });
    await uplink.publish('graph', { all: 'of it' });
    await time.advance(5 * minute);
    expect(typesOf(pairs[0]?.sent.agent ?? [])).toEqual(['hello', 'proof']);
    expect(typesOf(pairs[1]?.sent.agent ?? [])).toEqual(['hello']);
    expect(uplink.status.refusals.get('unproven_gateway')).toBe(1);
    expect(uplink.status.refusals.get('repeated_question')).toBe(pairs.length - 1);
    await ended(uplink, time);
  });

  test('that is silent after the dial is left after 30 s', async () => {
    const { time, secret } = enrolled(folder());
    const { uplink, dialled } = await startAgent({ time, secret, dial: wirePair });
    await time.advance(31 * second);
    expect(dialled.length).toBe(2);
    expect(uplink.status.reason).toMatch(/not through in time/);
    await ended(uplink, time);
  });

  test('that acknowledges what was never sent makes nothing be forgotten', async () => {
    const { time, gateway, secret, dial } = enrolled(folder());
    const { uplink, pairs } = await startAgent({ time, secret, dial });
    await time.advance(second);
    pairs[0]?.gateway.send(JSON.stringify({ type: 'ack', class: 'logs', n: 1_000_000 }));
    await uplink.publish('logs', 'x');
    await time.advance(minute);
    expect(gateway.bodies('logs')).toEqual(['x']);
    await ended(uplink, time);
  });
});

describe('an outage', () => {
  /** Publishes 5,000 points a minute in fifty messages, for so many minutes. */
  async function outage(minutes: number, options: Partial<Parameters<typeof startAgent>[0]> = {}) {
    const all = enrolled(folder());
    const { time, gateway, secret, dial } = all;
    const agent = await startAgent({ time, secret, dial, ...options });
    await agent.uplink.publish('metrics', ['before']);
    await time.advance(20 * second);
    gateway.up = false;
    for (const { cut } of agent.pairs) cut();
    for (let batch = 0; batch < minutes * 50; batch++) {
      await time.advance(1_200);
      await agent.uplink.publish(
        'metrics',
        Array.from({ length: 100 }, (_, i) => batch * 100 + i),
      );
    }
    gateway.up = true;
    return { ...all, ...agent, back: time.clock() };
  }

  test('of 59 minutes loses nothing: 295,000 points, once, in order, the first within a second of the welcome', async () => {
    const { time, gateway, uplink, dialled } = await outage(59);
    await time.advance(minute);
    const [, ...points] = gateway.bodies('metrics').flat();
    expect(points.length).toBe(295_000);
    expect(points.every((point, i) => point === i)).toBe(true);
    expect(uplink.lost('metrics')).toBe(0);
    expect(gateway.taken.every(({ hole }) => !hole)).toBe(true);
    const welcomed = gateway.agents.of('east')?.connection?.since ?? 0;
    expect((gateway.taken[1]?.arrived ?? 0) - welcomed).toBeLessThan(second);
    expect(dialled.length).toBeGreaterThan(50);
    await ended(uplink, time);
  });

  test('of 61 minutes loses exactly the oldest minute, and both sides say so', async () => {
    // The agent tries to connect at least once a second, more often than it publishes.
    const { time, gateway, uplink } = await outage(61, { random: () => 1 / 60 });
    await time.advance(10 * second);
    const [first, ...points] = gateway.bodies('metrics').flat();
    expect(first).toBe('before');
    expect(points[0]).toBe(5_000);
    expect(points.length).toBe(300_000);
    expect(uplink.lost('metrics')).toBe(50);
    expect(gateway.taken.findIndex(({ hole }) => hole)).toBe(1);
    expect(gateway.agents.of('east')?.status.holes).toBe(1);
    await ended(uplink, time);
  });

  test('with more than the buffer holds drops the oldest of what takes most, and says how many', async () => {
    const all = enrolled(folder());
    const { time, gateway, secret, dial } = all;
    const { uplink } = await startAgent({ time, secret, dial, mostBytes: 20_000 });
    await uplink.publish('logs', 'before');
    await time.advance(second);
    gateway.up = false;
    gateway.agents.of('east')?.connection?.close(closeCodes.leaving, 'away');
    await uplink.publish('answers', { id: 'x', ok: true });
    await time.advance(second);
    for (let i = 0; i < 200; i++) await uplink.publish('logs', { i, text: randomText(200) });
    gateway.up = true;
    await time.advance(2 * minute);
    const lost = uplink.lost('logs');
    expect(lost).toBeGreaterThan(50);
    const logs = gateway.bodies('logs').slice(1) as { i: number }[];
    expect(logs.map(({ i }) => i)).toEqual(Array.from({ length: 200 - lost }, (_, i) => i + lost));
    expect(gateway.bodies('answers')).toEqual([{ id: 'x', ok: true }]);
    expect(gateway.taken.filter(({ hole }) => hole).map(({ class: one }) => one)).toEqual(['logs']);
    expect(gateway.agents.of('east')?.status.holes).toBe(1);
    await ended(uplink, time);
  });

  test('a link that is half open is noticed within two intervals', async () => {
    const { time, secret, dial } = enrolled(folder());
    const { uplink, pairs, dialled } = await startAgent({ time, secret, dial });
    await time.advance(25 * second);
    pairs[0]?.fallSilent();
    await time.advance(40 * second);
    expect(dialled.length).toBeGreaterThan(1);
    expect(pairs[0]).not.toBe(pairs.at(-1));
    await ended(uplink, time);
  });

  test('the gateway notices a half-open link, too, and takes the agent again before that', async () => {
    const { time, gateway, secret, dial } = enrolled(folder());
    const { uplink, pairs } = await startAgent({ time, secret, dial });
    await time.advance(25 * second);
    pairs[0]?.fallSilent();
    await time.advance(45 * second);
    expect(uplink.status).toMatchObject({ state: 'connected', connects: 2 });
    gateway.beat();
    expect(gateway.agents.of('east')?.status.connected).toBe(true);
    pairs.at(-1)?.fallSilent();
    gateway.up = false;
    await time.advance(41 * second);
    gateway.beat();
    expect(gateway.agents.of('east')?.status.connected).toBe(false);
    await ended(uplink, time);
  });

  test('what was sent and not acknowledged is sent again, and taken once', async () => {
    const { time, gateway, secret } = enrolled(folder());
    let deaf = true;
    const dial = () => {
      const pair = gateway.accept();
      if (!deaf) return pair;
      // Acknowledgements get lost on the way.
      const listen = pair.agent.listen.bind(pair.agent);
      pair.agent.listen = (events) =>
        listen({ ...events, message: (text) => void (text.includes('"ack"') || events.message(text)) });
      return pair;
    };
    const { uplink, pairs } = await startAgent({ time, secret, dial });
    for (let i = 0; i < 10; i++) await uplink.publish('findings', i);
    await time.advance(second);
    expect(gateway.bodies('findings').length).toBe(10);
    expect(uplink.waiting('findings')).toBeGreaterThan(0);
    deaf = false;
    pairs[0]?.cut();
    await time.advance(minute);
    expect(gateway.bodies('findings')).toEqual([0, 1, 2, 3, 4, 5, 6, 7, 8, 9]);
    expect(uplink.waiting('findings')).toBe(0);
    await ended(uplink, time);
  });

  test('to a second gateway that knows nothing, what was not acknowledged goes, and nothing waits for ever', async () => {
    const { time, gateway, secret } = enrolled(folder());
    const other = new TestGateway(folder(), time);
    let now = gateway;
    const dial = () => now.accept();
    const { uplink, pairs } = await startAgent({ time, secret, dial });
    await uplink.publish('logs', 'one');
    await time.advance(second);
    now = other;
    pairs[0]?.cut();
    await uplink.publish('logs', 'two');
    await time.advance(minute);
    expect(gateway.bodies('logs')).toEqual(['one']);
    expect(other.bodies('logs')).toEqual(['two']);
    await ended(uplink, time);
  });
});

describe('during a backlog', () => {
  test('answers and the graph overtake metrics and logs, which do not starve', async () => {
    const { time, gateway, secret, dial } = enrolled(folder());
    gateway.up = false;
    const { uplink, pairs } = await startAgent({ time, secret, dial });
    for (let i = 0; i < 400; i++) await uplink.publish('metrics', randomText(4_000));
    for (let i = 0; i < 400; i++) await uplink.publish('logs', randomText(4_000));
    for (let number = 0; number < 400; number++) {
      const head = { format: 1, kind: 'log', epoch: 'e', term: 't', number, part: 1, parts: 1, revision: 1 } as const;
      uplink.add('graph', graphBytes({ ...head, body: randomBytes(2_600) }));
    }
    for (let i = 0; i < 5; i++) await uplink.publish('answers', { id: String(i), ok: true });
    gateway.up = true;
    await time.advance(2 * minute);
    expect(gateway.taken.length).toBe(1_205);
    const sent = (pairs[0]?.sent.agent ?? []).map((text) => JSON.parse(text) as { class?: string });
    const order = sent.map(({ class: one }) => one).filter((one) => one !== undefined);
    expect(order.length).toBe(1_205);
    expect(order.slice(0, 12).filter((one) => one === 'answers').length).toBe(5);
    const half = order.slice(0, 400);
    expect(half.filter((one) => one === 'graph').length).toBeGreaterThan(300);
    expect(half.filter((one) => one === 'metrics').length).toBeGreaterThan(20);
    expect(half.filter((one) => one === 'logs').length).toBeGreaterThan(10);
    await ended(uplink, time);
  });
});

describe('commands', () => {
  test('are answered, and carried out once though they come twice', async () => {
    const { time, gateway, secret, dial } = enrolled(folder());
    const { uplink, pairs } = await startAgent({ time, secret, dial });
    await time.advance(second);
    const never = new AbortController().signal;
    const until = time.clock() + minute;
    const answer = gateway.agents.of('east')?.command('log-level', { level: 'debug' }, until, never);
    await time.advance(second);
    expect(await answer).toEqual({ ok: true, result: { level: 'debug' } });
    const again = { type: 'command', id: 'same', name: 'log-level', body: 1, until: new Date(until).toISOString() };
    pairs[0]?.gateway.send(JSON.stringify(again));
    pairs[0]?.gateway.send(JSON.stringify({ ...again, body: 2 }));
    await time.advance(second);
    expect(gateway.bodies('answers').slice(1)).toEqual([
      { id: 'same', ok: true, result: 1 },
      { id: 'same', ok: true, result: 1 },
    ]);
    await ended(uplink, time);
  });

  test('that are unknown or came too late are refused with a reason', async () => {
    const { time, gateway, secret, dial } = enrolled(folder());
    const { uplink, pairs } = await startAgent({ time, secret, dial });
    await time.advance(second);
    const say = (message: object) => pairs[0]?.gateway.send(JSON.stringify({ type: 'command', body: 1, ...message }));
    say({ id: '1', name: 'constructor' });
    say({ id: '2', name: 'log-level', until: new Date(time.clock() - 1).toISOString() });
    say({ id: '3', name: 'log-level', until: 'tomorrow' });
    await time.advance(second);
    expect(gateway.bodies('answers')).toMatchObject([
      {
        id: '1',
        ok: false,
        error: { code: 'bad_request', message: expect.stringMatching(/no command "constructor"/) },
      },
      { id: '2', ok: false, error: { message: expect.stringMatching(/was to be carried out until/) } },
      { id: '3', ok: false, error: { message: expect.stringMatching(/was to be carried out until/) } },
    ]);
    await ended(uplink, time);
  });

  test('to an agent that is away wait for it, and end when their time does', async () => {
    const { time, gateway, secret, dial } = enrolled(folder());
    const { uplink, pairs } = await startAgent({ time, secret, dial });
    await time.advance(second);
    gateway.up = false;
    pairs[0]?.cut();
    await time.advance(second);
    const agent = gateway.agents.of('east');
    const until = time.clock() + 10 * minute;
    const waits = agent?.command('log-level', 1, until, new AbortController().signal);
    const ending = new AbortController();
    const ends = agent?.command('log-level', 2, until, ending.signal);
    ending.abort();
    await expect(ends).rejects.toMatchObject({ code: 'unavailable' });
    await expect(agent?.command('log-level', 3, until, ending.signal)).rejects.toMatchObject({ code: 'unavailable' });
    gateway.up = true;
    await time.advance(2 * minute);
    expect(await waits).toEqual({ ok: true, result: 1 });
    await ended(uplink, time);
  });

  test('the log level of the enrolment is told at the welcome, and when it changes', async () => {
    const { time, gateway, secret, dial } = enrolled(folder());
    gateway.enrolments.setLogLevel('east', 'debug');
    const levels: string[] = [];
    const { uplink, pairs } = await startAgent({ time, secret, dial, onLogLevel: (level) => levels.push(level) });
    await time.advance(second);
    expect(levels).toEqual(['debug']);
    gateway.agents.look();
    gateway.enrolments.setLogLevel('east', 'warn');
    gateway.agents.look();
    gateway.agents.look();
    await time.advance(second);
    expect(
      pairs[0]?.sent.gateway.filter((text) => text.includes('"command"')).map((text) => JSON.parse(text)),
    ).toMatchObject([{ name: 'log-level', body: { level: 'warn' } }]);
    await ended(uplink, time);
  });
});

describe('the connection of a cluster', () => {
  test('of two processes of one cluster the second waits until the first has gone', async () => {
    const { time, gateway, secret, dial } = enrolled(folder());
    const first = await startAgent({ time, secret, dial, start: 'a' });
    await time.advance(second);
    const other = await startAgent({ time, secret, dial, start: 'b' });
    await time.advance(minute);
    expect(first.uplink.status.state).toBe('connected');
    expect(other.uplink.status).toMatchObject({ state: 'refused', reason: expect.stringMatching(/busy/) });
    await ended(first.uplink, time);
    await time.advance(2 * minute);
    expect(other.uplink.status.state).toBe('connected');
    expect(gateway.agents.of('east')?.status.connected).toBe(true);
    await ended(other.uplink, time);
  });

  test('a process that comes back takes the place of its own half-open connection', async () => {
    const { time, gateway, secret, dial } = enrolled(folder());
    const { uplink, pairs } = await startAgent({ time, secret, dial });
    await time.advance(second);
    // The agent notices the end, the gateway does not.
    pairs[0]?.fallSilent();
    pairs[0]?.agent.terminate();
    await time.advance(5 * second);
    expect(uplink.status).toMatchObject({ state: 'connected', connects: 2 });
    expect(gateway.refused).toEqual([]);
    await ended(uplink, time);
  });

  test('an agent whose cluster is revoked is disconnected, and comes back when it is enrolled again', async () => {
    const { time, gateway, secret: before, dial } = enrolled(folder());
    let secret = before();
    const { uplink } = await startAgent({ time, secret: () => secret, dial });
    await time.advance(second);
    gateway.enrolments.revoke('east');
    gateway.agents.look();
    await time.advance(minute);
    expect(uplink.status.state).toBe('refused');
    ({ secret } = gateway.enrolments.enrol('east', 'default'));
    await time.advance(2 * minute);
    gateway.agents.look();
    await time.advance(second);
    expect(uplink.status.state).toBe('connected');
    await ended(uplink, time);
  });

  test('the first use of a secret is written down: it does not end after four hours', async () => {
    const { time, gateway, secret, dial } = enrolled(folder());
    const { uplink } = await startAgent({ time, secret, dial });
    await time.advance(second);
    expect(gateway.enrolments.of('east')?.secrets[0]).toHaveProperty('used');
    await time.advance(5 * 60 * minute);
    gateway.agents.look();
    await time.advance(second);
    expect(uplink.status).toMatchObject({ state: 'connected', connects: 1 });
    await ended(uplink, time);
  });
});

function randomText(length: number): string {
  return Array.from({ length }, () => Math.floor(Math.random() * 36).toString(36)).join('');
}

/** Advances time during the closing. */
async function ended(uplink: { close(): Promise<void> }, time: { advance(ms: number): Promise<void> }): Promise<void> {
  let over = false;
  const closed = uplink.close().finally(() => {
    over = true;
  });
  for (let i = 0; i < 200 && !over; i++) await time.advance(100);
  await closed;
}
