import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { NodeSnapshot } from '../../../src/minion-api.ts';
import { eventually } from '../../support/engines/daemon.ts';
import { startMinion, type TestMinion } from '../../support/minion.ts';
import {
  fakeContainer,
  fakeImage,
  type RecordingEngine,
  startRecordingEngine,
} from '../../support/recording-engine.ts';

const count = 300;
let engine: RecordingEngine;
let minion: TestMinion;

beforeEach(async () => {
  engine = await startRecordingEngine(Array.from({ length: count }, (_, number) => fakeContainer(number + 1)));
  minion = await startMinion(engine.socket);
  await eventually('the events to be followed', 10_000, () => engine.listeners() > 0);
});
afterEach(async () => {
  await minion.close();
  await engine.close();
});

const calls = (form: RegExp) =>
  [...engine.calls].reduce((sum, [path, times]) => sum + (form.test(path) ? times : 0), 0);
const inspects = () => calls(/^\/containers\/[0-9a-f]+\/json/);
const lists = () => calls(/^\/containers\/json/);
const images = () => calls(/^\/images\/sha256/);
const imageLists = () => calls(/^\/images\/json/);
const snapshot = async () => (await minion.get('/snapshot')).json<NodeSnapshot>();
const held = async (id: string) => (await snapshot()).containers.find(({ inspect }) => inspect.Id === id);
const idOf = (number: number) => fakeContainer(number).id;
const image = (seed: string, Size: number) => ({
  Id: `sha256:${seed.repeat(64 / seed.length)}`,
  RepoTags: [`${seed}:1`],
  Size,
});
const sandbox = (ImageID: string) => ({
  ...{ Id: idOf(count + 1), Names: ['/pause'], Image: 'pause', ImageID, Created: 1, State: 'running', Status: 'Up' },
  Labels: { 'io.kubernetes.docker.type': 'podsandbox' },
});

