import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { views } from '../../../master/views/index.ts';
import type { Relation, Resource } from '../../../src/model.ts';
import { createTestApp, type TestApp } from '../../support/app.ts';
import { kindNamed } from '../../support/random-cluster.ts';

interface Body {
  readonly success: boolean;
  readonly code?: string;
  readonly error_message?: string;
  readonly resources: Resource[];
  readonly relations: Relation[];
  readonly cursor?: string;
  readonly remaining?: number;
}

let test: TestApp;
const idsOf = ({ resources }: Body) => resources.map(({ id }) => id);

async function ask(url: string, headers: Record<string, string> = {}) {
  const { statusCode, payload, headers: answered } = await test.app.inject({ url, headers });
  return { status: statusCode, payload, type: String(answered['content-type']), headers: answered };
}

async function body(url: string): Promise<Body> {
  const { status, payload } = await ask(url);
  expect(status, payload).toBe(200);
  return JSON.parse(payload) as Body;
}

beforeAll(() => {
  test = createTestApp();
  const put = (type: string, name: string, namespace: string | undefined, rest: object = {}) => {
    const { labels, ...body } = rest as { labels?: object };
    const metadata = { name, ...(namespace && { namespace }), uid: `${type}-${name}`, ...(labels && { labels }) };
    const { group, kind } = kindNamed(type);
    const object = { apiVersion: group === '' ? 'v1' : `${group}/v1`, kind, metadata, ...body };
    test.store.sinkOf(kindNamed(type)).event('ADDED', object as never);
  };
  const pod = (nodeName: string, config: string) => ({
    spec: { nodeName, containers: [{ name: 'main', image: 'redis:7', envFrom: [{ configMapRef: { name: config } }] }] },
    status: { phase: nodeName === 'b' ? 'Pending' : 'Running' },
  });
  for (const name of ['shop', 'web', 'kube-system']) put('Namespace', name, undefined);
  for (const name of ['a', 'b']) put('Node', name, undefined);
  put('Pod', 'redis-0', 'shop', { ...pod('a', 'settings'), labels: { app: 'redis', tier: 'data' } });
  put('Pod', 'redis-1', 'shop', { ...pod('b', 'settings'), labels: { app: 'redis' } });
  put('Pod', 'site', 'web', { ...pod('a', 'gone'), labels: { app: 'site' } });
  put('Pod', 'dns', 'kube-system', { ...pod('a', 'settings'), labels: { app: 'dns' } });
  put('ConfigMap', 'settings', 'shop');
  put('Service', 'redis', 'shop', { spec: { selector: { app: 'redis' } } });
  for (const type of ['ConfigMap', 'Pod']) test.store.sinkOf(kindNamed(type)).state('synced');
});

afterAll(() => test.app.close());

