import type { ServerResponse } from 'node:http';
import { afterEach, describe, expect, it } from 'vitest';
import { convert as convertAt } from '../../../../master/sources/runtime/convert.ts';
import { createEngineReader } from '../../../../master/sources/runtime/engine-reader.ts';
import { readSnapshot } from '../../../../master/sources/runtime/read-snapshot.ts';
import type { NodeSnapshot } from '../../../../src/minion-api.ts';
import { json } from '../../../support/fake-http.ts';
import { hex, imageOf, inspectOf, sha } from '../../../support/runtime.ts';
import { stillClock } from '../../../support/still-clock.ts';
import { running, type TinyContainer, type TinyEngine, tinyEngine } from '../../../support/tiny-engine.ts';

const closing: (() => Promise<void>)[] = [];
afterEach(async () => {
  for (const close of closing.splice(0)) await close();
});

const never = new AbortController().signal;
const secret = 'c4n4ry-value';
const convert = (node: string, snapshot: NodeSnapshot) => convertAt(node, snapshot, 0);
/** As received from a minion: an engine's answer passes the same checks. */
const checked = (snapshot: NodeSnapshot) =>
  readSnapshot(Buffer.from(JSON.stringify(snapshot)), { keepValues: true }, never);

async function engineOf(...args: Parameters<typeof tinyEngine>): Promise<TinyEngine> {
  const engine = await tinyEngine(...args);
  closing.push(engine.http.close);
  return engine;
}

interface Options {
  readonly keepValues?: boolean;
  readonly token?: string;
  readonly limit?: number;
  readonly clock?: () => number;
}

function readerOf(engine: TinyEngine, { keepValues = false, token, limit = 1e7, clock = () => 0 }: Options = {}) {
  const credentials = { current: async () => ({ token, tls: {} }), doubt: () => undefined };
  return createEngineReader({ url: engine.http.url, credentials, limit, keepValues, clock: stillClock(clock) });
}

const container = (seed: string, options?: Parameters<typeof inspectOf>[1]): TinyContainer =>
  running(inspectOf(seed, options));
const path = (seed: string, call: string) => `/containers/${hex(seed)}/${call}`;

describe('a bare Docker daemon', () => {
  it('is read whole: containers, processes and the images they were made from', async () => {
    const engine = await engineOf([container('b'), container('a')], [imageOf('image'), imageOf('unused')]);
    const snapshot = await readerOf(engine, { token: 't0k3n' }).read(never);
    expect(await checked(snapshot)).toMatchObject({
      runtime: { name: 'docker', version: '26.1.0', apiVersion: '1.45' },
      containers: [
        { inspect: { Id: hex('a') }, processes: [{ pid: 100, user: 'root', command: 'redis-server' }] },
        { inspect: { Id: hex('b') } },
      ],
      images: [{ Id: sha('image') }],
      others: [{ Id: sha('unused'), RepoTags: ['unused:latest'], Size: 9, unused: true }],
    });
    expect(convert('n1', snapshot)).toMatchObject({
      containers: [{ id: 'Container:n1/a' }, { id: 'Container:n1/b' }],
      processes: [
        { container: 'Container:n1/a', pid: '100' },
        { container: 'Container:n1/b', pid: '100' },
      ],
    });
    expect(engine.http.asked.every(({ headers }) => headers.authorization === 'Bearer t0k3n')).toBe(true);
    expect(engine.http.taken().toSorted()).toEqual(
      [
        '/version',
        '/containers/json?all=true',
        path('a', 'json'),
        path('a', 'top?ps_args=aux'),
        path('b', 'json'),
        path('b', 'top?ps_args=aux'),
        `/images/${sha('image')}/json`,
        '/images/json',
      ].toSorted(),
    );
  });

  it('is not asked for pause containers, nor for processes of what does not run', async () => {
    const pause = container('pause', { labels: { 'io.kubernetes.docker.type': 'podsandbox' } });
    const exited = container('exited', { fields: { State: { Status: 'exited', Running: false } } });
    const engine = await engineOf([pause, exited]);
    const { containers } = await readerOf(engine).read(never);
    expect(containers).toHaveLength(1);
    expect(containers[0]).not.toHaveProperty('processes');
    expect(engine.http.taken().filter((url) => url.includes(hex('pause')) || url.includes('top'))).toEqual([]);
  });

  it('is asked little at once', async () => {
    const engine = await engineOf(Array.from({ length: 40 }, (_, i) => container(`c${i}`)));
    expect((await readerOf(engine).read(never)).containers).toHaveLength(40);
    expect(engine.mostAtOnce()).toBeLessThanOrEqual(4);
    expect(engine.mostAtOnce()).toBeGreaterThan(1);
  });
});

