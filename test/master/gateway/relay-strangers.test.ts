// Calls about actions at a gateway: how much work unknown callers can cause for an actor.
import { expect, test } from 'vitest';
import { ActionRelay } from '../../../master/gateway/action-relay.ts';
import type { Agent } from '../../../master/gateway/agent.ts';
import { stillClock } from '../../support/still-clock.ts';

function createRelay() {
  const calls: string[] = [];
  const state = { now: 0, status: (token: string): number => (token.startsWith('right') ? 200 : 401) };
  const agent = (cluster: string) =>
    ({
      cluster,
      connection: {},
      async command(_name: string, { token }: { token: string }) {
        calls.push(`${cluster} ${token}`);
        await new Promise(setImmediate);
        return { ok: true, result: { status: state.status(token), body: {} } };
      },
    }) as unknown as Agent;
  const agents = new Map(['east', 'west'].map((name) => [name, agent(name)]));
  const relay = new ActionRelay({
    agentOf: (cluster) => agents.get(cluster),
    board: { get: () => undefined, of: () => [] },
    clock: stillClock(() => state.now),
    wall: () => 0,
  });
  const ask = (token: string, address = '192.0.2.1', cluster = 'east') =>
    relay.ask({ cluster, authorization: `Bearer ${token}`, address }, { call: 'list' }).then(
      ({ status }) => status,
      (error: { code: string }) => error.code,
    );
  return { ask, calls, state };
}

test('hundreds of wrong tokens of an address reach the actor a few times, and other callers reach it meanwhile', async () => {
  const { ask, calls } = createRelay();
  expect(await ask('right-ann')).toBe(200);
  const answers = await Promise.all(Array.from({ length: 300 }, (_, i) => ask(`wrong-${i}`)));
  // At most this many calls may wait for an actor.
  expect(calls.length).toBeLessThanOrEqual(1 + 64);
  expect(new Set(answers)).toEqual(new Set([401, 'overloaded']));
  for (let i = 0; i < 100; i++) await ask(`later-${i}`);
  expect(calls.length).toBeLessThanOrEqual(1 + 64 + 10);
  expect(await ask('right-ann')).toBe(200);
  expect(await ask('right-bob', '192.0.2.2')).toBe(200);
  // Refusals in one cluster do not affect another.
  expect(await ask('right-carol', '192.0.2.1', 'west')).toBe(200);
});

test('a cluster that is not known costs nothing, and is told from none that is away', async () => {
  const { ask, calls } = createRelay();
  for (let i = 0; i < 50; i++) expect(await ask('wrong', '192.0.2.1', `made-up-${i}`)).toBe('unavailable');
  expect(calls).toEqual([]);
});

test.each([503, 500, 429, 401])('a token is not taken for known where the actor answers %d', async (status) => {
  const { ask, calls, state } = createRelay();
  state.status = () => status;
  await ask('wrong-0');
  state.status = () => 401;
  for (let i = 1; i < 50; i++) await ask(`wrong-${i}`);
  // The second address has used its attempts too.
  const before = calls.length;
  expect(await ask('wrong-0')).toBe('too_many_requests');
  expect(calls.length).toBe(before);
});
