import { afterEach, describe, expect, it } from 'vitest';
import { createMinionReader } from '../../../../master/sources/runtime/minion-reader.ts';
import { createTransport } from '../../../../master/sources/runtime/transport.ts';
import { type FakeHttp, json, minionAnswer, serve } from '../../../support/fake-http.ts';
import { hex, imageOf, inspectOf, snapshotOf } from '../../../support/runtime.ts';
import { stillClock } from '../../../support/still-clock.ts';
import { running, tinyEngine } from '../../../support/tiny-engine.ts';

const closing: (() => unknown)[] = [];
afterEach(async () => {
  for (const close of closing.splice(0).reverse()) await close();
});

const never = new AbortController().signal;

function readerOf(http: FakeHttp, { checkNode = false, limit = 1e6 } = {}) {
  closing.push(() => http.close());
  const none = { token: undefined, tls: {} };
  const credentials = { current: async () => none, doubt: () => undefined };
  const transport = createTransport(credentials);
  closing.push(() => transport.close());
  const options = { transport, credentials, limit, keepValues: false, clock: stillClock() };
  return createMinionReader({ node: 'n1', url: http.url, checkNode, ready: true }, options);
}

describe('a minion', () => {
  it('is asked for what changed alone', async () => {
    let snapshot = snapshotOf([inspectOf('a')], [imageOf('image')]);
    const http = await serve(minionAnswer(() => snapshot));
    const reader = readerOf(http);
    expect(await reader.read(never)).toEqual(snapshot);
    expect(await reader.read(never)).toBeUndefined();
    snapshot = snapshotOf([inspectOf('b')]);
    expect(await reader.read(never)).toEqual(snapshot);
    expect(http.asked.map(({ headers }) => headers['if-none-match'] !== undefined)).toEqual([false, true, true]);
    expect(http.taken()).toEqual(['/snapshot', '/snapshot', '/snapshot']);
  });

  it('answers whole once it was forgotten, and after an error', async () => {
    const snapshot = snapshotOf([inspectOf('a')]);
    const good = minionAnswer(() => snapshot);
    const http = await serve(good);
    const reader = readerOf(http);
    await reader.read(never);
    reader.forget();
    expect(await reader.read(never)).toEqual(snapshot);
    http.answer = (_, response) => json(response, {}, 503);
    await expect(reader.read(never)).rejects.toThrow('status 503');
    http.answer = good;
    expect(await reader.read(never)).toEqual(snapshot);
  });

  it('that says why it cannot answer is quoted by its code alone', async () => {
    const body = { success: false, error_message: 'the socket /run/x is gone', code: 'engine_down' };
    const reader = readerOf(await serve((_, response) => json(response, body, 502)));
    await expect(reader.read(never)).rejects.toThrow(/^The minion answered with status 502 \(engine_down\)$/);
  });

  it('without ETags is taken whole each time', async () => {
    const snapshot = snapshotOf([inspectOf('a')]);
    const reader = readerOf(await serve((_, response) => json(response, snapshot)));
    expect(await reader.read(never)).toEqual(snapshot);
    expect(await reader.read(never)).toEqual(snapshot);
  });

  it('of another node is refused where its address came from a Pod, and taken where a person wrote the list', async () => {
    const elsewhere = { ...snapshotOf([]), node: 'n2' };
    const checked = readerOf(await serve(minionAnswer(() => elsewhere)), { checkNode: true });
    await expect(checked.read(never)).rejects.toMatchObject({
      code: 'minion_nonsense',
      facts: { reason: 'it is of node "n2"' },
    });
    expect(await readerOf(await serve(minionAnswer(() => elsewhere))).read(never)).toEqual(elsewhere);
    const right = { ...snapshotOf([]), node: 'n1' };
    expect(await readerOf(await serve(minionAnswer(() => right)), { checkNode: true }).read(never)).toEqual(right);
  });
});

