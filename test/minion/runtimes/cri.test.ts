import { status as codes } from '@grpc/grpc-js';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { cri } from '../../../minion/runtimes/cri.ts';
import type { ContainerInspect, ContainerSummary, ImageInspect } from '../../../src/docker-api.ts';
import type { NodeSnapshot } from '../../../src/minion-api.ts';
import { eventually } from '../../support/engines/daemon.ts';
import { type FakeCri, startFakeCri } from '../../support/fake-cri.ts';
import { startMinion, type TestMinion } from '../../support/minion.ts';

const image = 'd'.repeat(64);
const repoDigest = `quay.io/shop/web@sha256:${'e'.repeat(64)}`;
const one = '1'.repeat(64);
const two = '2'.repeat(64);

const status = (id: string, name: string, state = 1) => ({
  id,
  metadata: { name, attempt: 2 },
  state,
  created_at: '1795193912614470601',
  started_at: '1795193912614470601',
  image: { image: 'quay.io/shop/web:1' },
  // As CRI-O does: the manifest's digest here, and ids without algorithm.
  image_ref: repoDigest,
  labels: { 'io.kubernetes.container.name': name },
});
const info = { pid: 0, runtimeSpec: { process: { args: ['web'], env: ['TOKEN=hidden-value'] } } };

let runtime: FakeCri;
let minion: TestMinion;

async function begin(options = {}): Promise<void> {
  runtime = await startFakeCri(options);
  runtime.containers.set(one, { status: status(one, 'web'), info });
  runtime.images.push({ id: image, repo_tags: ['quay.io/shop/web:1'], repo_digests: [repoDigest], size: '5' });
  minion = await startMinion(runtime.socket);
}
afterEach(async () => {
  await minion.close();
  await runtime.close();
});

const snapshot = async () => (await minion.get('/snapshot')).json<NodeSnapshot>();

