// The same assertions on every real runtime: what a minion reports of it, and that it reports no more.
import Dockerode from 'dockerode';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { ContainerInspect, ContainerSummary, ImageInspect } from '../../src/docker-api.ts';
import type { NodeSnapshot } from '../../src/minion-api.ts';
import { eventually } from '../support/engines/daemon.ts';
import { type TestEngine, testImage } from '../support/engines/engine.ts';
import { engineKinds, missing, startEngine } from '../support/engines/index.ts';
import { startMinion, type TestMinion } from '../support/minion.ts';

const canary = 'canary-7h1s-mu5t-n0t-l3ave';
const secretEnv = { DATABASE_PASSWORD: canary, HARMLESS: `prefix-${canary}` };
const secretLabels = {
  'vault/api-token': canary,
  'annotation.kubectl.kubernetes.io/last-applied-configuration': `{"data":{"x":"${canary}"}}`,
};
const secretArgs = ['/bin/sh', '-c', 'sleep 1000; true', 'name', `--password=${canary}`, '--token', canary];

/** The differences of the runtimes. */
const expected = {
  docker: { runtime: 'docker', tag: 'insight-test:1', paused: 'paused', restartCount: 0 },
  podman: { runtime: 'podman', tag: testImage, paused: 'paused', restartCount: 0 },
  // CRI cannot report paused containers, and a restart creates a new container.
  containerd: { runtime: 'containerd', tag: testImage, paused: 'running', restartCount: 1 },
} as const;

