// A caller limited to namespace `a` gets the same bytes whether namespace `b` exists or not: over every documented route and
// form, every example of every parameter, and ids that are visible, hidden or unknown.
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Rule, User } from '../../../src/demo/api-server.ts';
import { call, message } from '../../support/mcp-call.ts';
import { createProtectedApp, type ProtectedApp } from '../../support/protected-app.ts';
import { livesIn, runtimeOf, shared } from '../../support/two-namespaces.ts';

const inA = (apiGroups: readonly string[], resources: readonly string[], verbs: readonly string[]): Rule => ({
  verbs,
  apiGroups,
  resources,
  namespaces: ['a'],
});
const reads = [
  inA([''], ['pods', 'services', 'configmaps', 'serviceaccounts', 'persistentvolumeclaims'], ['list']),
  inA(['apps', 'networking.k8s.io', 'rbac.authorization.k8s.io'], ['*'], ['list']),
  inA([''], ['namespaces'], ['get']),
  inA([''], ['pods/exec'], ['create']),
];
export const users: readonly User[] = [
  { username: 'master', token: 'master', rules: [{ verbs: ['create'], apiGroups: ['*'], resources: ['*'] }] },
  { username: 'ann', token: 'ann-token', groups: ['shop'], rules: reads },
  { username: 'root', token: 'root-token', rules: [{ verbs: ['*'], apiGroups: ['*'], resources: ['*'] }] },
];

let both: ProtectedApp;
let alone: ProtectedApp;

beforeAll(async () => {
  const flags = ['--auth', 'kubernetes', '--rate-limit', '0'];
  [both, alone] = await Promise.all([createProtectedApp({ flags, users }), createProtectedApp({ flags, users })]);
  for (const [world, names] of [
    [both, ['a', 'b']],
    [alone, ['a']],
  ] as const) {
    world.apply(shared);
    if (names.length > 1) world.apply(livesIn('b', 'a'));
    world.apply(livesIn('a', 'b'));
    world.containers.runtime.state('node-1', 'synced');
    world.containers.runtime.snapshot('node-1', runtimeOf(...names));
  }
});
afterAll(async () => {
  await Promise.all([both.close(), alone.close()]);
});

interface Document {
  readonly paths: { readonly [path: string]: { readonly get?: { readonly parameters?: readonly Parameter[] } } };
}

interface Parameter {
  readonly name: string;
  readonly in: string;
  readonly schema?: { readonly examples?: readonly unknown[]; readonly enum?: readonly unknown[] };
  readonly example?: unknown;
}

const ann = { authorization: 'Bearer ann-token' };

const ids = [
  'Pod:a/web-1',
  'Pod:b/web-1',
  'Pod:b/nowhere',
  'Namespace:a',
  'Namespace:b',
  'Node:node-1',
  'Secret:b/password',
  'ServiceAccount:b/default',
  'ServiceAccount:b/never-there',
  'Container:b/web-1/main',
  'Container:a/web-1/main',
];
const types = ['Pod', 'Namespace', 'Node', 'Secret', 'Image', 'Container', 'Process', 'Nonsense'];
const forms = ['json', 'ndjson', 'dot', 'svg', 'mermaid', 'graphml', 'gexf', 'cytoscape', 'cypher'];
const more = [
  '/nowhere',
  '/cluster?namespace=b',
  '/cluster?namespace=a',
  '/cluster?q=b',
  '/cluster?missing=true',
  '/cluster?limit=3',
  '/cluster/groups?by=namespace',
  '/cluster/groups?by=image',
  '/cluster/groups?by=node',
  ...ids.map((id) => `/cluster?root=${encodeURIComponent(id)}`),
  ...ids.map((id) => `/cluster/impact?of=${encodeURIComponent(id)}`),
  ...ids.map((id) => `/cluster/path?from=${encodeURIComponent('Pod:a/web-1')}&to=${encodeURIComponent(id)}`),
  ...ids.map((id) => `/cluster/resources/${id.slice(0, id.indexOf(':'))}/${id.slice(id.indexOf(':') + 1)}`),
  ...forms.flatMap((form) => [`/cluster?format=${form}`, `/debug?format=${form}`]),
];