describe('narrowing', () => {
  it.each([
    ['type=pods', ['Pod:kube-system/dns', 'Pod:shop/redis-0', 'Pod:shop/redis-1', 'Pod:web/site']],
    ['type=po,SVC&namespace=shop', ['Pod:shop/redis-0', 'Pod:shop/redis-1', 'Service:shop/redis']],
    ['type=pod&namespace=!kube-*', ['Pod:shop/redis-0', 'Pod:shop/redis-1', 'Pod:web/site']],
    ['type=pod&labelSelector=app in (redis,site),!tier', ['Pod:shop/redis-1', 'Pod:web/site']],
    ['labelSelector=tier%3Ddata', ['Pod:shop/redis-0']],
    [
      'fieldSelector=spec.nodeName%3Da,status.phase!%3DPending',
      ['Pod:kube-system/dns', 'Pod:shop/redis-0', 'Pod:web/site'],
    ],
    ['fieldSelector=metadata.name%3Dsettings', ['ConfigMap:kube-system/settings', 'ConfigMap:shop/settings']],
    ['type=configmap&missing=true', ['ConfigMap:kube-system/settings', 'ConfigMap:web/gone']],
    ['type=configmap&missing=0', ['ConfigMap:shop/settings']],
    ['type=pod&stale=true', []],
    ['q=REDIS-&type=pod', ['Pod:shop/redis-0', 'Pod:shop/redis-1']],
    ['root=svc:shop/redis&direction=down&depth=1', ['Pod:shop/redis-0', 'Pod:shop/redis-1', 'Service:shop/redis']],
    ['root=Pod:web/site&root=Pod:shop/redis-0&direction=up&depth=1&type=node', ['Node:a']],
    ['root=Pod:web/site,Pod:shop/redis-1&direction=up&depth=1&type=node', ['Node:a', 'Node:b']],
  ])('%s', async (query, ids) => {
    const whole = await body(`/cluster?${query}`);
    expect(idsOf(whole)).toEqual(ids);
    const bare = await body(`/cluster/resources?${query}`);
    expect(bare.resources).toEqual(whole.resources);
    expect(bare.relations).toBeUndefined();
  });

  it('keeps the relations among what is kept, and with neighbours what touches it', async () => {
    const alone = await body('/cluster?type=service,pod&namespace=shop');
    expect(alone.relations.map(({ source, target }) => `${source} ${target}`)).toEqual([
      'Service:shop/redis Pod:shop/redis-0',
      'Service:shop/redis Pod:shop/redis-1',
    ]);
    const touched = await body('/cluster?type=service&neighbours=1');
    expect(idsOf(touched)).toEqual(['Namespace:shop', 'Pod:shop/redis-0', 'Pod:shop/redis-1', 'Service:shop/redis']);
    expect(touched.relations).toHaveLength(3);
    expect((await body('/cluster?relation=loadBalances')).relations).toHaveLength(2);
  });

  it('works within one type as it does without', async () => {
    const query = 'namespace=shop&labelSelector=tier';
    expect(await body(`/cluster/resources/po?${query}`)).toEqual(await body(`/cluster/resources?type=pod&${query}`));
    expect(idsOf(await body(`/cluster/resources/po?${query}`))).toEqual(['Pod:shop/redis-0']);
  });

  it('trims bodies: no properties, or the fields that are named', async () => {
    const [bare] = (await body('/cluster?type=pod&namespace=shop&properties=false')).resources;
    expect(Object.keys(bare ?? {})).toEqual(['id', 'type', 'timestamp', 'annotations']);
    const fields = '/properties/metadata/labels/app,/properties/spec/containers/*/image,/annotations/label';
    const { resources } = await body(`/cluster/resources?type=pod&namespace=shop&fields=${encodeURIComponent(fields)}`);
    const spec = { containers: [{ image: 'redis:7' }] };
    expect(resources.map(({ properties }) => properties)).toEqual([
      { metadata: { labels: { app: 'redis' } }, spec },
      { metadata: { labels: { app: 'redis' } }, spec },
    ]);
    expect((await body('/cluster?type=node&fields=/id')).resources[0]).not.toHaveProperty('properties');
  });

  it.each([
    ['/cluster?type=pod&', ''],
    ['/cluster/resources/pods?', ''],
    ['/cluster?type=pod&limit=50&', ''],
    ['/cluster?root=Pod:shop/redis-0&', ''],
    ['/cluster/impact?of=Pod:shop/redis-0&', ''],
    ['/cluster/path?from=Pod:shop/redis-0&to=Namespace:shop&', ''],
    ['/cluster?type=pod&format=ndjson&', 'lines'],
  ])('tells of pointers that match nothing: %s', async (question, form) => {
    const { payload } = await ask(`${question}fields=/properties/metadata/nmae,/properties/metadata/name`);
    const told = JSON.parse(form === 'lines' ? (payload.trim().split('\n').at(-1) ?? '') : payload) as object;
    expect(told).toMatchObject({
      unmatchedFields: [{ pointer: '/properties/metadata/nmae', nearest: '/properties/metadata/name' }],
    });
    expect(await body(`${question}fields=/properties/metadata/name`.replace('format=ndjson&', ''))).not.toHaveProperty(
      'unmatchedFields',
    );
  });

  it('leaves out why, of relations and of what is noted about a resource, where reasons are not asked for', async () => {
    for (const path of [
      '/cluster?namespace=shop',
      '/cluster/impact?of=Pod:shop/redis-0',
      '/cluster/path?from=Pod:shop/redis-0&to=Namespace:shop',
    ]) {
      const [whole, short] = [await body(path), await body(`${path}&reasons=false`)];
      expect(JSON.stringify(whole)).toContain('"createdBy"');
      const plain = JSON.stringify(whole, (key, value: unknown) =>
        ['createdBy', 'field', 'from', 'rule', 'reasons'].includes(key) ? undefined : value,
      );
      expect(short.resources).toEqual((JSON.parse(plain) as typeof whole).resources);
      expect(short.relations.map((each) => Object.keys(each))).toEqual(
        whole.relations.map(() => ['type', 'source', 'target', 'annotations']),
      );
    }
  });
});