describe('a CRI runtime with events', () => {
  beforeEach(() => begin());

  test('is named by its own answer', async () => {
    expect((await snapshot()).runtime).toEqual({ name: 'cri-o', version: '1.31.0', apiVersion: 'v1' });
    expect((await minion.get('/version')).json()).toMatchObject({ Version: '1.31.0', Components: [{ Name: 'cri-o' }] });
  });

  test('has its image ids with their algorithm, and is asked for them without', async () => {
    const [summary] = (await minion.get('/containers/json')).json<ContainerSummary[]>();
    expect(summary?.ImageID).toBe(`sha256:${image}`);
    const inspect = (await minion.get(`/containers/${one}/json`)).json<ContainerInspect>();
    expect(inspect).toMatchObject({ Image: `sha256:${image}`, RestartCount: 2, Name: '/web' });
    const answer = (await minion.get(`/images/sha256:${image}/json`)).json<ImageInspect>();
    expect(answer).toMatchObject({ Id: `sha256:${image}`, RepoDigests: [repoDigest], Size: 5 });
    expect((await snapshot()).images.map(({ Id }) => Id)).toEqual([`sha256:${image}`]);
  });

  test('is not listed again while no event comes', async () => {
    await eventually('the events to be followed', 10_000, () => runtime.listeners() > 0);
    // A stream counts as established a second after its start.
    await eventually('a round without a list', 10_000, async () => {
      await snapshot();
      const before = runtime.calls.get('ListContainers') ?? 0;
      await new Promise((resolve) => setTimeout(resolve, 1100));
      await snapshot();
      return runtime.calls.get('ListContainers') === before;
    });
    const inspects = runtime.calls.get('ContainerStatus') ?? 0;
    runtime.containers.set(two, { status: status(two, 'new'), info });
    runtime.emit(two);
    await eventually('the new container', 5000, async () => (await snapshot()).containers.length === 2);
    expect(runtime.calls.get('ContainerStatus')).toBe(inspects + 1);
  });

  test('says of running containers that their processes are not to be seen, where that is so', async () => {
    const [container] = (await snapshot()).containers;
    expect(container?.processes).toBeUndefined();
    expect(container?.error).toContain('No processes of container');
    const answer = await minion.get(`/containers/${one}/top?ps_args=aux`);
    expect([answer.status, answer.json<{ code: string }>().code]).toEqual([502, 'processes_unseen']);
  });

  test('a malformed container affects only itself: an unknown state, an entry without an id', async () => {
    runtime.containers.set(two, {
      status: status(two, 'later', 99),
      info: { ...info, runtimeSpec: { process: { args: 7 } } },
    });
    runtime.containers.set('none', { status: { ...status('', 'none') }, info });
    const { containers } = await snapshot();
    expect(containers.map(({ inspect }) => [inspect.Name, inspect.State.Status])).toEqual([
      ['/web', 'running'],
      ['/later', 'unknown'],
    ]);
    const list = (await minion.get('/containers/json?all=1')).json<ContainerSummary[]>();
    expect(list.map(({ State }) => State).toSorted()).toEqual(['running', 'unknown']);
    expect((await minion.get('/metrics')).text).toMatch(/outcome="engine_nonsense"\} [1-9]/);
  });

  const failures: readonly [string, number, number, string][] = [
    ['is not there', codes.UNAVAILABLE, 502, 'engine_down'],
    ['does not know the container', codes.NOT_FOUND, 404, 'container_not_found'],
    ['fails', codes.INTERNAL, 502, 'engine_error'],
    ['sends too much', codes.RESOURCE_EXHAUSTED, 502, 'engine_too_large'],
    ['takes too long', codes.DEADLINE_EXCEEDED, 504, 'engine_slow'],
  ];
  test.each(failures)('answers an error of ours when it %s', async (_what, code, expected, name) => {
    runtime.failing.set('ContainerStatus', code);
    const answer = await minion.get(`/containers/${one}/json`);
    expect([answer.status, answer.json<{ code: string }>().code]).toEqual([expected, name]);
    expect(answer.text).not.toContain(runtime.socket);
  });

  test('finds a container by the name it is listed with', async () => {
    expect((await minion.get('/containers/web/json')).json<ContainerInspect>().Id).toBe(one);
    expect((await minion.get('/containers/other/json')).status).toBe(404);
  });

  test('tells the images that no container uses, those that the runtime keeps, and not that of sandboxes as unused', async () => {
    const [pause, kept, idle] = ['1', '2', '3'].map((digit) => digit.repeat(64)) as [string, string, string];
    runtime.images.push(
      { id: pause, repo_tags: ['registry.k8s.io/pause:3.10'], size: '7' },
      { id: kept, repo_tags: [], repo_digests: [`quay.io/kept@sha256:${'4'.repeat(64)}`], size: '8', pinned: true },
      { id: idle, repo_tags: ['quay.io/idle:1'], size: '9' },
    );
    runtime.config.text = JSON.stringify({ sandboxImage: 'registry.k8s.io/pause:3.10' });
    await eventually('them', 5000, async () => (await snapshot()).others?.length === 3);
    expect((await snapshot()).others).toEqual([
      { Id: `sha256:${pause}`, RepoTags: ['registry.k8s.io/pause:3.10'], RepoDigests: [], Size: 7 },
      { Id: `sha256:${kept}`, RepoTags: [], RepoDigests: expect.any(Array), Size: 8, unused: true, pinned: true },
      { Id: `sha256:${idle}`, RepoTags: ['quay.io/idle:1'], RepoDigests: [], Size: 9, unused: true },
    ]);
  });

  test.each([
    ['fails', () => runtime.failing.set('Status', codes.UNIMPLEMENTED)],
    ['is not JSON', () => Object.assign(runtime.config, { text: '{' })],
    ['is of another shape', () => Object.assign(runtime.config, { text: '{"sandboxImage":{"a":1}}' })],
  ])('has its images all the same where its status %s', async (_what, arrange) => {
    arrange();
    runtime.images.push({ id: two, repo_tags: ['quay.io/idle:1'], size: '9' });
    await eventually('the image', 5000, async () => (await snapshot()).others?.[0]?.unused === true);
  });

  test('says nothing of what is no image', async () => {
    expect((await minion.get('/images/none:1/json')).json()).toMatchObject({ code: 'image_not_found' });
  });

  test('is given up on after the time of a call', async () => {
    runtime.failing.set('ContainerStatus', -1);
    const limits = { timeout: 20_000, answer: 1000 };
    const opened = await cri.open(runtime.socket, limits);
    limits.timeout = 100;
    await expect(opened?.inspectContainer(one)).rejects.toMatchObject({ code: 'engine_slow' });
    opened?.close();
  });

  test('is bounded in what it may answer', async () => {
    const opened = await cri.open(runtime.socket, { timeout: 20_000, answer: 200 });
    await expect(opened?.inspectContainer(one)).rejects.toMatchObject({ code: 'engine_too_large' });
    opened?.close();
  });
});

describe('a CRI runtime without events', () => {
  beforeEach(() => begin({ events: false }));

  test('is listed at each round, and a container inspected only when its state is another', async () => {
    await snapshot();
    const inspects = runtime.calls.get('ContainerStatus') ?? 0;
    runtime.containers.set(two, { status: status(two, 'new'), info });
    await eventually('the new container', 5000, async () => (await snapshot()).containers.length === 2);
    expect(runtime.calls.get('ContainerStatus')).toBe(inspects + 1);
    runtime.containers.set(one, { status: status(one, 'web', 2), info });
    await eventually('the end', 5000, async () => (await snapshot()).containers[0]?.inspect.State.Status === 'exited');
    expect(runtime.calls.get('ContainerStatus')).toBe(inspects + 2);
  });

  test('shows another tag of an image', async () => {
    expect((await snapshot()).images[0]?.RepoTags).toEqual(['quay.io/shop/web:1']);
    runtime.images[0] = { id: image, repo_tags: ['quay.io/shop/web:2'], repo_digests: [repoDigest], size: '5' };
    await eventually('the tag', 5000, async () => (await snapshot()).images[0]?.RepoTags?.[0] === 'quay.io/shop/web:2');
  });
});