describe('nonsense', () => {
  const inspect = inspectOf('a');
  it.each([
    ['text', 'hello', 'not JSON'],
    ['half of it', '{"containers":[', 'not JSON'],
    ['nothing', '', 'not JSON'],
    ['null', 'null', 'snapshot'],
    ['a list', '[]', 'snapshot'],
    ['without containers', JSON.stringify({ runtime: { name: 'x', version: '1' }, images: [] }), 'snapshot'],
    ['a container that is a number', JSON.stringify({ ...snapshotOf([]), containers: [7] }), '/containers/0'],
    ['no id', JSON.stringify(snapshotOf([{ ...inspect, Id: '' }])), '/containers/0/inspect/Id'],
    [
      'labels of numbers',
      JSON.stringify(snapshotOf([inspectOf('a', { labels: { a: 7 as unknown as string } })])),
      'Labels',
    ],
    [
      'a process that is no row',
      JSON.stringify({ ...snapshotOf([]), containers: [{ inspect, processes: { Titles: ['PID'], Processes: [{}] } }] }),
      '/containers/0/processes/Processes/0',
    ],
    [
      'digests of numbers',
      JSON.stringify(snapshotOf([], [imageOf('i', { RepoDigests: [1] })])),
      '/images/0/RepoDigests',
    ],
  ])('(%s) is an error that names the place', async (_what, body, place) => {
    const reader = readerOf(await serve((_, response) => void response.writeHead(200).end(body)));
    await expect(reader.read(never)).rejects.toMatchObject({
      code: 'minion_nonsense',
      facts: { reason: expect.stringContaining(place) },
    });
  });

  it('is an answer of "not modified" to a question that was not conditional', async () => {
    const reader = readerOf(await serve((_, response) => void response.writeHead(304).end()));
    await expect(reader.read(never)).rejects.toMatchObject({ code: 'minion_refused', facts: { status: 304 } });
  });

  it('is an answer over the limit', async () => {
    const reader = readerOf(await serve((_, response) => json(response, snapshotOf([inspectOf('a')]))), { limit: 100 });
    await expect(reader.read(never)).rejects.toMatchObject({ code: 'minion_too_large' });
  });

  it('ignores unknown fields, which may have any shape', async () => {
    const odd = { ...snapshotOf([inspectOf('a', { fields: { HostConfig: 7, Mounts: 'x' } })]), more: [] };
    expect(await readerOf(await serve((_, response) => json(response, odd))).read(never)).toEqual(odd);
  });
});

describe('what answers 404 at /snapshot', () => {
  it('is read by relay calls from then on, and is unchanged while only counters of processes move', async () => {
    const container = running(inspectOf('a'), [['root', '100', '0.0', 'sh']]);
    const engine = await tinyEngine([container]);
    const reader = readerOf(engine.http);
    expect((await reader.read(never))?.containers[0]?.inspect.Id).toBe(hex('a'));
    container.processes = [['root', '100', '99.9', 'sh']];
    engine.http.taken();
    expect(await reader.read(never)).toBeUndefined();
    expect(engine.http.taken()).not.toContain('/snapshot');
    container.processes = [
      ['root', '100', '99.9', 'sh'],
      ['root', '101', '0.0', 'ls'],
    ];
    expect((await reader.read(never))?.containers[0]?.processes).toHaveLength(2);
  });

  it('is tried for /snapshot again after an error, and now and then: a minion may have taken its place', async () => {
    const engine = await tinyEngine([]);
    const reader = readerOf(engine.http);
    for (let i = 0; i < 61; i++) await reader.read(never);
    expect(engine.http.taken().filter((url) => url === '/snapshot')).toHaveLength(2);
    engine.instead.set('/containers/json', (_, response) => json(response, {}, 500));
    await expect(reader.read(never)).rejects.toThrow('status 500');
    engine.http.taken();
    await expect(reader.read(never)).rejects.toThrow('status 500');
    expect(engine.http.taken()[0]).toBe('/snapshot');
    const snapshot = snapshotOf([inspectOf('b')]);
    engine.http.answer = minionAnswer(() => snapshot);
    expect(await reader.read(never)).toEqual(snapshot);
  });
});
