import { readdirSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { type ApiServer, type ApiServerOptions, startApiServer } from '../../../../src/demo/api-server.ts';
import { askJson, openLines } from '../../../support/http.ts';
import { recordedText } from '../recorded.ts';

const configMap = (name: string, labels = {}, namespace = 'default') => ({
  apiVersion: 'v1',
  kind: 'ConfigMap',
  metadata: { name, namespace, labels },
});
const told = (line: string | undefined) => {
  const event = JSON.parse(line ?? '{}') as { type: string; object: { metadata: { name?: string } } };
  return `${event.type} ${event.object.metadata.name ?? ''}`.trim();
};

async function withServer(test: (server: ApiServer) => Promise<void>, options: ApiServerOptions = {}): Promise<void> {
  const server = await startApiServer({ bookmarkPeriod: 0, ...options });
  await test(server).finally(() => server.stop());
}

const versionOf = async (server: ApiServer) =>
  (await askJson<{ metadata: { resourceVersion: string } }>(`${server.url}/api/v1/configmaps`)).metadata
    .resourceVersion;

describe('recorded watch streams', () => {
  const files = readdirSync(new URL('../../../../src/demo/recorded/watch/', import.meta.url));

  it('are there to be replayed', () => expect(files.length).toBe(6));

  it.each(files)('%s is replayed byte for byte', (file) =>
    withServer(async (server) => {
      const [, group, version, plural] = /^apis?_(?:(.+)_)?(v\d)_(\w+)\.ndjson$/.exec(file) ?? [];
      const lines = recordedText(`watch/${file}`).split('\n').filter(Boolean);
      const replay = server.replay(group ? `${plural}.${group}` : `${plural}`, recordedText(`watch/${file}`));
      const path = group ? `apis/${group}/${version}` : `api/${version}`;
      const initial = 'sendInitialEvents=true&resourceVersionMatch=NotOlderThan&allowWatchBookmarks=true';
      const stream = await openLines(`${server.url}/${path}/${plural}?watch=1&${initial}`);
      const burst = lines
        .filter((line) => line.startsWith('{"type":"ADDED"'))
        .slice(0, server.list(group ? `${plural}.${group}` : `${plural}`).length);
      // The burst comes in the order of a list, and ends with a bookmark at the newest version known.
      expect((await stream.take(burst.length)).sort()).toEqual(burst.sort());
      expect(await stream.next()).toContain('"k8s.io/initial-events-end":"true"');
      replay.rest();
      const following = lines.slice(burst.length);
      expect(await stream.take(following.length)).toEqual(
        following.map((line, i) => (i === 0 ? withoutEnd(line) : line)),
      );
      stream.close();
    }),
  );

  /** The recorded stream's first bookmark ended its own initial events; replayed it is a bookmark like any other. */
  function withoutEnd(line: string): string {
    return line.replace(',"annotations":{"k8s.io/initial-events-end":"true"}', '');
  }
});

describe('a watch', () => {
  it('tells what happened since a version, then what happens', () =>
    withServer(async (server) => {
      server.create(configMap('a'));
      const version = await versionOf(server);
      server.patch(configMap('a'), { data: { x: '1' } });
      const stream = await openLines(`${server.url}/api/v1/configmaps?watch=true&resourceVersion=${version}`);
      expect(told(await stream.next())).toBe('MODIFIED a');
      server.create(configMap('b'));
      server.delete(configMap('a'));
      expect((await stream.take(2)).map(told)).toEqual(['ADDED b', 'DELETED a']);
      stream.close();
    }));

  it.each(['', '&resourceVersion=0'])('without a version to begin at (%s) tells everything first', (query) =>
    withServer(async (server) => {
      server.create(configMap('a'));
      const stream = await openLines(`${server.url}/api/v1/configmaps?watch=1${query}`);
      expect(told(await stream.next())).toBe('ADDED a');
      stream.close();
    }),
  );

  it('of one namespace tells of no other', () =>
    withServer(async (server) => {
      const version = await versionOf(server);
      const stream = await openLines(`${server.url}/api/v1/namespaces/n/configmaps?watch=1&resourceVersion=${version}`);
      server.create(configMap('a'));
      server.create(configMap('b', {}, 'n'));
      expect(told(await stream.next())).toBe('ADDED b');
      stream.close();
    }));

  it('with a selector tells of what comes into it as added and of what leaves it as deleted', () =>
    withServer(async (server) => {
      const version = await versionOf(server);
      const stream = await openLines(
        `${server.url}/api/v1/configmaps?watch=1&labelSelector=on&resourceVersion=${version}`,
      );
      server.create(configMap('a'));
      server.patch(configMap('a'), { metadata: { labels: { on: '1' } } });
      server.patch(configMap('a'), { metadata: { labels: { on: '2' } } });
      server.patch(configMap('a'), { metadata: { labels: { on: null } } });
      server.delete(configMap('a'));
      server.create(configMap('b', { on: '' }));
      expect((await stream.take(4)).map(told)).toEqual(['ADDED a', 'MODIFIED a', 'DELETED a', 'ADDED b']);
      stream.close();
    }));

  it('gives metadata only to those who accept it', () =>
    withServer(async (server) => {
      server.create({ ...configMap('a'), data: { secret: 's' } });
      const accept = 'application/json;as=PartialObjectMetadata;g=meta.k8s.io;v=v1';
      const stream = await openLines(`${server.url}/api/v1/configmaps?watch=1`, { headers: { accept } });
      const line = (await stream.next()) ?? '';
      expect(line).toContain(
        '"object":{"kind":"PartialObjectMetadata","apiVersion":"meta.k8s.io/v1","metadata":{"name":"a"',
      );
      expect(line).not.toContain('secret');
      stream.close();
    }));

  it('from a version that is too old is 200 and one ERROR line, in the words recorded', () =>
    withServer(async (server) => {
      server.create(configMap('a'));
      server.compact();
      const stream = await openLines(`${server.url}/api/v1/configmaps?watch=1&resourceVersion=1`);
      expect(stream.status).toBe(200);
      const status = '"kind":"Status","apiVersion":"v1","metadata":{},"status":"Failure"';
      const message = `"message":"too old resource version: 1 (${server.version()})","reason":"Expired","code":410`;
      expect(await stream.rest()).toEqual([`{"type":"ERROR","object":{${status},${message}}}`]);
    }));

  it('is too old, too, when history has run over its bound', () =>
    withServer(
      async (server) => {
        const version = await versionOf(server);
        for (let i = 0; i < 10; i++) server.create(configMap(`c${i}`));
        const old = await openLines(`${server.url}/api/v1/configmaps?watch=1&resourceVersion=${version}`);
        expect((await old.rest()).map((line) => (JSON.parse(line) as { type: string }).type)).toEqual(['ERROR']);
        const recent = await openLines(
          `${server.url}/api/v1/configmaps?watch=1&resourceVersion=${server.version() - 2}`,
        );
        expect((await recent.take(2)).map(told)).toEqual(['ADDED c8', 'ADDED c9']);
        recent.close();
      },
      { historyLimit: 4 },
    ));

  it('gets bookmarks only if it allows them', () =>
    withServer(async (server) => {
      const version = await versionOf(server);
      const url = `${server.url}/api/v1/configmaps?watch=1&resourceVersion=${version}`;
      const [with_, without] = [await openLines(`${url}&allowWatchBookmarks=true`), await openLines(url)];
      server.create({ ...configMap('other'), kind: 'Secret' });
      server.bookmark();
      server.create(configMap('a'));
      const bookmark = `{"type":"BOOKMARK","object":{"kind":"ConfigMap","apiVersion":"v1","metadata":{"resourceVersion":"${server.version() - 1}"}}}`;
      expect(await with_.next()).toBe(bookmark);
      expect(told(await with_.next())).toBe('ADDED a');
      expect(told(await without.next())).toBe('ADDED a');
      with_.close();
      without.close();
    }));

  it('gets bookmarks by itself in the given period', () =>
    withServer(
      async (server) => {
        const stream = await openLines(
          `${server.url}/api/v1/configmaps?watch=1&resourceVersion=1&allowWatchBookmarks=true`,
        );
        expect((await stream.take(3)).map(told)).toEqual(['BOOKMARK', 'BOOKMARK', 'BOOKMARK']);
        stream.close();
      },
      { bookmarkPeriod: 5 },
    ));

  it('ends in good order after timeoutSeconds, with a last bookmark', () =>
    withServer(async (server) => {
      const url = `${server.url}/api/v1/configmaps?watch=1&resourceVersion=1&allowWatchBookmarks=true&timeoutSeconds=1`;
      expect((await (await openLines(url)).rest()).map(told)).toEqual(['BOOKMARK']);
      expect(server.openWatches()).toBe(0);
    }));

  it('ends when its kind goes', () =>
    withServer(async (server) => {
      server.addKind({ group: 'example.org', versions: ['v1'], kind: 'Gadget', plural: 'gadgets', namespaced: false });
      const stream = await openLines(`${server.url}/apis/example.org/v1/gadgets?watch=1`);
      server.removeKind('gadgets.example.org');
      expect(await stream.rest()).toEqual([]);
    }));

  it('resumes without loss or repetition after the server was away', () =>
    withServer(async (server) => {
      const version = await versionOf(server);
      const first = await openLines(`${server.url}/api/v1/configmaps?watch=1&resourceVersion=${version}`);
      server.create(configMap('a'));
      const seen = JSON.parse((await first.next()) ?? '') as { object: { metadata: { resourceVersion: string } } };
      const { url } = server;
      await server.stop();
      await expect(first.rest()).resolves.toEqual([]);
      server.create(configMap('b'));
      await server.start();
      expect(server.url).toBe(url);
      const last = seen.object.metadata.resourceVersion;
      const second = await openLines(`${url}/api/v1/configmaps?watch=1&resourceVersion=${last}`);
      expect(told(await second.next())).toBe('ADDED b');
      second.close();
    }));

  it('sends the bytes of an event that is given as bytes', () =>
    withServer(async (server) => {
      const url = `${server.url}/api/v1/configmaps?watch=1&resourceVersion=${await versionOf(server)}`;
      const stream = await openLines(url);
      const object = '"metadata":{"name":"a","namespace":"default","resourceVersion":"77"},"data":{"x":"\\u003c"}';
      server.event('configmaps', 'ADDED', Buffer.from(`{${object}}`));
      expect(await stream.next()).toBe(`{"type":"ADDED","object":{"kind":"ConfigMap","apiVersion":"v1",${object}}}`);
      expect(server.version()).toBe(77);
      stream.close();
    }));

  it('is told apart from others: a hundred of them get the same bytes', () =>
    withServer(async (server) => {
      const url = `${server.url}/api/v1/configmaps?watch=1&resourceVersion=${await versionOf(server)}`;
      const streams = await Promise.all(Array.from({ length: 100 }, () => openLines(url)));
      server.create(configMap('a'));
      const lines = new Set(await Promise.all(streams.map((stream) => stream.next())));
      expect(lines.size).toBe(1);
      for (const stream of streams) stream.close();
    }));
});
