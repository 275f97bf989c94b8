import { gunzipSync } from 'node:zlib';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type ApiServer, startApiServer } from '../../../../src/demo/api-server.ts';
import { ask, askJson } from '../../../support/http.ts';
import { loadRecorded, recordedJson, recordedLists } from '../recorded.ts';

interface List {
  readonly kind: string;
  readonly metadata: {
    readonly resourceVersion: string;
    readonly continue?: string;
    readonly remainingItemCount?: number;
  };
  readonly items: readonly { readonly metadata: { readonly name: string; readonly namespace?: string } }[];
  readonly code?: number;
  readonly reason?: string;
  readonly message?: string;
}

const names = (list: List) => list.items.map((item) => item.metadata.name);
const configMap = (name: string, namespace = 'default', labels = {}) => ({
  apiVersion: 'v1',
  kind: 'ConfigMap',
  metadata: { name, namespace, labels },
});

describe('lists of the recorded cluster', () => {
  let server: ApiServer;
  beforeAll(async () => {
    server = await startApiServer();
    loadRecorded(server);
  });
  afterAll(() => server.stop());

  it.each(recordedLists().map((list) => [list.file, list] as const))(
    'serves %s as recorded',
    async (_file, recorded) => {
      const answer = await askJson<List>(`${server.url}${recorded.path}`);
      expect({ ...answer, metadata: null }).toEqual({ ...recorded.list, metadata: null });
      // The order of keys is the same too.
      expect(JSON.stringify(answer.items)).toBe(JSON.stringify(recorded.list.items));
    },
  );

  it('gives metadata only to those who accept it', async () => {
    const accept = 'application/json;as=PartialObjectMetadataList;g=meta.k8s.io;v=v1';
    const answer = await askJson<List>(`${server.url}/api/v1/secrets`, { headers: { accept } });
    const recorded = recordedJson<List>('requests/secrets.partial-list.json');
    expect({ ...answer, metadata: null }).toEqual({ ...recorded, metadata: null });
  });

  it('says kind and version in a single object, and in list items of custom resources only', async () => {
    const pod = await askJson<object>(`${server.url}/api/v1/namespaces/shop/pods/redis-0`);
    expect(Object.keys(pod).slice(0, 2)).toEqual(['kind', 'apiVersion']);
    const widgets = await askJson<List>(`${server.url}/apis/acme.example.com/v1alpha1/widgets`);
    expect(widgets.items[0]).toMatchObject({ kind: 'Widget', apiVersion: 'acme.example.com/v1alpha1' });
  });

  it('serves events of both groups from one store', async () => {
    const old = await askJson<List>(`${server.url}/api/v1/events`);
    const modern = await askJson<List>(`${server.url}/apis/events.k8s.io/v1/events`);
    expect(names(modern)).toEqual(names(old));
    expect(modern.items[0]).toHaveProperty('regarding');
    expect(modern.items[0]).not.toHaveProperty('involvedObject');
  });

  it('serves autoscalers in both versions', async () => {
    const old = await askJson<List>(`${server.url}/apis/autoscaling/v1/horizontalpodautoscalers`);
    expect(old.items[0]).toHaveProperty('spec.targetCPUUtilizationPercentage');
    expect(old.items[0]).not.toHaveProperty('spec.metrics');
  });

  it('selects by namespace, labels and fields', async () => {
    const select = async (query: string) => names(await askJson<List>(`${server.url}/api/v1${query}`));
    expect(await select('/namespaces/kube-system/pods')).toEqual(['logger-smbd5']);
    expect(await select('/pods?labelSelector=app%3Dredis')).toEqual(['redis-0', 'redis-1']);
    expect(await select('/pods?labelSelector=app%20in%20(redis,legacy),!tier')).toContain('redis-0');
    expect(await select('/pods?labelSelector=app%20notin%20(redis,frontend,logger),app')).toEqual(['legacy-p54pr']);
    expect(await select('/pods?labelSelector=app!%3Dredis&fieldSelector=metadata.namespace%3Dkube-system')).toEqual([
      'logger-smbd5',
    ]);
    expect(await select('/pods?fieldSelector=metadata.name%3Dredis-1')).toEqual(['redis-1']);
    expect(await select('/pods?fieldSelector=spec.nodeName%3Dnowhere')).toEqual([]);
    expect(await select('/pods?fieldSelector=spec.nodeName%3Dnode-a,status.phase%3DSucceeded')).toHaveLength(3);
  });

  it.each([
    'labelSelector=%3D%3D',
    'fieldSelector=spec.colour%3Dred',
    'resourceVersion=abc',
    'limit=-1',
    'continue=nonsense',
  ])('refuses %s with a 400', async (query) => {
    const answer = await ask(`${server.url}/api/v1/pods?${query}`);
    expect(answer.status).toBe(400);
    expect(JSON.parse(answer.text)).toMatchObject({ kind: 'Status', status: 'Failure', reason: 'BadRequest' });
  });

  it('answers 404 for an object that is not there and a resource that is not served', async () => {
    const object = await askJson<List>(`${server.url}/api/v1/namespaces/shop/pods/nobody`);
    expect(object).toMatchObject({
      message: 'pods "nobody" not found',
      details: { name: 'nobody', kind: 'pods' },
      code: 404,
    });
    const deployment = await askJson<List>(`${server.url}/apis/apps/v1/namespaces/shop/deployments/nobody`);
    expect(deployment).toMatchObject({ message: 'deployments.apps "nobody" not found', details: { group: 'apps' } });
    expect((await ask(`${server.url}/api/v1/nonsense`)).status).toBe(404);
    expect((await ask(`${server.url}/api/v1/namespaces/shop/nodes`)).status).toBe(404);
    expect((await ask(`${server.url}/api/v1/namespaces/%zz/pods`)).status).toBe(400);
  });

  it('answers 406 to a client that accepts nothing it can make', async () => {
    expect((await ask(`${server.url}/api/v1/pods`, { headers: { accept: 'application/cbor' } })).status).toBe(406);
  });

  it('compresses large lists for those who accept it', async () => {
    const { request } = await import('node:http');
    const chunks = await new Promise<{ encoding: string | undefined; body: Buffer }>((resolve, reject) => {
      request(`${server.url}/api/v1/events`, { headers: { 'accept-encoding': 'gzip' }, agent: false }, (answer) => {
        const parts: Buffer[] = [];
        answer.on('data', (part: Buffer) => parts.push(part));
        answer.on('end', () => resolve({ encoding: answer.headers['content-encoding'], body: Buffer.concat(parts) }));
      })
        .on('error', reject)
        .end();
    });
    expect(chunks.encoding).toBe('gzip');
    expect(JSON.parse(gunzipSync(chunks.body).toString())).toMatchObject({ kind: 'EventList' });
  });
});