describe('the snapshot of 300 containers', () => {
  test('costs one list, one inspect a container and one image, and then no more while nothing changes', async () => {
    expect((await snapshot()).containers).toHaveLength(count);
    expect([lists(), imageLists(), inspects(), images()]).toEqual([1, 1, count, 1]);
    const etag = (await minion.get('/snapshot')).headers.get('etag') ?? '';
    const began = Date.now();
    await eventually('some rounds', 10_000, async () => {
      expect((await minion.get('/snapshot', { 'if-none-match': etag })).status).toBe(304);
      return Date.now() - began > 1500;
    });
    expect([lists(), imageLists(), inspects(), images()]).toEqual([1, 1, count, 1]);
  });

  test('is in order of id, whatever the order of the list', async () => {
    engine.containers.reverse();
    const ids = (await snapshot()).containers.map(({ inspect }) => inspect.Id);
    expect(ids).toEqual(ids.toSorted());
    expect((await snapshot()).images.map(({ Id }) => Id)).toEqual([fakeImage]);
  });

  test('asks for the one container that an event names', async () => {
    const before = await minion.get('/snapshot');
    const one = engine.containers.find(({ id }) => id === idOf(7));
    if (one) one.state = 'exited';
    engine.emit('container', 'die', idOf(7));
    await eventually('the exit', 5000, async () => (await held(idOf(7)))?.inspect.State.Status === 'exited');
    expect([lists(), inspects()]).toEqual([2, count + 1]);
    expect((await minion.get('/snapshot')).headers.get('etag')).not.toBe(before.headers.get('etag'));
    expect((await held(idOf(7)))?.processes).toBeUndefined();
  });

  test('sees a restart by its event though list and state are the same', async () => {
    await snapshot();
    const one = engine.containers.find(({ id }) => id === idOf(7));
    if (one) one.more = { RestartCount: 3 };
    engine.emit('container', 'restart', idOf(7));
    await eventually('the restart', 5000, async () => (await held(idOf(7)))?.inspect.RestartCount === 3);
    expect(inspects()).toBe(count + 1);
  });

  test('takes no notice of events that change nothing', async () => {
    await snapshot();
    for (const action of ['exec_create: sh', 'exec_start: sh', 'exec_die', 'top', 'attach', 'resize'])
      engine.emit('container', action, idOf(7));
    engine.emit('container', 'pause', idOf(8));
    await eventually('the event after them', 5000, async () => (await snapshot()) && inspects() === count + 1);
    expect(engine.calls.get(`/containers/${idOf(7)}/json`)).toBe(1);
  });

  test('inspects every container again after the events broke off: one may have restarted', async () => {
    await snapshot();
    engine.cutEvents();
    await eventually('the events again', 10_000, () => engine.listeners() > 0);
    const one = engine.containers.find(({ id }) => id === idOf(7));
    if (one) one.more = { RestartCount: 4 };
    await eventually('the restart', 5000, async () => (await held(idOf(7)))?.inspect.RestartCount === 4);
    expect(inspects()).toBeGreaterThanOrEqual(2 * count);
  });

  test('leaves out a container that goes away between list and inspect', async () => {
    engine.instead = (path) => (path === `/containers/${idOf(9)}/json` ? { status: 404 } : undefined);
    const { containers } = await snapshot();
    expect(containers).toHaveLength(count - 1);
    expect(containers.some(({ inspect }) => inspect.Id === idOf(9))).toBe(false);
  });

  test('says of a container that cannot be inspected what the list says, and why there is no more', async () => {
    let broken = true;
    engine.instead = (path) => (broken && path === `/containers/${idOf(9)}/json` ? { status: 500 } : undefined);
    const one = await held(idOf(9));
    expect(one).toMatchObject({
      inspect: { Name: '/fake-9', State: { Status: 'running' } },
      error: expect.stringContaining('500'),
    });
    expect((await snapshot()).containers).toHaveLength(count);
    broken = false;
    engine.emit('container', 'update', idOf(9));
    await eventually('the whole of it', 5000, async () => (await held(idOf(9)))?.error === undefined);
  });

  test('says of a container whose processes cannot be read why', async () => {
    engine.instead = (path) => (path.startsWith(`/containers/${idOf(9)}/top`) ? { status: 500 } : undefined);
    const one = await held(idOf(9));
    expect(one?.processes).toBeUndefined();
    expect(one?.error).toContain('500');
    expect((await held(idOf(10)))?.processes).toHaveLength(1);
  });

  test('leaves out sandboxes by their labels', async () => {
    const [first, second] = engine.containers;
    if (first) first.labels = { 'io.kubernetes.docker.type': 'podsandbox' };
    if (second) second.labels = { 'io.kubernetes.container.name': 'POD' };
    expect((await snapshot()).containers).toHaveLength(count - 2);
  });

  test('is made once for many who ask at the same time', async () => {
    const answers = await Promise.all(Array.from({ length: 20 }, () => minion.get('/snapshot')));
    expect(new Set(answers.map(({ headers }) => headers.get('etag'))).size).toBe(1);
    expect([lists(), inspects()]).toEqual([1, count]);
  });

  test('asks no more than four things of the engine at once', async () => {
    await snapshot();
    // Plus three connections: for events, for the first snapshot, and one given up while idle.
    expect(engine.received.length).toBeLessThanOrEqual(8);
  });
});