describe('the images that no container of an engine uses', () => {
  it.each([
    ['a proxy that does not let it through', (response: ServerResponse) => json(response, { message: 'no' }, 403)],
    ['an answer that is none', (response: ServerResponse) => json(response, { images: 1 })],
    ['an older relay', (response: ServerResponse) => json(response, { message: 'page not found' }, 404)],
  ])('are not known behind %s, and all else is', async (_what, answer) => {
    const engine = await engineOf([container('a')], [imageOf('image'), imageOf('unused')]);
    engine.instead.set('/images/json', (_request, response) => answer(response));
    const snapshot = await readerOf(engine).read(never);
    expect(snapshot).not.toHaveProperty('others');
    expect(snapshot).toMatchObject({ containers: [{}], images: [{ Id: sha('image') }] });
  });

  it('are not told of one that holds the namespaces of Pods', async () => {
    const engine = await engineOf(
      [container('p', { labels: { 'io.kubernetes.docker.type': 'podsandbox' } })],
      [imageOf('image')],
    );
    expect((await readerOf(engine).read(never)).others).toMatchObject([{ Id: sha('image') }]);
    expect((await readerOf(engine).read(never)).others?.[0]).not.toHaveProperty('unused');
  });
});

describe('what an engine is not asked again', () => {
  it('is what a container is while its line in the list is the same, but for its age', async () => {
    const engine = await engineOf([container('a')], [imageOf('image')]);
    const reader = readerOf(engine);
    const first = await reader.read(never);
    engine.http.taken();
    for (const each of engine.containers) each.status = 'Up 6 minutes';
    expect(await reader.read(never)).toEqual(first);
    expect(engine.http.taken()).toEqual([
      '/version',
      '/containers/json?all=true',
      path('a', 'top?ps_args=aux'),
      '/images/json',
    ]);
  });

  it.each([
    ['state', (each: TinyContainer) => Object.assign(each.inspect.State, { Status: 'paused' })],
    ['health', (each: TinyContainer) => Object.assign(each, { status: 'Up 5 minutes (unhealthy)' })],
    ['name', (each: TinyContainer) => Object.assign(each.inspect, { Name: '/renamed' })],
  ])('ends when its %s changes', async (_what, change) => {
    const engine = await engineOf([container('a')]);
    const reader = readerOf(engine);
    await reader.read(never);
    engine.http.taken();
    for (const each of engine.containers) change(each);
    await reader.read(never);
    expect(engine.http.taken()).toContain(path('a', 'json'));
  });

  it('ends when the container was started again, which the list does not show: its first process is another', async () => {
    const engine = await engineOf([container('a')]);
    const reader = readerOf(engine);
    await reader.read(never);
    engine.containers[0] = running(
      inspectOf('a', { fields: { State: { Status: 'running', Running: true, Pid: 200 } } }),
    );
    const { containers } = await reader.read(never);
    expect(containers[0]?.inspect.State.Pid).toBe(200);
  });

  it('is an image for five minutes, because tags move unseen', async () => {
    let now = 0;
    const engine = await engineOf([container('a')], [imageOf('image')]);
    const reader = readerOf(engine, { clock: () => now });
    await reader.read(never);
    engine.images[0] = imageOf('image', { RepoTags: ['new:1'] });
    now = 299_999;
    expect((await reader.read(never)).images[0]?.RepoTags).toEqual(['image:latest']);
    now = 300_000;
    expect((await reader.read(never)).images[0]?.RepoTags).toEqual(['new:1']);
  });
});

describe('trouble with one container', () => {
  it('that vanished between list and inspect costs nothing', async () => {
    const engine = await engineOf([container('a'), container('gone')]);
    engine.instead.set(path('gone', 'json'), (_, response) => json(response, { message: 'No such container' }, 404));
    const { containers } = await readerOf(engine).read(never);
    expect(containers.map(({ inspect }) => inspect.Id)).toEqual([hex('a')]);
  });

  it.each([404, 409])('that ended between inspect and processes (%i) leaves it without processes', async (status) => {
    const engine = await engineOf([container('a')]);
    engine.instead.set(path('a', 'top'), (_, response) => json(response, { message: 'not running' }, status));
    const { containers } = await readerOf(engine).read(never);
    expect(containers[0]?.inspect.Id).toBe(hex('a'));
    expect(containers[0]).not.toHaveProperty('processes');
    expect(containers[0]).not.toHaveProperty('error');
  });

  it.each([
    ['an error', 500, { message: 'broken' }, 'inspect: status 500'],
    ['nonsense', 200, ['nonsense'], /^inspect: .*sent an invalid answer/],
    ['another container', 200, inspectOf('other'), /^inspect: .*of another container/],
    ['half a container', 200, { Id: hex('bad') }, /^inspect: .*sent an invalid answer/],
  ])('whose inspect is %s shows what the list says of it, and why', async (_what, status, body, error) => {
    const engine = await engineOf([container('bad', { pod: 'shop/p/c/u' }), container('fine')]);
    engine.instead.set(path('bad', 'json'), (_, response) => json(response, body, status));
    const snapshot = await checked(await readerOf(engine).read(never));
    const bad = snapshot.containers.find(({ inspect }) => inspect.Id === hex('bad'));
    expect(bad?.error).toMatch(error);
    expect(
      convert('n', snapshot)
        .containers.map(({ id }) => id)
        .toSorted(),
    ).toEqual(['Container:n/fine', 'Container:shop/p/c']);
  });

  it('whose processes are an error is shown without them, and why', async () => {
    const engine = await engineOf([container('a'), container('b')]);
    engine.instead.set(path('a', 'top'), (_, response) => json(response, {}, 500));
    engine.instead.set(path('b', 'top'), (_, response) => json(response, { Titles: 'PID', Processes: 7 }));
    const { containers } = await readerOf(engine).read(never);
    const errors = new Map(containers.map(({ inspect, error }) => [inspect.Id, error]));
    expect(errors.get(hex('a'))).toBe('processes: status 500');
    expect(errors.get(hex('b'))).toMatch(/^processes: /);
  });

  it('with no list of processes has none', async () => {
    const engine = await engineOf([running(inspectOf('a'))]);
    for (const each of engine.containers) each.processes = null;
    expect((await readerOf(engine).read(never)).containers[0]?.processes).toEqual([]);
  });
});