describe('pages', () => {
  async function walk(url: string, limit: number, between: () => void = () => undefined): Promise<List[]> {
    const pages: List[] = [];
    let token: string | undefined;
    do {
      const next = token ? `&continue=${token}` : '';
      const page = await askJson<List>(`${url}?limit=${limit}${next}`);
      pages.push(page);
      token = page.metadata.continue;
      between();
    } while (token);
    return pages;
  }

  it('come with a count of what remains, and show one version whatever is written meanwhile', async () => {
    const server = await startApiServer();
    for (let i = 0; i < 10; i++) server.create(configMap(`c${i}`));
    let written = 0;
    const pages = await walk(`${server.url}/api/v1/configmaps`, 4, () => {
      server.create(configMap(`b${written++}`));
      if (written === 1) server.delete(configMap('c9'));
    });
    expect(pages.flatMap(names)).toEqual(Array.from({ length: 10 }, (_, i) => `c${i}`));
    expect(pages.map((page) => page.metadata.remainingItemCount)).toEqual([6, 2, undefined]);
    expect(new Set(pages.map((page) => page.metadata.resourceVersion)).size).toBe(1);
    await server.stop();
  });

  it('with a selector come without a count', async () => {
    const server = await startApiServer();
    for (let i = 0; i < 5; i++) server.create(configMap(`c${i}`, 'default', { odd: String(i % 2) }));
    const page = await askJson<List>(`${server.url}/api/v1/configmaps?limit=1&labelSelector=odd%3D1`);
    expect(names(page)).toEqual(['c1']);
    expect(page.metadata.remainingItemCount).toBeUndefined();
    expect(page.metadata.continue).toBeDefined();
    await server.stop();
  });

  it('put together are the whole list, for any number of objects, namespaces and any limit', async () => {
    const server = await startApiServer();
    const name = fc.stringMatching(/^[a-z][a-z0-9-]{0,6}[a-z0-9]$/);
    const objects = fc.uniqueArray(fc.tuple(fc.constantFrom('a', 'a-b', 'ab', 'b'), name), {
      selector: ([namespace, each]) => `${namespace}/${each}`,
      maxLength: 25,
    });
    await fc.assert(
      fc.asyncProperty(objects, fc.integer({ min: 1, max: 9 }), async (all, limit) => {
        for (const [namespace, each] of all) server.create(configMap(each, namespace));
        for (const path of ['configmaps', 'namespaces/a/configmaps', 'namespaces/a-b/configmaps']) {
          const whole = await askJson<List>(`${server.url}/api/v1/${path}`);
          const pages = await walk(`${server.url}/api/v1/${path}`, limit);
          expect(pages.flatMap((page) => page.items)).toEqual(whole.items);
          expect(pages.every((page) => page.items.length <= limit)).toBe(true);
        }
        for (const [namespace, each] of all) server.delete(configMap(each, namespace));
      }),
      { numRuns: 25 },
    );
    await server.stop();
  });

  it('are gone after a compaction: 410 Expired', async () => {
    const server = await startApiServer();
    for (let i = 0; i < 3; i++) server.create(configMap(`c${i}`));
    const first = await askJson<List>(`${server.url}/api/v1/configmaps?limit=1`);
    server.compact();
    const second = await ask(`${server.url}/api/v1/configmaps?limit=1&continue=${first.metadata.continue}`);
    expect(second.status).toBe(410);
    expect(JSON.parse(second.text)).toMatchObject({ reason: 'Expired', code: 410 });
    await server.stop();
  });

  it('are not made where any version will do: that list comes whole', async () => {
    const server = await startApiServer();
    for (let i = 0; i < 3; i++) server.create(configMap(`c${i}`));
    const list = await askJson<List>(`${server.url}/api/v1/configmaps?limit=1&resourceVersion=0`);
    expect(names(list)).toHaveLength(3);
    await server.stop();
  });
});

