// Requests to an actor through a gateway are limited, and answers while it is away say since when they may be outdated.
import { beforeEach, describe, expect, test } from 'vitest';
import { ActionBoard } from '../../../master/gateway/action-board.ts';
import { ActionRelay } from '../../../master/gateway/action-relay.ts';
import type { Agent, AgentAnswer, AgentConnection } from '../../../master/gateway/agent.ts';
import type { WallTime } from '../../../src/clock.ts';
import type { ToldAction } from '../../../src/gateway-protocol/actions-body.ts';
import type { Role } from '../../../src/gateway-protocol/protocol.ts';
import { stillClock } from '../../support/still-clock.ts';

const began = Date.parse('2026-01-01T00:00:00.000Z');
const authorization = 'Bearer alice';

interface FakeAgent {
  connected: boolean;
  since: number | undefined;
  /** Commands without an answer yet. */
  readonly waiting: { readonly body: unknown; answer(answer: AgentAnswer): void; fail(error: Error): void }[];
}

const told = (id: string, more: object = {}): ToldAction => ({
  id,
  state: 'executed',
  at: '2026-01-01T00:00:00.000Z',
  action: { action: 'restart', target: { kind: 'Deployment', namespace: 'shop', name: id } },
  proposed: { by: 'somebody', at: '2026-01-01T00:00:00.000Z' },
  ...more,
});

