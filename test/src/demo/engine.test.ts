import { mkdtempSync, rmSync } from 'node:fs';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import Docker from 'dockerode';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { type Engine, engineContainer, engineImage, manyContainers, startEngine } from '../../../src/demo/engine.ts';
import { ask, askJson, openLines } from '../../support/http.ts';

const imageId = `sha256:${'a'.repeat(64)}`;
const web = engineContainer({
  name: 'web',
  image: 'nginx:1',
  imageId,
  labels: { app: 'web' },
  processes: ['nginx: master', 'nginx: worker'],
});
const done = engineContainer({ name: 'done', image: 'nginx:1', imageId, status: 'exited', exitCode: 3 });

describe('the fake Docker Engine', () => {
  let engine: Engine;
  beforeEach(async () => {
    engine = await startEngine();
    for (const container of [web, done]) engine.containers.set(container.inspect.Id, container);
    engine.images.set(
      imageId,
      engineImage({
        id: imageId,
        tags: ['nginx:1', 'registry.example.com/a/nginx:1'],
        digests: [`nginx@sha256:${'b'.repeat(64)}`],
      }),
    );
  });
  afterEach(() => engine.stop());

  const get = <T>(path: string) => askJson<T>(`${engine.url}${path}`);
  const failure = async (path: string) => {
    const { status, text } = await ask(`${engine.url}${path}`);
    return [status, (JSON.parse(text) as { message: string }).message];
  };

  it('answers a ping in plain text and its version in JSON', async () => {
    expect((await ask(`${engine.url}/_ping`)).text).toBe('OK');
    expect(await get('/version')).toMatchObject({ Version: '28.3.0', ApiVersion: '1.51' });
  });

  it('lists what runs, all on demand, and by filter', async () => {
    const names = async (query: string) =>
      (await get<{ Names: string[] }[]>(`/containers/json${query}`)).map(({ Names }) => Names[0]);
    expect(await names('')).toEqual(['/web']);
    expect(await names('?all=1')).toEqual(['/web', '/done']);
    expect(await names('?all=true&limit=1')).toEqual(['/web']);
    expect(await names(`?filters=${encodeURIComponent('{"status":["exited"]}')}`)).toEqual(['/done']);
    expect(await names(`?all=1&filters=${encodeURIComponent('{"label":{"app=web":true}}')}`)).toEqual(['/web']);
    expect(await failure('/containers/json?filters=%7B')).toEqual([400, 'invalid filter']);
  });

  it('finds a container by id, the beginning of one, and name', async () => {
    const { Id } = web.inspect;
    for (const id of [Id, Id.slice(0, 12), 'web']) expect(await get(`/containers/${id}/json`)).toEqual(web.inspect);
    expect(await failure('/containers/nobody/json')).toEqual([404, 'No such container: nobody']);
  });

  it('lists the processes of what runs, and refuses for what does not', async () => {
    const { Titles, Processes } = await get<{ Titles: string[]; Processes: string[][] }>(
      '/containers/web/top?ps_args=aux',
    );
    expect(Processes.map((row) => row[Titles.indexOf('COMMAND')])).toEqual(['nginx: master', 'nginx: worker']);
    expect(await failure('/containers/done/top')).toEqual([409, `container ${done.inspect.Id} is not running`]);
  });

  it('finds an image by id, tag and digest, slashes included', async () => {
    for (const name of [imageId, 'nginx:1', 'registry.example.com/a/nginx:1', `nginx@sha256:${'b'.repeat(64)}`]) {
      expect(await get(`/images/${name}/json`)).toMatchObject({ Id: imageId });
    }
    expect(await failure('/images/nothing/json')).toEqual([404, 'No such image: nothing:latest']);
    expect(await get('/images/json')).toMatchObject([{ Id: imageId, Containers: 2 }]);
  });

  it('speaks with a version in front, between its oldest and its newest', async () => {
    expect(await get('/v1.43/containers/web/json')).toMatchObject({ Name: '/web' });
    expect((await failure('/v1.99/version'))[0]).toBe(400);
    expect((await failure('/v1.2/version'))[0]).toBe(400);
  });

  it('changes nothing over HTTP and knows no other path', async () => {
    expect((await ask(`${engine.url}/containers/web/kill`, { method: 'POST' })).status).toBe(404);
    expect(await failure('/containers/web/logs')).toEqual([404, 'page not found']);
  });

  it('sends events to those who follow, by type', async () => {
    const all = await openLines(`${engine.url}/events`);
    const images = await openLines(`${engine.url}/events?filters=${encodeURIComponent('{"type":["image"]}')}`);
    engine.emit({ Type: 'container', Action: 'die', Actor: { ID: 'x' }, time: 1 });
    engine.emit({ Type: 'image', Action: 'pull', Actor: { ID: 'y' }, time: 2 });
    expect((await all.take(2)).map((line) => (JSON.parse(line) as { id: string }).id)).toEqual(['x', 'y']);
    expect(JSON.parse((await images.next()) ?? '')).toMatchObject({ Action: 'pull', time: 2 });
    all.close();
    images.close();
  });

  it('remembers every request line and every byte', async () => {
    await new Promise<void>((resolve) => {
      const socket = connect(Number(new URL(engine.url).port), '127.0.0.1');
      socket.on('close', () => resolve());
      socket.on('data', () => undefined);
      socket.end(
        'GET /containers/web%3Fall=1/json HTTP/1.1\r\nHost: x\r\nX-Odd: yes\r\nConnection: close\r\n\r\nGARBAGE',
      );
    });
    expect(engine.requestLines).toEqual(['GET /containers/web%3Fall=1/json HTTP/1.1']);
    expect(engine.received().toString()).toContain('X-Odd: yes\r\nConnection: close\r\n\r\nGARBAGE');
    engine.forget();
    expect([engine.requestLines.length, engine.received().length]).toEqual([0, 0]);
  });

  it('refuses a target that is not a URL', async () => {
    expect((await ask(`${engine.url}/containers/%zz/json`)).status).toBe(400);
  });

  it('goes wrong as told, so often as told', async () => {
    engine.fault({ effect: 'status', code: 500, path: '/containers/json' });
    engine.fault({ effect: 'drop', path: '/version' });
    expect(await failure('/containers/json')).toEqual([500, 'out of order on purpose']);
    await expect(ask(`${engine.url}/version`)).rejects.toThrow('socket hang up');
    expect((await ask(`${engine.url}/version`)).status).toBe(200);
    engine.fault({ effect: 'delay', path: '/images/json' });
    const stalled = ask(`${engine.url}/images/json`);
    await expect.poll(() => engine.requestLines.at(-1)).toContain('/images/json');
    engine.clearFaults();
    await expect(ask(`${engine.url}/_ping`)).resolves.toMatchObject({ status: 200 });
    engine.dropConnections();
    await expect(stalled).rejects.toThrow('socket hang up');
  });

  it('lists a container that has vanished by the time it is asked for', async () => {
    engine.containers.set(web.inspect.Id, { ...web, vanished: true });
    expect(await get<object[]>('/containers/json')).toHaveLength(1);
    expect((await failure(`/containers/${web.inspect.Id}/json`))[0]).toBe(404);
  });

  it('remembers as many exec sessions as told', async () => {
    const busy = engineContainer({ name: 'busy', image: 'a', imageId, execs: 5000 });
    engine.containers.set(busy.inspect.Id, busy);
    expect((await get<{ ExecIDs: string[] }>('/containers/busy/json')).ExecIDs).toHaveLength(5000);
  });

  it('makes containers by the hundred, each its own', () => {
    const made = manyContainers(300);
    expect(new Set(made.map(({ inspect }) => inspect.Id)).size).toBe(300);
    expect(made.every(({ processes }) => processes?.length === 1)).toBe(true);
  });

  it('keeps its port over a stop and a start', async () => {
    const { url } = engine;
    await engine.stop();
    await expect(ask(`${url}/_ping`)).rejects.toThrow('ECONNREFUSED');
    await engine.start();
    expect(engine.url).toBe(url);
    expect((await ask(`${url}/_ping`)).status).toBe(200);
  });

  it('serves dockerode over a unix socket', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'engine-'));
    const socketPath = join(folder, 'docker.sock');
    const local = await startEngine({ socketPath });
    for (const container of [web, done]) local.containers.set(container.inspect.Id, container);
    const docker = new Docker({ socketPath });
    expect((await docker.listContainers({ all: true })).map(({ Names }) => Names[0])).toEqual(['/web', '/done']);
    expect((await docker.getContainer('web').top({ ps_args: 'aux' })).Processes).toHaveLength(2);
    await local.stop();
    rmSync(folder, { recursive: true });
  });
});