const refused: readonly (readonly [url: string, parameter: string])[] = [
  ['/cluster?colour=blue', 'colour'],
  ['/cluster?q=pod&q=node', 'q'],
  ['/cluster?type=thing', 'type'],
  ['/cluster?type=', 'type'],
  ['/cluster?type=pod,,node', 'type'],
  ['/cluster?namespace=a,!', 'namespace'],
  [`/cluster?namespace=${'a'.repeat(5000)}`, 'namespace'],
  ['/cluster?labelSelector=a%3D%3D%3Db', 'labelSelector'],
  ['/cluster?fieldSelector=spec.name%3Da', 'fieldSelector'],
  ['/cluster?missing=yes', 'missing'],
  ['/cluster?absent=true', 'absent'],
  ['/cluster/search?q=abc&absent=gone', 'absent'],
  ['/cluster?health=broken', 'health'],
  ['/cluster?health=', 'health'],
  ['/cluster/groups?by=application&health=!fine', 'health'],
  ['/cluster?q=', 'q'],
  ['/cluster?root=redis', 'root'],
  [`/cluster?root=${Array.from({ length: 101 }, (_, i) => `Pod:a/${i}`).join(',')}`, 'root'],
  [`/cluster?${Array.from({ length: 101 }, (_, i) => `root=Pod:a/${i}`).join('&')}`, 'root'],
  ['/cluster?depth=2', 'depth'],
  ['/cluster?direction=up', 'direction'],
  ['/cluster?root=Node:a&depth=-1', 'depth'],
  ['/cluster?root=Node:a&depth=1.5', 'depth'],
  ['/cluster?root=Node:a&depth=1e99', 'depth'],
  ['/cluster?root=Node:a&direction=sideways', 'direction'],
  ['/cluster?fields=metadata', 'fields'],
  ['/cluster?fields=/a~2', 'fields'],
  [`/cluster?fields=${Array.from({ length: 65 }, () => '/a').join(',')}`, 'fields'],
  ['/cluster?fields=/properties&properties=false', 'fields'],
  ['/cluster?format=pdf', 'format'],
  ['/cluster?limit=0', 'limit'],
  ['/cluster?limit=100000', 'limit'],
  ['/cluster?limit=10&format=svg', 'limit'],
  ['/cluster?cursor=nonsense', 'cursor'],
  ['/cluster/resources/pods?type=pod', 'type'],
  ['/debug?limit=10', 'limit'],
  ['/cluster/path?from=Node:a', 'to'],
  ['/cluster/path?from=Node:a&to=b', 'to'],
  ['/cluster/path?from=Node:a&to=Node:b&length=11', 'length'],
  ['/cluster/impact', 'of'],
  ['/cluster/impact?of=', 'of'],
  ['/cluster/groups', 'by'],
  ['/cluster/groups?by=colour', 'by'],
  ['/cluster/groups?by=label:', 'by'],
  ['/cluster/groups?by=label:a%3Db', 'by'],
];

describe('what cannot be asked', () => {
  it.each(refused.map(([url, parameter]) => [url.slice(0, 60), parameter, url] as const))(
    '%s is refused, and %s is named',
    async (_, parameter, url) => {
      const { status, payload } = await ask(url);
      expect(status).toBe(400);
      const failure = JSON.parse(payload) as Body;
      expect(failure).toMatchObject({ success: false, code: 'bad_parameter' });
      expect(failure.error_message).toContain(`Parameter ${parameter} is `);
    },
  );

  it.each(['/cluster?root=Pod:shop/none', '/cluster/impact?of=Pod:shop/none', '/cluster/path?from=Node:a&to=Node:z'])(
    '%s is about what is not there',
    async (url) => expect(await ask(url)).toMatchObject({ status: 404 }),
  );

  it('lets go of what it held when it refuses', async () => {
    await ask('/cluster?format=svg&root=Pod:shop/none');
    expect(test.engine.openSnapshots.readers).toBe(0);
  });
});