describe('the snapshot', () => {
  test('compares its ETag weakly, and knows lists and the asterisk', async () => {
    const etag = (await minion.get('/snapshot')).headers.get('etag') ?? '';
    for (const match of [etag, etag.replace('W/', ''), `"x", ${etag}`, '*']) {
      expect((await minion.get('/snapshot', { 'if-none-match': match })).status, match).toBe(304);
    }
    expect((await minion.get('/snapshot', { 'if-none-match': '"x"' })).status).toBe(200);
  });

  test('replaces an image whose tags changed', async () => {
    expect((await snapshot()).images[0]?.RepoTags).toEqual(['fake:1']);
    engine.instead = (path) =>
      path.startsWith('/images/') ? { body: { Id: fakeImage, RepoTags: ['fake:2'] } } : undefined;
    engine.emit('image', 'tag', fakeImage);
    await eventually('the new tag', 5000, async () => (await snapshot()).images[0]?.RepoTags?.[0] === 'fake:2');
  });

  test('has no image that is gone from under its container', async () => {
    engine.instead = (path) => (path.startsWith('/images/') ? { status: 404 } : undefined);
    expect((await snapshot()).images).toEqual([]);
  });

  test('tells every other image of the node with its size, and which of them no container uses', async () => {
    const [old, larger, ofSandbox] = [image('cd', 30), image('ef', 900), image('12', 1)];
    engine.images.push(old, larger, ofSandbox, { Id: 7 }, []);
    engine.instead = (path) => (path.startsWith('/containers/json') ? { body: [sandbox(ofSandbox.Id)] } : undefined);
    engine.emit('container', 'create', idOf(count + 1));
    await eventually('the sandbox', 5000, async () => (await snapshot()).containers.length === 0);
    const { images: inspected, others } = await snapshot();
    expect(inspected).toEqual([]);
    expect(others).toEqual([
      { Id: ofSandbox.Id, RepoTags: ['12:1'], Size: 1 },
      {
        Id: fakeImage,
        RepoTags: ['fake:1'],
        RepoDigests: [],
        Size: 7,
        Created: '1970-01-01T00:00:01.000Z',
        unused: true,
      },
      { Id: old.Id, RepoTags: ['cd:1'], Size: 30, unused: true },
      { Id: larger.Id, RepoTags: ['ef:1'], Size: 900, unused: true },
    ]);
  });

  test('changes its ETag when an image comes that no container uses, and when it goes', async () => {
    const first = (await minion.get('/snapshot')).headers.get('etag');
    engine.images.push(image('cd', 30));
    engine.emit('image', 'pull', 'cd:1');
    await eventually('the image', 5000, async () => (await snapshot()).others?.length === 1);
    expect((await minion.get('/snapshot')).headers.get('etag')).not.toBe(first);
    engine.images.pop();
    engine.emit('image', 'delete', image('cd', 30).Id);
    await eventually('its end', 5000, async () => (await snapshot()).others?.length === 0);
    expect((await minion.get('/snapshot')).headers.get('etag')).toBe(first);
  });

  test('says nothing of other images where the runtime does not list them, and is whole else', async () => {
    engine.instead = (path) =>
      path === '/images/json' ? { status: 403, body: { message: 'not by this proxy' } } : undefined;
    const { others, images: inspected, containers } = await snapshot();
    expect([others, inspected.length, containers.length]).toEqual([undefined, 1, count]);
  });

  test('has the largest of too many images, and says how many it leaves out', async () => {
    engine.images.push(...Array.from({ length: 5000 }, (_, i) => image(i.toString(16).padStart(4, '0'), i)));
    const { others, images: inspected, partly } = await snapshot();
    expect(inspected).toHaveLength(1);
    expect(others).toHaveLength(4095);
    expect(Math.min(...(others ?? []).map(({ Size = 0 }) => Size))).toBe(5000 - 4095);
    expect(partly).toBe('905 more images');
  });

  test('redacts what images are called', async () => {
    engine.images.push({ ...image('cd', 1), RepoTags: ['https://user:c4n4ry-p4ss@registry.example/app:1'] });
    expect(JSON.stringify((await snapshot()).others)).not.toContain('c4n4ry-p4ss');
  });

  test('counts what it spared and what it sent', async () => {
    const etag = (await minion.get('/snapshot')).headers.get('etag') ?? '';
    await minion.get('/snapshot', { 'if-none-match': etag });
    const { text } = await minion.get('/metrics');
    expect(text).toContain('cluster_insight_minion_snapshots_total{result="unchanged"} 1');
    expect(text).toContain('cluster_insight_minion_inspect_cache_total{result="miss"} 300');
    expect(text).toMatch(/cluster_insight_minion_requests_total\{route="\/snapshot",status="304"\} 1/);
    expect(text).toMatch(
      /cluster_insight_minion_engine_call_seconds_count\{call="inspectContainer",outcome="ok"\} 300/,
    );
    expect(text).toMatch(/process_resident_memory_bytes \d+/);
  });
});