describe('versions of lists', () => {
  it('are refused if they are in the future', async () => {
    const server = await startApiServer();
    const answer = await ask(`${server.url}/api/v1/pods?resourceVersion=999&resourceVersionMatch=NotOlderThan`);
    expect(answer.status).toBe(504);
    expect(JSON.parse(answer.text)).toMatchObject({ details: { causes: [{ reason: 'ResourceVersionTooLarge' }] } });
    await server.stop();
  });

  it('are exact on demand, while they are remembered', async () => {
    const server = await startApiServer();
    server.create(configMap('a'));
    const { metadata } = await askJson<List>(`${server.url}/api/v1/configmaps`);
    server.create(configMap('b'));
    const exact = `${server.url}/api/v1/configmaps?resourceVersion=${metadata.resourceVersion}&resourceVersionMatch=Exact`;
    expect(names(await askJson<List>(exact))).toEqual(['a']);
    server.compact();
    expect((await ask(exact)).status).toBe(410);
    await server.stop();
  });

  it('may not be matched without being named', async () => {
    const server = await startApiServer();
    expect((await ask(`${server.url}/api/v1/pods?resourceVersionMatch=Exact`)).status).toBe(400);
    await server.stop();
  });
});

describe('bulk loading', () => {
  it('takes bytes as they are, whatever stands before their metadata', async () => {
    const server = await startApiServer();
    const bare = Buffer.from(
      '{"metadata":{"name":"a\\"}{","namespace":"n","resourceVersion":"7"},"data":{"x":"\\u003c"}}',
    );
    const typed = Buffer.from(
      '{"kind":"ConfigMap","apiVersion":"v1","metadata":{"name":"b","namespace":"n","resourceVersion":"9"}}',
    );
    const odd = Buffer.from('{"data":{},"metadata":{"name":"c","namespace":"n","resourceVersion":"8"}}');
    expect(server.load('configmaps', [bare, typed, odd])).toBe(3);
    const { text } = await ask(`${server.url}/api/v1/configmaps`);
    expect(text).toContain(bare.toString());
    expect(names(JSON.parse(text) as List)).toEqual(['a"}{', 'b', 'c']);
    expect(server.version()).toBe(9);
    await server.stop();
  });

  it('cuts the metadata alone out of any object', async () => {
    const server = await startApiServer();
    await fc.assert(
      fc.asyncProperty(fc.dictionary(fc.string(), fc.string()), fc.jsonValue(), async (annotations, data) => {
        const metadata = { name: 'x', namespace: 'n', resourceVersion: '5', annotations };
        server.load('configmaps', [Buffer.from(JSON.stringify({ metadata, data }))]);
        const accept = 'application/json;as=PartialObjectMetadata;g=meta.k8s.io;v=v1';
        const object = await askJson(`${server.url}/api/v1/namespaces/n/configmaps/x`, { headers: { accept } });
        expect(object).toEqual({
          kind: 'PartialObjectMetadata',
          apiVersion: 'meta.k8s.io/v1',
          metadata: JSON.parse(JSON.stringify(metadata)),
        });
      }),
      { numRuns: 50 },
    );
    await server.stop();
  });
});