describe('forms', () => {
  it.each(views.map(({ name, mediaTypes }) => [name, mediaTypes[0] as string] as const))(
    '%s by name and by Accept',
    async (name, type) => {
      const named = await ask(`/cluster?namespace=shop&format=${name}`);
      expect(named).toMatchObject({ status: 200, type: `${type}; charset=utf-8` });
      expect(named.payload.length).toBeGreaterThan(50);
      const accepted = await ask('/cluster?namespace=shop', { accept: `${type}, application/json;q=0.5` });
      expect(accepted).toMatchObject({ status: 200, type: named.type, payload: named.payload });
      expect(accepted.headers['vary']).toContain('accept');
      expect(test.engine.openSnapshots.readers).toBe(0);
    },
  );

  it('are JSON where nothing is said, and DOT at /debug', async () => {
    for (const accept of [undefined, '*/*', 'text/html,*/*;q=0.8']) {
      const headers = accept === undefined ? {} : { accept };
      expect((await ask('/cluster', headers)).type).toBe('application/json; charset=utf-8');
      expect((await ask('/debug', headers)).type).toBe('text/vnd.graphviz; charset=utf-8');
    }
    expect((await ask('/debug?format=svg')).payload).toMatch(/^<svg /);
    expect((await ask('/debug')).payload).toBe((await ask('/cluster?format=dot')).payload);
  });

  it('that do not exist are refused with a list of the existing ones', async () => {
    const { status, payload } = await ask('/cluster', { accept: 'application/pdf' });
    expect(status).toBe(406);
    expect(JSON.parse(payload)).toMatchObject({
      code: 'not_acceptable',
      error_message: expect.stringContaining('image/svg+xml'),
    });
  });

  it('NDJSON has resources, relations, and a last line that counts them', async () => {
    const { resources, relations } = await body('/cluster?namespace=shop');
    const { payload, type } = await ask('/cluster?namespace=shop&format=ndjson');
    expect(type).toBe('application/x-ndjson; charset=utf-8');
    expect(payload.endsWith('\n')).toBe(true);
    const lines = payload
      .trimEnd()
      .split('\n')
      .map((line) => JSON.parse(line));
    const last = lines.pop();
    expect(lines).toEqual([...resources, ...relations]);
    expect(last).toMatchObject({
      success: true,
      resources: resources.length,
      relations: relations.length,
      completeness: { kinds: {} },
    });
    const none = (await ask('/cluster?q=nothing-is-called-so&format=ndjson')).payload;
    expect(none.trimEnd().split('\n')).toHaveLength(1);
    const trimmed = (await ask('/cluster/resources?format=ndjson&properties=false')).payload.trimEnd().split('\n');
    expect(trimmed.map((line) => JSON.parse(line)).slice(0, -1)).toEqual(
      (await body('/cluster/resources?properties=false')).resources,
    );
  });

  it('over their limit are refused with the limit and a narrowing that fits', async () => {
    const many = createTestApp();
    const { limit } = views.find(({ name }) => name === 'mermaid') ?? {};
    const count = (limit?.resources ?? 0) + 1;
    for (let i = 0; i < count; i++) {
      const metadata = { name: `c${i}`, namespace: i < 5 ? 'small' : 'large' };
      many.store.sinkOf(kindNamed('ConfigMap')).event('ADDED', { apiVersion: 'v1', kind: 'ConfigMap', metadata });
    }
    const refused = await many.app.inject('/cluster?format=mermaid');
    expect(refused.statusCode).toBe(413);
    const { error_message } = refused.json<{ error_message: string }>();
    expect(error_message).toContain(`${limit?.resources} resources`);
    const hint = /(\w+=[\w-]+) would fit/.exec(error_message)?.[1];
    expect((await many.app.inject(`/cluster?format=mermaid&${hint}`)).statusCode).toBe(200);
    expect(many.engine.openSnapshots.readers).toBe(0);
    await many.app.close();
  });
});