describe('calls about actions', () => {
  let now: number;
  let board: ActionBoard;
  let agents: Map<string, FakeAgent>;
  let relay: ActionRelay;
  /** Names of the Deployments that `alice` may get. */
  let allowed: Set<string>;

  const agent = (cluster: string, role: Role): FakeAgent => {
    const made = { connected: true, since: began, waiting: [] };
    agents.set(`${cluster} ${role}`, made);
    return made;
  };

  /** A master that knows alice and her rights. */
  const reviewing = (cluster: string) => {
    const one = agent(cluster, 'master');
    one.waiting.push = (...asked) => {
      for (const { body, answer } of asked) {
        const { kind, spec } = body as { kind: string; spec: { resourceAttributes?: { name: string } } };
        const known = { authenticated: true, user: { username: 'alice' } };
        const may = { allowed: allowed.has(spec.resourceAttributes?.name ?? '') };
        answer({ ok: true, result: { status: 201, review: kind === 'TokenReview' ? known : may } });
      }
      return 0;
    };
    return one;
  };

  const agentOf = (cluster: string, role: Role): Agent | undefined => {
    const one = agents.get(`${cluster} ${role}`);
    if (one === undefined) return undefined;
    const fake = {
      connection: one.connected ? ({} as AgentConnection) : undefined,
      status: { connected: one.connected, since: one.since },
      command: (_name: string, body: unknown) =>
        new Promise<AgentAnswer>((answer, fail) => void one.waiting.push({ body, answer, fail })),
    };
    return fake as unknown as Agent;
  };

  beforeEach(() => {
    now = began;
    board = new ActionBoard();
    agents = new Map();
    allowed = new Set(['a1']);
    relay = new ActionRelay({ agentOf, board, clock: stillClock(() => now), wall: () => now as WallTime });
  });

  const answer = { ok: true, result: { status: 200, body: { yes: true } } };

  test('sixty-four of a cluster wait at once, the next is turned away, and another cluster is not kept by them', async () => {
    const [east, west] = [agent('east', 'actor'), agent('west', 'actor')];
    const waiting = Array.from({ length: 64 }, (_, i) =>
      relay.ask({ cluster: 'east', authorization }, { call: 'get', id: `a${i}` }),
    );
    await expect(relay.ask({ cluster: 'east', authorization }, { call: 'list' })).rejects.toMatchObject({
      code: 'overloaded',
      message: expect.stringContaining('64 calls wait'),
    });
    const elsewhere = relay.ask({ cluster: 'west', authorization }, { call: 'list' });
    west.waiting[0]?.answer(answer);
    expect(await elsewhere).toEqual(answer.result);
    for (const one of east.waiting.splice(0)) one.answer(answer);
    expect(await Promise.all(waiting)).toHaveLength(64);
    // Answered and failed calls free their places.
    const again = relay.ask({ cluster: 'east', authorization }, { call: 'list' });
    east.waiting.splice(0)[0]?.fail(new Error('it went away'));
    await expect(again).rejects.toThrow('it went away');
    const last = relay.ask({ cluster: 'east', authorization }, { call: 'list' });
    east.waiting[0]?.answer(answer);
    expect(await last).toEqual(answer.result);
  });

  test.each([
    [{ ok: true, result: { status: 'fine', body: {} } }],
    [{ ok: true, result: { status: 99, body: {} } }],
    [{ ok: true }],
    [{ ok: false, error: { code: 'x', message: 'it will not' } }],
  ])('what an actor answers as %j is no answer', async (said) => {
    const east = agent('east', 'actor');
    const asked = relay.ask({ cluster: 'east', authorization }, { call: 'policy' });
    east.waiting[0]?.answer(said);
    await expect(asked).rejects.toMatchObject({ code: 'unavailable' });
  });

  test('without a token no actor is asked, and an unknown cluster is answered like one whose actor is away', async () => {
    const east = agent('east', 'actor');
    await expect(relay.ask({ cluster: 'east', authorization: undefined }, { call: 'list' })).rejects.toMatchObject({
      code: 'unauthorized',
    });
    expect(east.waiting).toEqual([]);
    const nowhere = await relay.list({ cluster: 'nowhere', authorization }).catch((error: Error) => error.message);
    east.connected = false;
    east.since = undefined;
    const away = await relay.list({ cluster: 'east', authorization }).catch((error: Error) => error.message);
    expect(String(nowhere).replace('nowhere', 'east')).toBe(away);
  });

  describe('while the actor is away', () => {
    beforeEach(() => {
      agent('east', 'actor').connected = false;
      reviewing('east');
      board.put('east', told('a1'));
      board.put('east', told('hidden'));
      board.put('east', told('own', { proposed: { by: 'alice', at: '2026-01-01T00:00:00.000Z' } }));
      now = began + 90_000;
    });

    test('what was told last is answered with the moment since when it may be another', async () => {
      expect(await relay.get({ cluster: 'east', authorization }, 'a1')).toEqual({
        status: 200,
        body: {
          success: true,
          timestamp: '2026-01-01T00:01:30.000Z',
          staleSince: '2026-01-01T00:00:00.000Z',
          ...told('a1'),
        },
      });
      const { body } = await relay.list({ cluster: 'east', authorization });
      expect(body).toMatchObject({ staleSince: '2026-01-01T00:00:00.000Z' });
      expect((body as { actions: ToldAction[] }).actions.map(({ id }) => id)).toEqual(['own', 'a1']);
    });

    test('one that is connected and silent is stale from now on', async () => {
      const silent = agents.get('east actor');
      if (silent) silent.connected = true;
      const asked = relay.get({ cluster: 'east', authorization }, 'a1');
      const { fault } = await import('../../../src/errors.ts');
      silent?.waiting[0]?.fail(fault('unavailable', { reason: 'no answer came' }));
      expect((await asked).body).toMatchObject({ staleSince: '2026-01-01T00:01:30.000Z' });
    });

    test('what the caller may not see, and what was never told, is unknown in the same words', async () => {
      const wordsOf = (id: string) =>
        relay.get({ cluster: 'east', authorization }, id).catch((error: { code: string }) => error.code);
      expect([await wordsOf('hidden'), await wordsOf('nothing')]).toEqual(['action_unknown', 'action_unknown']);
    });

    test('without a review nothing is answered or proposed', async () => {
      await expect(
        relay.ask({ cluster: 'east', authorization }, { call: 'propose', document: {} }),
      ).rejects.toMatchObject({
        code: 'unavailable',
      });
      const master = agents.get('east master');
      if (master) master.connected = false;
      await expect(relay.get({ cluster: 'east', authorization }, 'a1')).rejects.toMatchObject({ code: 'unavailable' });
    });
  });
});