/** Every documented path with its examples, one parameter at a time, and with each type and id, unless these are left out. */
async function urlsOf({ app }: ProtectedApp, all = true): Promise<string[]> {
  const { paths } = (await app.inject('/openapi.json')).json<Document>();
  const urls = Object.entries(paths).flatMap(([path, { get }]) => {
    if (!get || path.endsWith('/watch')) return [];
    const parameters = get.parameters ?? [];
    const bare = types.flatMap((type) =>
      ids.map((id) => path.replace('{type}', type).replace('{id}', id.slice(id.indexOf(':') + 1))),
    );
    const queries = parameters
      .filter((each) => each.in === 'query')
      .flatMap((each) =>
        [...(each.schema?.enum ?? each.schema?.examples ?? []), each.example]
          .filter((value) => value !== undefined)
          .map((value) => `?${each.name}=${encodeURIComponent(String(value))}`),
      );
    return [...new Set(all ? bare : bare.slice(0, 1))].flatMap((one, i) =>
      i === 0 ? [one, ...queries.map((query) => one + query)] : [one],
    );
  });
  return [...new Set([...urls, ...more])];
}

async function answerOf({ app }: ProtectedApp, url: string, token: string, headers: object = {}) {
  const answer = await app.inject({ url, headers: { authorization: `Bearer ${token}`, ...headers } });
  const { date: _, ...rest } = answer.headers;
  // Cursors are random, so that nobody can guess another's.
  const drawn = answer.body.replace(/"cursor":"[\w-]{16}\./, '"cursor":"drawn.');
  // The process's own health changes between requests.
  const body = drawn.replace(/"timestamp":"[^"]+","health"/, '"timestamp":"now","health"');
  const link = String(rest['link'] ?? '').replace(/cursor=[\w-]{16}\./, 'cursor=drawn.');
  return {
    status: answer.statusCode,
    headers: { ...rest, link },
    body,
    cursor: /"cursor":"([^"]+)"/.exec(answer.body)?.[1],
  };
}

async function compare(urls: readonly string[], headers: object = {}): Promise<void> {
  for (const url of urls) {
    const [one, other] = await Promise.all([
      answerOf(both, url, 'ann-token', headers),
      answerOf(alone, url, 'ann-token', headers),
    ]);
    expect({ ...one, cursor: '' }, url).toEqual({ ...other, cursor: '' });
    expect(one.status, url).not.toBe(500);
  }
}