for (const kind of engineKinds) {
  const reason = missing(kind);
  describe.skipIf(reason !== undefined)(`a minion over ${kind.name}${reason ? ` (${reason})` : ''}`, () => {
    const facts = expected[kind.name];
    let engine: TestEngine;
    let minion: TestMinion;
    let plain: string;
    let secret: string;

    beforeAll(async () => {
      engine = await startEngine(kind);
      minion = await startMinion(engine.socket, '--node-name', 'node-1');
      plain = await engine.run({
        name: 'plain',
        args: ['/bin/sh', '-c', 'sleep 1000 & sleep 999; true'],
        labels: { tier: 'web' },
      });
      secret = await engine.run({ name: 'secret', args: secretArgs, env: secretEnv, labels: secretLabels });
      // A shell runs before its children do.
      await seen('the children of the shells', async () => {
        const [one, other] = [await inSnapshot(plain), await inSnapshot(secret)];
        return one?.processes?.length === 3 && other?.processes?.length === 2;
      });
    });
    afterAll(async () => {
      await minion?.close();
      await engine?.close();
    });

    const inspect = async (id: string) => (await minion.get(`/containers/${id}/json`)).json<ContainerInspect>();
    const snapshot = async () => (await minion.get('/snapshot')).json<NodeSnapshot>();
    const inSnapshot = async (id: string) => (await snapshot()).containers.find(({ inspect: { Id } }) => Id === id);
    const seen = (what: string, look: () => Promise<boolean>) => eventually(what, 20_000, look);

    test('says which runtime it is, and that it is ready', async () => {
      expect((await snapshot()).runtime.name).toBe(facts.runtime);
      expect((await minion.get('/_ping')).text).toBe('OK');
      expect((await minion.get('/version')).json()).toMatchObject({ Version: expect.stringMatching(/^\d+\.\d+/) });
      expect((await minion.get('/readyz')).status).toBe(200);
    });

    test('lists the running containers, and no sandbox', async () => {
      const list = (await minion.get('/containers/json')).json<ContainerSummary[]>();
      expect(list.map(({ Id }) => Id).toSorted()).toEqual([plain, secret].toSorted());
      const one = list.find(({ Id }) => Id === plain);
      expect(one).toMatchObject({ State: 'running', Labels: { tier: 'web' }, Created: expect.any(Number) });
      expect(one?.ImageID).toMatch(/^sha256:[0-9a-f]{64}$/);
      expect(one?.Names[0]).toMatch(/^\/(?:k8s_)?plain/);
    });

    test('inspects a container by its id and by its name', async () => {
      const one = await inspect(plain);
      expect(one).toMatchObject({
        Id: plain,
        Path: '/bin/sh',
        Args: ['-c', 'sleep 1000 & sleep 999; true'],
        State: { Status: 'running', Running: true, Pid: expect.any(Number) },
        Config: { Image: testImage, Labels: { tier: 'web' } },
      });
      expect(one.Config.Env).toContain('PATH=[redacted]');
      expect(Date.parse(one.Created ?? '')).toBeGreaterThan(Date.now() - 600_000);
      expect((await inspect(one.Name.slice(1))).Id).toBe(plain);
    });

    test('lists the processes with the pids of the node', async () => {
      const top = (await minion.get(`/containers/${plain}/top?ps_args=aux`)).json<{
        Titles: string[];
        Processes: string[][];
      }>();
      expect(top.Processes).toHaveLength(3);
      expect(top.Processes.flat().join(' ')).toContain('sleep 999');
      const { Pid } = (await inspect(plain)).State;
      expect(top.Processes.map((row) => row[top.Titles.indexOf('PID')])).toContain(String(Pid));
    });

    test('has the processes in the snapshot, with their pids on the node and in the container', async () => {
      const processes = (await inSnapshot(plain))?.processes;
      const first = processes?.[0];
      expect(first?.pid).toBe((await inspect(plain)).State.Pid);
      expect(first?.innerPid).toBe(1);
      expect(processes?.filter(({ ppid }) => ppid === first?.pid).length).toBeGreaterThan(0);
      expect(processes?.map(({ command }) => command).toSorted()).toEqual([
        '/bin/sh -c sleep 1000 & sleep 999; true',
        'sleep 1000',
        'sleep 999',
      ]);
      expect(processes?.map(({ user }) => user)).toEqual(['root', 'root', 'root']);
    });

    test('inspects the image a container was made from', async () => {
      const { Image } = await inspect(plain);
      const image = (await minion.get(`/images/${Image}/json`)).json<ImageInspect>();
      expect(image).toMatchObject({ Id: Image, RepoTags: [facts.tag], Os: 'linux', Size: expect.any(Number) });
      expect(image.Created).toMatch(/^2026-11-20T12:00:00/);
      expect((await snapshot()).images.map(({ Id }) => Id)).toEqual([Image]);
    });

    test('answers 304 while nothing changed, though time and memory go on', async () => {
      const first = await minion.get('/snapshot');
      const etag = first.headers.get('etag') ?? '';
      expect(etag).toMatch(/^W\/"[\w-]+"$/);
      const began = Date.now();
      await eventually('snapshots older than any kept one', 5000, async () => {
        const again = await minion.get('/snapshot', { 'if-none-match': etag });
        expect(again.status).toBe(304);
        expect(again.text).toBe('');
        return Date.now() - began > 1200;
      });
      expect(first.json<NodeSnapshot>()).toMatchObject({ node: 'node-1', containers: [{}, {}] });
    });

    test('lets no byte of a secret in environment, arguments or labels leave the node', async () => {
      const paths = [
        ...[
          '/containers/json',
          '/containers/json?all=1',
          '/snapshot',
          '/metrics',
          '/version',
          '/containers/nothing/json',
        ],
        ...[`/containers/${secret}/json`, `/containers/${secret}/top?ps_args=aux`, `/containers/${secret}/top`],
      ];
      const answers = await Promise.all(paths.map((path) => minion.get(path)));
      for (const [index, { text, headers }] of answers.entries()) {
        expect(text + JSON.stringify([...headers]), paths[index]).not.toContain(canary.slice(7));
      }
      const { Config } = await inspect(secret);
      expect(Config.Env).toEqual(expect.arrayContaining(['DATABASE_PASSWORD=[redacted]', 'HARMLESS=[redacted]']));
      expect(Config.Labels?.['vault/api-token']).toBe('[redacted]');
    });

    test('keeps the values where it is told to', async () => {
      const open = await startMinion(engine.socket, '--keep-values');
      const texts = await Promise.all(
        [`/containers/${secret}/json`, '/snapshot', `/containers/${secret}/top?ps_args=aux`].map((path) =>
          open.get(path),
        ),
      );
      for (const { text } of texts) expect(text).toContain(canary);
      await open.close();
    });

    test('is a Docker daemon to dockerode', async () => {
      const { hostname, port } = new URL(minion.url);
      const docker = new Dockerode({ protocol: 'http', host: hostname, port });
      expect(String(await docker.ping())).toBe('OK');
      const list = await docker.listContainers({ all: true });
      expect(list.map(({ Id }) => Id)).toContain(plain);
      const one = await docker.getContainer(plain).inspect();
      expect(one.State.Running).toBe(true);
      const top = (await docker.getContainer(plain).top({ ps_args: 'aux' })) as { Processes: string[][] };
      expect(top.Processes).toHaveLength(3);
      expect((await docker.getImage(one.Image).inspect()).RepoTags).toEqual([facts.tag]);
      await expect(docker.getContainer('nothing').inspect()).rejects.toMatchObject({ statusCode: 404 });
      await expect(docker.createContainer({ Image: testImage })).rejects.toMatchObject({ statusCode: 404 });
      await expect(docker.getContainer(plain).stop()).rejects.toMatchObject({ statusCode: 404 });
      expect((await inspect(plain)).State.Running).toBe(true);
    });

    test('sees a container restart', async () => {
      const before = await inspect(plain);
      plain = await engine.restart(plain);
      await seen('the restarted container', async () => {
        const held = (await inSnapshot(plain))?.inspect;
        return held?.State.Running === true && held.State.Pid !== before.State.Pid && (held.State.Pid ?? 0) > 0;
      });
      const held = (await inSnapshot(plain))?.inspect;
      expect(held?.RestartCount).toBe(facts.restartCount);
      expect(held?.State.StartedAt).not.toBe(before.State.StartedAt);
      expect((await snapshot()).containers).toHaveLength(2);
    });

    test('sees a container paused and go on', async () => {
      await engine.pause(plain);
      await seen('the pause', async () => (await inSnapshot(plain))?.inspect.State.Status === facts.paused);
      expect((await inspect(plain)).State.Status).toBe(facts.paused);
      await engine.unpause(plain);
      await seen('the going on', async () => (await inSnapshot(plain))?.inspect.State.Status === 'running');
    });

    test('sees a container die, keeps it as exited, and has no processes of it', async () => {
      const id = await engine.run({ name: 'mortal', args: ['/bin/sleep', '1000'] });
      await seen('the new container', async () => (await inSnapshot(id))?.processes?.length === 1);
      const { etag } = Object.fromEntries((await minion.get('/snapshot')).headers);
      await engine.kill(id);
      await seen('its end', async () => (await inSnapshot(id))?.inspect.State.Status === 'exited');
      const held = await inSnapshot(id);
      expect(held?.inspect.State).toMatchObject({ Running: false, ExitCode: 137 });
      expect(held?.processes).toBeUndefined();
      expect(held?.error).toBeUndefined();
      expect((await minion.get('/snapshot', { 'if-none-match': String(etag) })).status).toBe(200);
      const running = (await minion.get('/containers/json')).json<ContainerSummary[]>();
      expect(running.map(({ Id }) => Id)).not.toContain(id);
      const all = (await minion.get('/containers/json?all=true')).json<ContainerSummary[]>();
      expect(all.find(({ Id }) => Id === id)?.State).toBe('exited');
      expect((await minion.get(`/containers/${id}/top?ps_args=aux`)).status).toBe(409);
      await engine.remove(id);
      await seen('its removal', async () => (await inSnapshot(id)) === undefined);
    });

    test('answers 404 for a container that was removed between list and inspect', async () => {
      const id = await engine.run({ name: 'short', args: ['/bin/sleep', '1000'] });
      expect((await minion.get('/containers/json')).text).toContain(id);
      await engine.remove(id);
      const answer = await minion.get(`/containers/${id}/json`);
      expect(answer.status).toBe(404);
      expect(answer.json()).toMatchObject({ success: false, code: 'container_not_found' });
      expect((await minion.get(`/containers/${id}/top?ps_args=aux`)).status).toBe(404);
      expect((await minion.get('/images/nothing:none/json')).json()).toMatchObject({ code: 'image_not_found' });
    });

    test('answers 502 while the engine is stopped, and comes back with it', async () => {
      await engine.stop();
      for (const path of ['/containers/json', '/snapshot', `/containers/${plain}/json`, '/version', '/_ping']) {
        const answer = await minion.get(path);
        expect(answer.json(), path).toMatchObject({ success: false, code: 'engine_down' });
        expect(answer.status).toBe(502);
        expect(answer.text).not.toContain(engine.socket);
      }
      expect((await minion.get('/readyz')).status).toBe(503);
      expect((await minion.get('/livez')).status).toBe(200);
      await engine.start();
      await seen('the engine again', async () => (await minion.get('/snapshot')).status === 200);
      const id = await engine.run({ name: 'after', args: ['/bin/sleep', '1000'] });
      await seen('a container started since', async () => (await inSnapshot(id))?.processes?.length === 1);
      expect((await minion.get('/readyz')).status).toBe(200);
    });

    test('tells an image with its size as unused once its last container is gone', async () => {
      expect((await snapshot()).others).not.toContainEqual(expect.objectContaining({ RepoTags: [facts.tag] }));
      for (const { inspect: one } of (await snapshot()).containers) await engine.remove(one.Id);
      const idle = async () => (await snapshot()).others?.find(({ RepoTags }) => RepoTags?.includes(facts.tag));
      await seen('the image that nothing uses', async () => (await idle())?.unused === true);
      expect((await idle())?.Size).toBeGreaterThan(100_000);
      expect((await snapshot()).images).toEqual([]);
    });
  });
}
