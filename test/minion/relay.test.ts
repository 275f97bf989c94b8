import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { createEngine } from '../../minion/engine.ts';
import { createOutgoing } from '../../minion/outgoing.ts';
import { relayRoutes } from '../../minion/relay.ts';
import { docker } from '../../minion/runtimes/docker.ts';
import { monotonicClock } from '../../src/clock.ts';
import type { ContainerInspect } from '../../src/docker-api.ts';
import { createServer } from '../../src/http/server.ts';
import { silentLogger } from '../../src/logger.ts';
import { startMinion, type TestMinion } from '../support/minion.ts';
import { fakeContainer, type RecordingEngine, type Reply, startRecordingEngine } from '../support/recording-engine.ts';

let engine: RecordingEngine;
let minion: TestMinion;
const { id } = fakeContainer(1);

beforeEach(async () => {
  engine = await startRecordingEngine([fakeContainer(1), fakeContainer(2, 'exited')]);
  minion = await startMinion(engine.socket);
});
afterEach(async () => {
  await minion.close();
  await engine.close();
});

const answering = (start: string, reply: Reply) => {
  engine.instead = (path) => (path.startsWith(start) ? reply : undefined);
};

describe('the relay', () => {
  const failures: readonly [string, Reply, number, string][] = [
    ['fails', { status: 500, body: { message: 'secret detail' } }, 502, 'engine_error'],
    ['says no such container', { status: 404 }, 404, 'container_not_found'],
    [
      'answers what is not JSON',
      { raw: 'HTTP/1.1 200 OK\r\ncontent-length: 9\r\n\r\nnot json!' },
      502,
      'engine_nonsense',
    ],
    ['answers no object', { body: 7 }, 502, 'engine_nonsense'],
    ['answers another thing than a container', { body: { Id: 7 } }, 502, 'engine_nonsense'],
    ['answers what is no HTTP', { raw: 'SSH-2.0-OpenSSH\r\n\r\n', close: true }, 502, 'engine_nonsense'],
    [
      'breaks off its answer',
      { raw: 'HTTP/1.1 200 OK\r\ncontent-length: 999\r\n\r\n{"Id":', close: true },
      502,
      'engine_down',
    ],
    ['says nothing and closes', { raw: '', close: true }, 502, 'engine_down'],
    ['answers more than the limit', { body: { Id: 'x'.repeat(17_000_000) } }, 502, 'engine_too_large'],
    ['switches protocols', { raw: 'HTTP/1.1 101 Switching Protocols\r\nupgrade: tcp\r\n\r\n' }, 502, 'engine_error'],
    [
      'redirects',
      { raw: 'HTTP/1.1 302 Found\r\nlocation: http://evil/\r\ncontent-length: 0\r\n\r\n' },
      502,
      'engine_error',
    ],
  ];
  test.each(failures)('answers an error of ours when the engine %s', async (_what, reply, status, code) => {
    answering(`/containers/${id}/json`, reply);
    const answer = await minion.get(`/containers/${id}/json`);
    expect(answer.json()).toMatchObject({ success: false, code, error_message: expect.any(String) });
    expect(answer.status).toBe(status);
    expect(answer.text).not.toContain('secret detail');
  });

  test('answers 504 when the engine is slow, and gives the call up', async () => {
    answering('/containers/', { hang: true });
    // The engine is found within this time, and each of the two calls takes as long.
    const limits = { timeout: 4000, answer: 1000 };
    const options = {
      sockets: [engine.socket],
      drivers: [docker],
      limits,
      logger: silentLogger,
      clock: monotonicClock,
      observe: () => undefined,
    };
    const slow = createEngine(options);
    await slow.current();
    const app = createServer({ logger: silentLogger });
    const outgoing = createOutgoing({ keepValues: false });
    relayRoutes(app, { engine: slow, outgoing, bounds: { atOnce: 1, waiting: 1 } });
    const get = () => app.inject(`/containers/${id}/json`);
    const answers = await Promise.all([get(), get(), get()]);
    expect(answers.map(({ statusCode }) => statusCode).toSorted()).toEqual([503, 504, 504]);
    expect(answers.map((answer) => answer.json<{ code: string }>().code).toSorted()).toEqual([
      'engine_busy',
      'engine_slow',
      'engine_slow',
    ]);
    slow.close();
    await app.close();
  });

  test('cuts lists without bound to a count', async () => {
    const ExecIDs = Array.from({ length: 100_000 }, (_, index) => index.toString(16).padStart(64, '0'));
    const more = { ExecIDs, Mounts: Array.from({ length: 700 }, (_, index) => ({ Source: `/${index}` })) };
    const [container] = engine.containers;
    if (container) container.more = more;
    const inspect = (await minion.get(`/containers/${id}/json`)).json<ContainerInspect & { Mounts: unknown[] }>();
    expect(inspect.ExecIDs).toBe('omitted list of 100000 elements');
    expect(inspect.Mounts).toHaveLength(501);
    expect(inspect.Mounts.at(-1)).toEqual({ omitted: '200 more elements' });
  });

  test('finds the engine again after it broke off, within the same call', async () => {
    let first = true;
    engine.instead = (path) => {
      if (!first || !path.endsWith('/json')) return undefined;
      first = false;
      return { raw: '', close: true };
    };
    expect((await minion.get(`/containers/${id}/json`)).status).toBe(200);
  });

  test('answers 409 for the processes of a container that does not run', async () => {
    const answer = await minion.get(`/containers/${fakeContainer(2).id}/top?ps_args=aux`);
    expect([answer.status, answer.json<{ code: string }>().code]).toEqual([409, 'container_not_running']);
  });

  test('names the parameter that is wrong, and what it takes', async () => {
    const answer = await minion.get(`/containers/${id}/top?ps_args=-ef`);
    expect(answer.status).toBe(400);
    expect(answer.json<{ error_message: string }>().error_message).toBe(
      'Parameter ps_args is not valid: must be one of aux',
    );
    const unknown = await minion.get('/containers/json?size=1');
    expect(unknown.json<{ error_message: string }>().error_message).toBe('Parameter size is not valid: unknown');
  });

  test('answers only GET, and says so', async () => {
    for (const method of ['POST', 'PUT', 'DELETE', 'HEAD']) {
      const answer = await fetch(`${minion.url}/containers/json`, { method });
      expect([answer.status, answer.headers.get('allow')]).toEqual([405, 'GET']);
    }
  });

  test('takes every way in which a Docker client writes yes and no', async () => {
    for (const [all, length] of [
      ['1', 2],
      ['true', 2],
      ['0', 1],
      ['false', 1],
    ] as const) {
      expect((await minion.get(`/containers/json?all=${all}`)).json()).toHaveLength(length);
    }
  });
});