describe('pages', () => {
  it('are walked by their cursors, in JSON and in NDJSON, with the other parameters the same', async () => {
    const whole = await body('/cluster?namespace=shop');
    const seen: unknown[] = [];
    let cursor = '';
    do {
      const page: Body = await body(`/cluster?namespace=shop&limit=3${cursor && `&cursor=${cursor}`}`);
      seen.push(...page.resources, ...page.relations);
      expect(seen.length + (page.remaining ?? 0)).toBe(whole.resources.length + whole.relations.length);
      cursor = page.cursor ?? '';
    } while (cursor !== '');
    expect(seen).toEqual([...whole.resources, ...whole.relations]);

    const lines: unknown[] = [];
    do {
      const { payload } = await ask(`/cluster?namespace=shop&limit=4&format=ndjson${cursor && `&cursor=${cursor}`}`);
      const page = payload
        .trimEnd()
        .split('\n')
        .map((line) => JSON.parse(line));
      cursor = page.at(-1).cursor ?? '';
      lines.push(...page.slice(0, -1));
    } while (cursor !== '');
    expect(lines).toEqual(seen);
  });

  it('whose revision is held no longer are gone: 410 says where to begin again', async () => {
    const { cursor } = await body('/cluster?namespace=shop&limit=3&properties=false');
    const gone = await ask(`/cluster?namespace=web&cursor=${cursor}&limit=3&properties=false`);
    expect(gone.status).toBe(410);
    const { error_message, code } = JSON.parse(gone.payload) as Body;
    expect(code).toBe('cursor_gone');
    expect(error_message).toContain('begin again at /cluster?namespace=web&limit=3&properties=false');
    await test.app.inject(`/cluster?namespace=shop&cursor=${cursor}&properties=false`);
  });
});

describe('an unchanged graph', () => {
  it.each([
    '/cluster?namespace=shop',
    '/debug',
    '/cluster/resources/pods',
    '/cluster/impact?of=Node:a',
    '/cluster/groups?by=type',
    '/cluster/path?from=Node:a&to=Node:b',
  ])('%s is answered with 304 to who has it', async (url) => {
    const { headers } = await ask(url);
    expect(await ask(url, { 'if-none-match': String(headers['etag']) })).toMatchObject({ status: 304, payload: '' });
  });
});

describe('paths, impact and groups', () => {
  it('tell ids, distances and counts beside the graph', async () => {
    const path = await body('/cluster/path?from=no:a&to=configmap:shop/settings');
    expect(path).toMatchObject({ paths: [['Node:a', 'Pod:shop/redis-0', 'ConfigMap:shop/settings']], allPaths: true });
    expect(path.relations.map(({ type }) => type)).toEqual(['runs', 'uses']);
    const impact = await body('/cluster/impact?of=ConfigMap:shop/settings');
    const distances = {
      'ConfigMap:shop/settings': 0,
      'Pod:shop/redis-0': 1,
      'Pod:shop/redis-1': 1,
      'Service:shop/redis': 2,
    };
    expect(impact).toMatchObject({ distances });
    const groups = await body('/cluster/groups?by=namespace&type=pod,service,container');
    const counts = groups.resources.map(({ annotations, properties }) => [
      annotations.label,
      (properties as { types: object }).types,
    ]);
    expect(counts).toEqual([
      ['kube-system', { Container: 1, Pod: 1 }],
      ['shop', { Container: 2, Pod: 2, Service: 1 }],
      ['web', { Container: 1, Pod: 1 }],
    ]);
  });

  it('take every form', async () => {
    const before = test.engine.openSnapshots.readers;
    for (const url of [
      '/cluster/path?from=Node:a&to=Node:b',
      '/cluster/impact?of=Node:a',
      '/cluster/groups?by=namespace',
    ])
      for (const { name } of views)
        expect(await ask(`${url}&format=${name}`), `${url} ${name}`).toMatchObject({ status: 200 });
    expect(test.engine.openSnapshots.readers).toBeLessThanOrEqual(before);
  });
});