describe('a caller limited to one namespace', () => {
  it('gets the same bytes on every route whether another namespace exists or not', async () => {
    const urls = await urlsOf(both);
    expect(urls.length).toBeGreaterThan(100);
    for (const route of ['/', '/cluster', '/debug', '/cluster/resources', '/version', '/rules', '/metrics'])
      expect(urls).toContain(route);
    await compare(urls);
  }, 120_000);

  it('gets the same bytes in every form by Accept, and the same validators', async () => {
    for (const accept of ['text/vnd.graphviz', 'application/x-ndjson', 'image/svg+xml', 'text/html', '*/*'])
      await compare(['/cluster', '/cluster/resources', '/debug'], { accept });
    for (const encoding of ['gzip', 'br', 'zstd'])
      await compare(['/cluster', '/cluster/resources', '/debug'], { 'accept-encoding': encoding });
    const { headers } = await answerOf(both, '/cluster', 'ann-token');
    expect(headers.etag).toBeTruthy();
    expect((await answerOf(alone, '/cluster', 'ann-token', { 'if-none-match': headers.etag })).status).toBe(304);
  });

  it('gets the same bytes from every tool, document and prompt for assistants', async () => {
    const tools = (await message<{ tools: { name: string }[] }>(both.app, 'tools/list', {}, ann)).result?.tools ?? [];
    expect(tools.length).toBeGreaterThan(5);
    const given = (id: string) => [
      { id },
      { id, depth: 2 },
      { from: 'Pod:a/web-1', to: id },
      { text: id.split('/').at(-1) },
      { text: id },
      { namespace: 'b' },
      {},
    ];
    const calls = tools.flatMap(({ name }) =>
      ids.flatMap((id) => given(id).map((each) => ['tools/call', { name, arguments: each }] as const)),
    );
    const reads = [...ids.map((id) => `resource/${encodeURIComponent(id)}`), 'rules', 'completeness'];
    for (const [method, params] of [
      ...calls,
      ...reads.map((uri) => ['resources/read', { uri: `insight://${uri}` }] as const),
      ['prompts/get', { name: 'incident', arguments: { symptom: 'b' } }] as const,
      ['server/discover', {}] as const,
    ]) {
      const [one, other] = [
        await message(both.app, method, params, ann),
        await message(alone.app, method, params, ann),
      ];
      expect(one, JSON.stringify(params)).toEqual(other);
      expect(JSON.stringify(one)).not.toMatch(/b\/shop|only-b/);
    }
    const { text, structured } = await call(both.app, 'get', { id: 'Pod:a/web-1' }, ann);
    expect(text).toContain('scope: what you may see');
    expect(structured.scope).toBe('what you may see');
    const hidden = await call(both.app, 'get', { id: 'Pod:a/password' }, ann);
    expect(hidden.text).toBe(
      'There is no Pod "a/password" that you may see, but there is: "Secret:a/password". Find ids with: search {"text":"password"}',
    );
  }, 120_000);

  it('sees its own content, and only names of the rest that it refers to', async () => {
    const { body } = await answerOf(both, '/cluster', 'ann-token');
    const { resources, completeness } = JSON.parse(body) as {
      resources: { id: string; annotations: { unverified?: boolean; missing?: boolean } }[];
      completeness: { kinds: Record<string, { state: string }>; minions: object };
    };
    const by = new Map(resources.map((each) => [each.id, each]));
    for (const id of [
      'Pod:a/web-1',
      'Namespace:a',
      'Service:a/web',
      'Container:a/web-1/main',
      'Process:a/web-1/main/100',
    ])
      expect(by.get(id)?.annotations.unverified, id).toBeUndefined();
    for (const id of ['Node:node-1', 'Secret:a/password', 'ServiceAccount:b/default', 'ServiceAccount:b/never-there'])
      expect(by.get(id)?.annotations, id).toMatchObject({ unverified: true });
    expect(resources.filter(({ id }) => /[:/]b(\/|$)/.test(id)).map(({ id }) => id)).toEqual([
      'ServiceAccount:b/default',
      'ServiceAccount:b/never-there',
    ]);
    expect(body).not.toContain('b/shop');
    expect(body).not.toContain('only-b');
    expect(completeness.kinds['Node']?.state).toBe('forbidden');
    expect(completeness.kinds['Secret']?.state).toBe('forbidden');
    expect(completeness.minions).toEqual({});
    expect((await answerOf(both, '/metrics', 'ann-token')).status).toBe(403);
  });

  it('gets no event for hidden changes, and all others at once', async () => {
    const before = await answerOf(both, '/cluster', 'ann-token');
    both.time += 5000;
    both.apply(livesIn('b', 'a').slice(0, 4), true);
    both.apply([{ ...(shared[0] as object), status: { phase: 'gone' } } as never]);
    expect(await answerOf(both, '/cluster', 'ann-token')).toEqual(before);
    alone.time = both.time;
    for (const world of [both, alone])
      world.apply(
        livesIn('a', 'b').filter(({ kind }) => kind === 'Service'),
        true,
      );
    const after = await answerOf(both, '/cluster', 'ann-token');
    expect(after).toEqual(await answerOf(alone, '/cluster', 'ann-token'));
    expect(after.headers.etag).not.toBe(before.headers.etag);
    expect(after.body).not.toContain('Service:a/web');
    await compare(await urlsOf(both, false));
  }, 120_000);

  it('gets the same pages, which no one else can read on', async () => {
    const first = await Promise.all([both, alone].map((world) => answerOf(world, '/cluster?limit=3', 'ann-token')));
    const [next, same] = await Promise.all(
      [both, alone].map((world, i) => answerOf(world, `/cluster?cursor=${first[i]?.cursor}`, 'ann-token')),
    );
    expect(next?.status).toBe(200);
    expect({ ...next, cursor: '' }).toEqual({ ...same, cursor: '' });
    const ofRoot = await answerOf(both, '/cluster?limit=3', 'root-token');
    expect((await answerOf(both, `/cluster?cursor=${ofRoot.cursor}`, 'ann-token')).status).toBe(410);
  });

  it('gets other answers than a caller with all rights', async () => {
    const [limited, whole] = await Promise.all([
      answerOf(both, '/cluster', 'ann-token'),
      answerOf(both, '/cluster', 'root-token'),
    ]);
    expect(whole.body).toContain('Pod:b/web-1');
    expect(whole.body.length).toBeGreaterThan(limited.body.length);
    expect(whole.headers.etag).not.toBe(limited.headers.etag);
    expect((await answerOf(both, '/metrics', 'root-token')).status).toBe(403);
  });
});
