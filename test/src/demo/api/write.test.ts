import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { type ApiServer, startApiServer } from '../../../../src/demo/api-server.ts';
import type { KubernetesObject } from '../../../../src/model.ts';
import { ask, askJson } from '../../../support/http.ts';

const deployment = (replicas: number, extra = {}): KubernetesObject => ({
  apiVersion: 'apps/v1',
  kind: 'Deployment',
  metadata: { name: 'web', namespace: 'shop' },
  spec: {
    replicas,
    selector: { matchLabels: { app: 'web' } },
    template: { spec: { containers: [{ name: 'c', image: 'a' }] } },
  },
  ...extra,
});

describe('writes to the fake API server', () => {
  let server: ApiServer;
  let url: string;
  beforeEach(async () => {
    server = await startApiServer({ bookmarkPeriod: 0, clock: () => Date.UTC(2026, 10, 21) });
    server.create({ apiVersion: 'v1', kind: 'Namespace', metadata: { name: 'shop' } });
    url = `${server.url}/apis/apps/v1/namespaces/shop/deployments`;
  });
  afterEach(() => server.stop());

  const send = (method: string, path: string, body?: object, type = 'application/json') =>
    ask(path, { method, headers: { 'content-type': type }, ...(body && { body: JSON.stringify(body) }) });
  const json = async (method: string, path: string, body?: object, type?: string) =>
    JSON.parse((await send(method, path, body, type)).text) as KubernetesObject & { code?: number; reason?: string };

  it('create with identity, time, version and generation', async () => {
    const answer = await send('POST', url, deployment(1));
    expect(answer.status).toBe(201);
    const { metadata } = JSON.parse(answer.text) as KubernetesObject;
    expect(metadata).toMatchObject({
      name: 'web',
      namespace: 'shop',
      creationTimestamp: '2026-11-21T00:00:00Z',
      generation: 1,
    });
    expect(metadata.uid).toMatch(/^[0-9a-f-]{36}$/);
    expect(Number(metadata.resourceVersion)).toBe(server.version());
  });

  it('create under a generated name', async () => {
    const created = await json('POST', url, deployment(1, { metadata: { generateName: 'web-' } }));
    expect(created.metadata.name).toMatch(/^web-[0-9a-z]{5}$/);
  });

  it('refuse what is there already, a missing namespace, a nameless object and one that is at the wrong URL', async () => {
    await send('POST', url, deployment(1));
    expect(await json('POST', url, deployment(1))).toMatchObject({ code: 409, reason: 'AlreadyExists' });
    const elsewhere = deployment(1, { metadata: { name: 'web' } });
    expect(await json('POST', url.replace('shop', 'nowhere'), elsewhere)).toMatchObject({ code: 404 });
    expect(await json('POST', url, deployment(1, { metadata: {} }))).toMatchObject({ code: 422, reason: 'Invalid' });
    expect(await json('POST', url, deployment(1, { metadata: { name: 'x', namespace: 'y' } }))).toMatchObject({
      code: 400,
    });
    expect(await json('POST', url, { ...deployment(1), kind: 'Pod' })).toMatchObject({ code: 400 });
  });

  it('refuse bodies they cannot read and methods they do not know', async () => {
    expect(
      (await ask(url, { method: 'POST', headers: { 'content-type': 'application/json' }, body: '{' })).status,
    ).toBe(400);
    expect((await send('POST', url, {}, 'text/plain')).status).toBe(415);
    expect((await send('PUT', url, {})).status).toBe(405);
    expect((await send('OPTIONS', url)).status).toBe(405);
  });

  it('count generations by spec alone, and make no event of what changes nothing', async () => {
    server.create(deployment(1));
    const same = server.update(deployment(1));
    expect(server.patch(deployment(1), {}).metadata.resourceVersion).toBe(same.metadata.resourceVersion);
    expect(server.patch(deployment(1), { metadata: { labels: { a: 'b' } } }).metadata['generation']).toBe(1);
    expect(server.patch(deployment(1), { spec: { replicas: 2 } }).metadata['generation']).toBe(2);
  });

  it('keep uid and creation time through an update', () => {
    const before = server.create(deployment(1));
    const after = server.update(deployment(3));
    expect(after.metadata.uid).toBe(before.metadata.uid);
    expect(after.metadata.creationTimestamp).toBe(before.metadata.creationTimestamp);
  });

  it('refuse an update of an older version with 409', async () => {
    const before = server.create(deployment(1));
    server.patch(deployment(1), { spec: { replicas: 2 } });
    const answer = await json('PUT', `${url}/web`, { ...before, spec: { replicas: 3 } });
    expect(answer).toMatchObject({ code: 409, reason: 'Conflict' });
    const { metadata } = server.get(deployment(1)) ?? deployment(1);
    expect((await send('PUT', `${url}/web`, { ...deployment(4), metadata })).status).toBe(200);
  });

  it('through status change the status alone', async () => {
    server.create(deployment(1));
    const changed = { ...deployment(9), status: { replicas: 1 } };
    expect(await json('PUT', `${url}/web/status`, changed)).toMatchObject({
      spec: { replicas: 1 },
      status: { replicas: 1 },
    });
  });

  it('patch by merge patch and by strategic merge', async () => {
    server.create(deployment(1));
    const containers = {
      spec: {
        template: {
          spec: {
            containers: [
              { name: 'c', image: 'b' },
              { name: 'd', image: 'x' },
            ],
          },
        },
      },
    };
    const strategic = await json('PATCH', `${url}/web`, containers, 'application/strategic-merge-patch+json');
    expect(strategic).toMatchObject(containers);
    const removed = { spec: { replicas: null, template: { spec: { containers: [] } } } };
    const merged = await json('PATCH', `${url}/web`, removed, 'application/merge-patch+json');
    expect(merged['spec']).toEqual({
      selector: { matchLabels: { app: 'web' } },
      template: { spec: { containers: [] } },
    });
  });

  it('scale through the scale subresource', async () => {
    server.create(deployment(1));
    const scale = await json('GET', `${url}/web/scale`);
    expect(scale).toMatchObject({ kind: 'Scale', spec: { replicas: 1 }, status: { selector: 'app=web' } });
    await json('PATCH', `${url}/web/scale`, { spec: { replicas: 5 } }, 'application/merge-patch+json');
    expect(server.get(deployment(1))).toMatchObject({ spec: { replicas: 5 } });
  });

  it('delete, and answer with what was deleted', async () => {
    server.create(deployment(1));
    expect(await json('DELETE', `${url}/web`)).toMatchObject({
      status: 'Success',
      details: { name: 'web', group: 'apps' },
    });
    expect((await send('DELETE', `${url}/web`)).status).toBe(404);
  });

  it('wait for finalizers before they delete', () => {
    server.create(deployment(1, { metadata: { name: 'web', namespace: 'shop', finalizers: ['x/y'] } }));
    server.delete(deployment(1));
    expect(server.get(deployment(1))?.metadata.deletionTimestamp).toBe('2026-11-21T00:00:00Z');
    server.patch(deployment(1), { metadata: { finalizers: null } });
    expect(server.get(deployment(1))).toBeUndefined();
  });

  it('delete a collection by selector, and a namespace with all that is in it', async () => {
    for (const name of ['a', 'b']) {
      server.create({ apiVersion: 'v1', kind: 'ConfigMap', metadata: { name, namespace: 'shop', labels: { name } } });
    }
    server.create(deployment(1));
    await send('DELETE', `${server.url}/api/v1/namespaces/shop/configmaps?labelSelector=name%3Da`);
    expect(server.list('configmaps').map((object) => object.metadata.name)).toEqual(['b']);
    await send('DELETE', `${server.url}/api/v1/namespaces/shop`);
    expect([...server.list('configmaps'), ...server.list('deployments.apps'), ...server.list('namespaces')]).toEqual(
      [],
    );
  });

  it('write nothing on a dry run', async () => {
    expect((await send('POST', `${url}?dryRun=All`, deployment(1))).status).toBe(201);
    expect(server.list('deployments.apps')).toEqual([]);
  });

  it('give every write the next version, of whatever kind', () => {
    const versions = [1, 2, 3].map((i) => {
      const kind = i === 2 ? 'Secret' : 'ConfigMap';
      return Number(
        server.create({ apiVersion: 'v1', kind, metadata: { name: `o${i}`, namespace: 'shop' } }).metadata
          .resourceVersion,
      );
    });
    expect(versions).toEqual([versions[0], Number(versions[0]) + 1, Number(versions[0]) + 2]);
  });

  it('reach a Service by its proxy, where one is wired', async () => {
    expect((await ask(`${server.url}/api/v1/namespaces/shop/services/web:80/proxy/x`)).status).toBe(404);
    const behind = await startApiServer();
    const front = await startApiServer({
      forward: (kind, namespace, name) =>
        `${kind}/${namespace}/${name}` === 'services/shop/web:80' ? behind.url : undefined,
    });
    expect(await askJson(`${front.url}/api/v1/namespaces/shop/services/web:80/proxy/version`)).toMatchObject({
      gitVersion: 'v1.36.2',
    });
    await behind.stop();
    await front.stop();
  });
});
