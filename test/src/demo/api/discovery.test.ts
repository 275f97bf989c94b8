import { readdirSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type ApiServer, startApiServer } from '../../../../src/demo/api-server.ts';
import { ask, askJson } from '../../../support/http.ts';
import { loadRecorded, recordedJson } from '../recorded.ts';

const aggregated = 'application/json;g=apidiscovery.k8s.io;v=v2;as=APIGroupDiscoveryList,application/json';

interface ResourceList {
  readonly resources: readonly { readonly name: string; readonly storageVersionHash?: string }[];
}

function withoutHashes(list: ResourceList): ResourceList {
  return { ...list, resources: list.resources.map(({ storageVersionHash: _hash, ...rest }) => rest) };
}

describe('discovery of the fake API server', () => {
  let server: ApiServer;
  beforeAll(async () => {
    server = await startApiServer();
    loadRecorded(server);
  });
  afterAll(() => server.stop());

  const documents = readdirSync(new URL('../../../../src/demo/recorded/kubernetes/', import.meta.url))
    .map((file) => /^(apis?)_(?:([^_]+)_)?(v[^_]+)\.json$/.exec(file))
    .filter((match) => match !== null);

  it('has documents to compare with', () => {
    expect(documents.length).toBeGreaterThan(10);
  });

  it.each(documents.map((match) => [match[0], match.slice(1).filter(Boolean).join('/')]))(
    'answers %s as recorded, storage hashes aside',
    async (file, path) => {
      expect(await askJson(`${server.url}/${path}`)).toEqual(withoutHashes(recordedJson(`kubernetes/${file}`)));
    },
  );

  it('lists the groups as recorded', async () => {
    expect(await askJson(`${server.url}/apis`)).toEqual(recordedJson('kubernetes/apis.json'));
  });

  it.each(['api', 'apis'])('aggregates /%s as recorded when the client accepts it', async (root) => {
    const answer = await ask(`${server.url}/${root}`, { headers: { accept: aggregated } });
    expect(answer.headers['content-type']).toBe('application/json;g=apidiscovery.k8s.io;v=v2;as=APIGroupDiscoveryList');
    expect(JSON.parse(answer.text)).toEqual(recordedJson(`requests/${root}.aggregated-discovery.json`));
  });

  it('tells one group by itself, and a 404 for one that is not there', async () => {
    expect(await askJson(`${server.url}/apis/apps`)).toMatchObject({
      kind: 'APIGroup',
      preferredVersion: { version: 'v1' },
    });
    expect((await ask(`${server.url}/apis/nothing.example`)).status).toBe(404);
    expect((await ask(`${server.url}/apis/apps/v9`)).status).toBe(404);
  });

  it('answers the version as recorded, and what does not exist in plain text', async () => {
    expect(await askJson(`${server.url}/version`)).toEqual(recordedJson('kubernetes/version.json'));
    const nothing = await ask(`${server.url}/nothing`);
    expect([nothing.status, nothing.text]).toEqual([404, '404 page not found\n']);
  });
});

describe('kinds that come and go', () => {
  const definition = (served: boolean) => ({
    apiVersion: 'apiextensions.k8s.io/v1',
    kind: 'CustomResourceDefinition',
    metadata: { name: 'gadgets.example.org' },
    spec: {
      group: 'example.org',
      scope: 'Cluster',
      names: { kind: 'Gadget', plural: 'gadgets', shortNames: ['gd'] },
      versions: [
        { name: 'v1alpha1', served: true, storage: false },
        { name: 'v1', served, storage: true },
        { name: 'v2beta1', served: true, storage: false },
      ],
    },
  });

  it('serves a kind as soon as its definition is created, newest stable version first', async () => {
    const server = await startApiServer();
    server.create(definition(true));
    const group = await askJson<{ versions: { version: string }[] }>(`${server.url}/apis/example.org`);
    expect(group.versions.map((version) => version.version)).toEqual(['v1', 'v2beta1', 'v1alpha1']);
    expect((await ask(`${server.url}/apis/example.org/v1/gadgets`)).status).toBe(200);
    await server.stop();
  });

  it('serves no version that is not served', async () => {
    const server = await startApiServer();
    server.create(definition(false));
    expect((await ask(`${server.url}/apis/example.org/v1/gadgets`)).status).toBe(404);
    await server.stop();
  });

  it('stops serving a kind with its definition, objects and all', async () => {
    const server = await startApiServer();
    server.create(definition(true));
    server.create({ apiVersion: 'example.org/v1', kind: 'Gadget', metadata: { name: 'one' } });
    server.delete(definition(true));
    expect((await ask(`${server.url}/apis/example.org/v1/gadgets`)).status).toBe(404);
    server.create(definition(true));
    expect(server.list('gadgets.example.org')).toEqual([]);
    await server.stop();
  });

  it('tells a group whose server is away as stale, and answers 503 for it alone', async () => {
    const server = await startApiServer();
    server.addKind({
      group: 'metrics.k8s.io',
      versions: ['v1beta1'],
      kind: 'PodMetrics',
      plural: 'pods',
      namespaced: true,
    });
    server.setStale('metrics.k8s.io', true);
    const { items } = await askJson<{ items: { metadata: { name: string }; versions: object[] }[] }>(
      `${server.url}/apis`,
      {
        headers: { accept: aggregated },
      },
    );
    const stale = items.find((item) => item.metadata.name === 'metrics.k8s.io');
    expect(stale?.versions).toEqual([{ version: 'v1beta1', freshness: 'Stale' }]);
    expect((await ask(`${server.url}/apis/metrics.k8s.io/v1beta1`)).status).toBe(503);
    expect((await ask(`${server.url}/apis/apps/v1`)).status).toBe(200);
    await server.stop();
  });
});
