import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { type ApiServer, startApiServer } from '../../../../src/demo/api-server.ts';
import { ask, openLines } from '../../../support/http.ts';

const configMap = (name: string) => ({ apiVersion: 'v1', kind: 'ConfigMap', metadata: { name, namespace: 'default' } });

describe('faults of the fake API server', () => {
  let server: ApiServer;
  let list: string;
  let watch: string;
  beforeEach(async () => {
    server = await startApiServer({ bookmarkPeriod: 0 });
    for (let i = 0; i < 6; i++) server.create(configMap(`c${i}`));
    list = `${server.url}/api/v1/configmaps`;
    watch = `${list}?watch=1&resourceVersion=${server.version()}`;
  });
  afterEach(() => server.stop());

  it.each([403, 429, 500, 503])('answer %d so often as told, then no more', async (code) => {
    server.fault({ effect: 'status', code, retryAfter: 2, path: '/configmaps', times: 2 });
    const answers = [await ask(list), await ask(list), await ask(list)];
    expect(answers.map((answer) => answer.status)).toEqual([code, code, 200]);
    expect(answers[0]?.headers['retry-after']).toBe('2');
    expect(JSON.parse(answers[0]?.text ?? '')).toMatchObject({ kind: 'Status', code });
  });

  it('meet only what they match', async () => {
    const disarm = server.fault({ effect: 'status', code: 500, path: /pods/, times: 9 });
    expect((await ask(list)).status).toBe(200);
    expect((await ask(`${server.url}/api/v1/pods`)).status).toBe(500);
    disarm();
    expect((await ask(`${server.url}/api/v1/pods`)).status).toBe(200);
  });

  it('expire the third page of a list', async () => {
    server.fault({ effect: 'expired', path: '/configmaps', watch: false, skip: 2 });
    let token = '';
    const statuses: number[] = [];
    for (let page = 0; page < 3; page++) {
      const answer = await ask(`${list}?limit=2${token && `&continue=${token}`}`);
      statuses.push(answer.status);
      token = (JSON.parse(answer.text) as { metadata: { continue?: string } }).metadata.continue ?? '';
    }
    expect(statuses).toEqual([200, 200, 410]);
  });

  it('drop a connection without an answer', async () => {
    server.fault({ effect: 'drop' });
    await expect(ask(list)).rejects.toThrow(/socket hang up|ECONNRESET/);
    expect((await ask(list)).status).toBe(200);
  });

  it('hold an answer back', async () => {
    server.fault({ effect: 'delay', path: '/configmaps' });
    const held = ask(list);
    const other = await ask(`${server.url}/api/v1/pods`);
    expect(other.status).toBe(200);
    server.dropConnections();
    await expect(held).rejects.toThrow('socket hang up');
  });

  it('answer late', async () => {
    server.fault({ effect: 'delay', ms: 1, path: '/configmaps' });
    expect((await ask(list)).status).toBe(200);
  });

  it('answer garbage, or only the first bytes of what is right', async () => {
    server.fault({ effect: 'body', body: '<html>' });
    expect((await ask(list)).text).toBe('<html>');
    server.fault({ effect: 'short', bytes: 30 });
    await expect(ask(list)).rejects.toThrow(/aborted/);
  });

  it.each([
    ['cut', []],
    ['end', []],
    ['truncate', ['{"type":"MODIFIED","object":{"kind":"P']],
  ] as const)('%s a watch after so many events', async (effect, tail) => {
    server.fault({ effect, after: 2 });
    const stream = await openLines(watch);
    for (const name of ['a', 'b', 'c']) server.create(configMap(name));
    const lines = await stream.rest();
    expect(lines.slice(0, 2).map((line) => (JSON.parse(line) as { type: string }).type)).toEqual(['ADDED', 'ADDED']);
    expect(lines.slice(2)).toEqual(tail);
  });

  it('say 410 in the middle of a watch', async () => {
    server.fault({ effect: 'expire', after: 1 });
    const stream = await openLines(watch);
    server.create(configMap('a'));
    server.create(configMap('b'));
    const lines = await stream.rest();
    expect(lines).toHaveLength(2);
    expect(JSON.parse(lines[1] ?? '')).toMatchObject({ type: 'ERROR', object: { code: 410, reason: 'Expired' } });
  });

  it('write garbage into a watch and go on', async () => {
    server.fault({ effect: 'garbage', after: 1 });
    const stream = await openLines(watch);
    server.create(configMap('a'));
    server.create(configMap('b'));
    const lines = await stream.take(3);
    expect(() => JSON.parse(lines[1] ?? '') as unknown).toThrow('JSON');
    expect(JSON.parse(lines[2] ?? '')).toMatchObject({ type: 'ADDED' });
    stream.close();
  });

  it('stall a watch, bookmarks included, and let it go on', async () => {
    server.fault({ effect: 'stall', after: 0, ms: 20 });
    const stream = await openLines(`${watch}&allowWatchBookmarks=true`);
    server.bookmark();
    server.create(configMap('a'));
    const types = (await stream.take(2)).map((line) => (JSON.parse(line) as { type: string }).type);
    expect(types).toEqual(['BOOKMARK', 'ADDED']);
    stream.close();
  });

  it('stall a watch for ever: only the end of the server ends it', async () => {
    server.fault({ effect: 'stall', after: 0 });
    const stream = await openLines(watch);
    server.create(configMap('a'));
    await server.stop();
    expect(await stream.rest()).toEqual([]);
  });

  it('let the first bytes of a watch through and no more', async () => {
    const whole = await openLines(`${list}?watch=1`);
    const [first = ''] = await whole.take(1);
    whole.close();
    server.fault({ effect: 'short', bytes: first.length + 9, watch: true });
    expect(await (await openLines(`${list}?watch=1`)).rest()).toEqual([first]);
  });

  it('cut a watch at its end, and a bookmark behind it cannot pass by what it did not tell', async () => {
    server.fault({ effect: 'short', bytes: 1000, watch: true });
    const stream = await openLines(`${watch}&allowWatchBookmarks=true`);
    server.create(configMap('told'));
    server.endWatches();
    server.create(configMap('untold'));
    server.bookmark();
    server.endWatches();
    const types = (await stream.rest()).map((line) => (JSON.parse(line) as { type: string }).type);
    expect(types).toEqual(['ADDED', 'BOOKMARK']);
  });

  it('are forgotten when cleared', async () => {
    server.fault({ effect: 'status', code: 500, times: 5 });
    server.clearFaults();
    expect((await ask(list)).status).toBe(200);
  });

  it('of health are told by check', async () => {
    server.setFailing('etcd', true);
    const ready = await ask(`${server.url}/readyz?verbose`);
    expect([ready.status, ready.text.includes('[-]etcd failed')]).toEqual([500, true]);
    expect((await ask(`${server.url}/readyz?exclude=etcd`)).text).toBe('ok');
    expect((await ask(`${server.url}/livez/ping`)).text).toBe('ok');
  });

  it('cost no other server: each keeps its own', async () => {
    const other = await startApiServer();
    server.fault({ effect: 'status', code: 500, times: 5 });
    expect((await ask(`${other.url}/api/v1/configmaps`)).status).toBe(200);
    expect(other.list('configmaps')).toEqual([]);
    expect(server.requests.count('list configmaps')).toBe(0);
    expect(other.requests.count('list configmaps')).toBe(1);
    await ask(`${server.url}/api/v1/configmaps?watch=1`);
    expect(server.requests.entries().map(({ what }) => what)).toEqual(['watch configmaps']);
    await other.stop();
  });
});