describe('trouble with the engine', () => {
  it.each([
    ['/version', 500, {}, 'minion_refused'],
    ['/version', 200, ['x'], 'minion_nonsense'],
    ['/containers/json', 401, {}, 'minion_refused'],
    ['/containers/json', 200, { not: 'a list' }, 'minion_nonsense'],
    ['/containers/json', 200, [{ Id: '../../etc' }], 'minion_nonsense'],
    ['/containers/json', 200, [{ Names: [] }], 'minion_nonsense'],
  ])('at %s (%i) is an error of all of it', async (at, status, body, code) => {
    const engine = await engineOf([container('a')]);
    engine.instead.set(at, (_, response) => json(response, body, status));
    await expect(readerOf(engine).read(never)).rejects.toMatchObject({ code });
  });

  it('that answers with more than the limit is cut off', async () => {
    const engine = await engineOf([container('a')]);
    engine.instead.set('/containers/json', (_, response) => {
      const more = () => void (response.destroyed || response.write('x'.repeat(10_000), () => setImmediate(more)));
      more();
    });
    await expect(readerOf(engine, { limit: 100_000 }).read(never)).rejects.toMatchObject({ code: 'minion_too_large' });
  });

  it.each(['/version', '/containers/json', path('a', 'json'), path('a', 'top')])(
    'that hangs at %s ends with the signal',
    async (at) => {
      const engine = await engineOf([container('a')]);
      const controller = new AbortController();
      engine.instead.set(at, () => controller.abort(new Error('enough')));
      await expect(readerOf(engine).read(controller.signal)).rejects.toThrow('enough');
    },
  );

  it('that ends a connection in mid-answer is waited for no longer than the signal says', async () => {
    const engine = await engineOf([container('a')]);
    const controller = new AbortController();
    engine.instead.set('/containers/json', (_, response) => {
      response.on('close', () => controller.abort(new Error('enough')));
      response.writeHead(200, { 'content-length': 100 }).write('[', () => response.destroy());
    });
    await expect(readerOf(engine).read(controller.signal)).rejects.toMatchObject({});
  });

  it('that is not there says so', async () => {
    const engine = await engineOf([]);
    await engine.http.close();
    closing.length = 0;
    await expect(readerOf(engine).read(never)).rejects.toMatchObject({
      code: 'minion_unreachable',
      facts: { reason: 'connection refused' },
    });
  });
});

describe('what a bare daemon does not redact', () => {
  const leaky = () =>
    running(
      inspectOf('a', {
        labels: { 'annotation.kubectl.kubernetes.io/last-applied-configuration': `{"password":"${secret}"}` },
        fields: {
          Args: [`--password=${secret}`],
          ExecIDs: Array.from({ length: 100_000 }, (_, i) => hex(String(i))),
          Config: {
            Image: 'redis:7',
            Env: [`REDIS_PASSWORD=${secret}`],
            Cmd: ['--password', secret],
            Labels: { 'io.kubernetes.last-applied': secret },
          },
        },
      }),
      [['root', '100', '0.0', `redis-server --password=${secret}`]],
    );
  const image = () => imageOf('image', { Config: { Env: [`TOKEN=${secret}`] } });

  it('is redacted here: the canary is in no byte, the names are', async () => {
    const text = JSON.stringify(await readerOf(await engineOf([leaky()], [image()])).read(never));
    expect(text).not.toContain(secret);
    expect(text).toContain('REDIS_PASSWORD=[redacted]');
    expect(text).toContain('TOKEN=[redacted]');
  });

  it('is redacted even where only the list could be read', async () => {
    const engine = await engineOf([leaky()]);
    engine.instead.set(path('a', 'json'), (_, response) => json(response, {}, 500));
    const { containers } = await readerOf(engine).read(never);
    expect(containers).toHaveLength(1);
    expect(JSON.stringify(containers)).not.toContain(secret);
  });

  it('is kept where the switch says so; the list of ExecIDs is cut all the same', async () => {
    const { containers } = await readerOf(await engineOf([leaky()]), { keepValues: true }).read(never);
    expect(containers[0]?.inspect.Config.Env).toEqual([`REDIS_PASSWORD=${secret}`]);
    expect(containers[0]?.inspect.ExecIDs).toBe('omitted list of 100000 elements');
  });
});
