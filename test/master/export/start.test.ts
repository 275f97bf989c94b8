// The whole mode: an API server on one side, a misbehaving endpoint on the other.
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { gunzipSync, gzipSync } from 'node:zlib';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { parse } from 'yaml';
import { start as startOfExport } from '../../../master/export/start.ts';
import { start as startMaster } from '../../../master/start.ts';
import { type ApiServer, startApiServer } from '../../../src/demo/api-server.ts';
import { createDemoCluster } from '../../../src/demo/cluster.ts';
import { silentLogger } from '../../../src/logger.ts';
import type { KubernetesObject } from '../../../src/model.ts';
import { readConfig } from '../../../src/settings/config.ts';
import { canary, everyKind, objectOf, spellings } from '../../support/canaries.ts';
import { createAuthority } from '../../support/certificates.ts';
import { exported, fileWith, keys, newFolder, startExport } from '../../support/exporting.ts';
import { type FakeEndpoint, startEndpoint } from '../../support/fake-endpoint.ts';

const plain = ['--relations=false'];
const collector = ['--protocol', 'collector', '--cluster-id', 'shop-1'];
const closers: (() => Promise<unknown>)[] = [];
afterEach(async () => {
  for (const close of closers.splice(0).toReversed()) await close();
});

async function endpoint(): Promise<FakeEndpoint> {
  const fake = await startEndpoint();
  closers.push(() => fake.close());
  return fake;
}

async function apiServer(objects: readonly KubernetesObject[] = []): Promise<ApiServer> {
  const server = await startApiServer();
  closers.push(() => server.stop());
  for (const name of ['kube-system', 'shop'])
    server.create({ apiVersion: 'v1', kind: 'Namespace', metadata: { name } });
  for (const object of objects) server.create(object);
  return server;
}

function demo(): { readonly server: () => ApiServer } {
  let cluster: ReturnType<typeof createDemoCluster> | undefined;
  beforeAll(async () => {
    cluster = createDemoCluster({ port: 0 });
    await cluster.start();
  });
  afterAll(() => cluster?.close());
  return { server: () => (cluster as NonNullable<typeof cluster>).server };
}

const pod = (name: string, more: object = {}): KubernetesObject => ({
  apiVersion: 'v1',
  kind: 'Pod',
  metadata: { name, namespace: 'shop' },
  spec: { containers: [{ name: 'main', image: 'shop:1' }] },
  ...more,
});
const configMap = (name: string, bytes: number): KubernetesObject => ({
  apiVersion: 'v1',
  kind: 'ConfigMap',
  metadata: { name, namespace: 'shop', annotations: { filler: 'word '.repeat(bytes / 5) } },
});
const lines = (fake: FakeEndpoint) =>
  [...(fake.committed()?.values() ?? [])].flatMap((text) => text.trim().split('\n')).map((line) => JSON.parse(line));
const parts = (fake: FakeEndpoint, key: string) =>
  [...(fake.committed()?.values() ?? [])].flatMap((text) => JSON.parse(text)[key] ?? []);
const typesOf = (fake: FakeEndpoint) =>
  fake.manifests.at(-1)?.['types'] as { [name: string]: { state: string; objects: number; reason?: string } };
const said = (text: string) => spellings.filter((one) => text.includes(one));

describe('one run of the demo cluster', () => {
  const { server } = demo();

  test('sends every resource once, its relations among them, between a session and a commit, and exits with 0', async () => {
    const fake = await endpoint();
    const { status, log } = await exported(server(), ['--to', fake.url, ...keys()]);
    expect([status, fake.open()]).toEqual([0, 0]);
    const sent = lines(fake);
    const ids = sent.flatMap(({ id }) => id ?? []);
    expect(new Set(ids).size).toBe(ids.length);
    for (const type of ['Pod', 'Deployment', 'Service', 'Node', 'Widget.acme.example.com', 'Container', 'Image'])
      expect(ids.filter((id) => id.startsWith(`${type}:`)).length).toBeGreaterThan(0);
    const known = new Set(ids);
    const relations = sent.filter(({ source }) => source !== undefined);
    expect(relations.length).toBeGreaterThan(500);
    expect(relations.filter(({ source, target }) => !known.has(source) || !known.has(target))).toEqual([]);
    expect(fake.manifests[0]).toMatchObject({ complete: true, relations: relations.length, unknown: {}, oversize: [] });
    const order = fake.received.map(({ path }) => path.split('/').at(-1));
    expect([order[0], order.at(-1)]).toEqual(['login', 'commit']);
    expect(log).toContain('nothing left out');
  });

  test('in the old protocol sends objects, trees and types, and nothing but 204 ends it', async () => {
    const fake = await endpoint();
    const { status } = await exported(server(), ['--to', fake.url, ...collector, ...keys()]);
    expect(status).toBe(0);
    const objects = parts(fake, 'k8sObjects') as { kind: string; object: KubernetesObject }[];
    const uids = objects.map(({ object }) => object.metadata.uid);
    expect(new Set(uids).size).toBe(uids.length);
    const owned = objects.filter(({ object }) => (object.metadata.ownerReferences?.length ?? 0) > 0);
    expect(owned.length).toBeGreaterThan(10);
    const [trees] = [
      parts(fake, 'k8sTrees') as { kind: string; name: string; children: { kind: string; name: string }[] }[],
    ];
    expect(trees.find(({ kind }) => kind === 'Deployment')?.children.map(({ kind }) => kind)).toContain('ReplicaSet');
    const [first, second] = fake.received;
    expect([first?.headers['content-encoding'], second?.method, second?.query.get('clusterUniqueId')]).toEqual([
      undefined,
      'HEAD',
      server().get({ apiVersion: 'v1', kind: 'Namespace', metadata: { name: 'kube-system' } })?.metadata.uid,
    ]);
    expect(
      fake.received
        .filter(({ method }) => method === 'POST')
        .slice(1)
        .every(({ headers }) => headers['content-encoding'] === 'gzip'),
    ).toBe(true);
    expect(fake.received.at(-1)?.method).toBe('PATCH');
  });

  test.each([[plain], [[...plain, '--types', 'core/*,apps/*']], [['--relations=true']]])(
    'a dry run prints what a run sends, and sends nothing: %j',
    async (args) => {
      const fake = await endpoint();
      const real = await exported(server(), ['--to', fake.url, ...args]);
      const asked = fake.received.length;
      const dry = await exported(server(), ['--to', fake.url, '--dry-run', ...args]);
      expect([real.status, dry.status, fake.received.length]).toEqual([0, 0, asked]);
      const timeless = (text: string) =>
        text
          .trim()
          .split('\n')
          .map((line) => line.replace(/"timestamp":"[^"]*"/, ''))
          .toSorted();
      expect(timeless(dry.out)).toEqual(timeless([...(fake.committed()?.values() ?? [])].join('')));
      expect(dry.out.length).toBeGreaterThan(10_000);
    },
  );

  test('a dry run of the old protocol prints the bodies, one a line', async () => {
    const { status, out } = await exported(server(), ['--dry-run', ...collector]);
    const documents = out
      .trim()
      .split('\n')
      .map((line) => Object.keys(JSON.parse(line)).at(1));
    expect([status, new Set(documents)]).toEqual([0, new Set(['helmReleases', 'k8sTrees', 'k8sObjects'])]);
  });

  test('the role lists exactly the types that are asked for', async () => {
    const args = [...plain, '--types', '-acme.example.com/widgets,+core/secrets,-apps/controllerrevisions'];
    const { out } = await exported(server(), ['--role', ...args]);
    const { rules } = parse(out) as {
      rules: { apiGroups: string[]; resources: string[]; verbs: string[]; resourceNames?: string[] }[];
    };
    const granted = rules
      .filter(({ resourceNames }) => !resourceNames)
      .flatMap(({ apiGroups: [group], resources }) => resources.map((one) => `${group}/${one}`));
    const before = server().requests.entries().length;
    const { status } = await exported(server(), ['--to', `file://${newFolder()}`, ...args]);
    const asked = server()
      .requests.entries()
      .slice(before)
      .flatMap(({ url }) => {
        const found = /^\/(?:api\/v1|apis\/([^/]+)\/[^/]+)\/([a-z]+)(?:\?|$)/.exec(url);
        return found ? [`${found[1] ?? ''}/${found[2]}`] : [];
      });
    expect(status).toBe(0);
    expect([...new Set(asked)].toSorted()).toEqual(granted.toSorted());
    expect(granted).toContain('/secrets');
    expect(granted).not.toContain('acme.example.com/widgets');
  });

  test('namespaces are chosen by name and wildcard, and what is in none stays', async () => {
    const folder = newFolder();
    const { status } = await exported(server(), [
      '--to',
      `file://${folder}`,
      ...plain,
      '--scope',
      'shop*,kube-system,-shop-x',
      '--compression',
      'none',
    ]);
    const cluster = join(folder, readdirSync(folder)[0] ?? '');
    const { run } = JSON.parse(readFileSync(join(cluster, 'latest.json'), 'utf8'));
    const text = readdirSync(join(cluster, run))
      .filter((name) => name.startsWith('graph'))
      .map((name) => readFileSync(join(cluster, run, name), 'utf8'))
      .join('');
    const namespaces = text
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line).properties.metadata.namespace);
    expect(status).toBe(0);
    expect(new Set(namespaces.filter((name) => name !== undefined)).size).toBeLessThan(3);
    expect(text).toContain('"type":"Node"');
  });

  test('to a folder: a commit names the run that counts, and a second run at the same time goes politely', async () => {
    const folder = newFolder();
    const to = ['--to', `file://${folder}`, '--cluster-id', 'demo'];
    // The first one waits for an answer until it is ended.
    const disarm = server().fault({ path: '/api/v1/services', effect: 'delay' });
    const asked = () =>
      server()
        .requests.entries()
        .filter(({ url }) => url.startsWith('/api/v1/services?')).length;
    const before = asked();
    const first = await startExport(server(), [...to, ...plain]);
    await expect.poll(asked).toBe(before + 1);
    const second = await exported(server(), to);
    expect([second.status, second.log]).toEqual([3, expect.stringContaining('another run writes')]);
    disarm();
    await expect(first.close()).rejects.toThrow('before it was through');
    expect((await exported(server(), to)).status).toBe(0);
    const { run } = JSON.parse(readFileSync(join(folder, 'demo/latest.json'), 'utf8'));
    const files = readdirSync(join(folder, 'demo', run)).toSorted();
    expect(files.at(-1)).toBe('manifest.json');
    const page = files.find((name) => name.endsWith('.ndjson.gz')) ?? '';
    expect(gunzipSync(readFileSync(join(folder, 'demo', run, page))).toString()).toContain('"id":');
    expect((await exported(server(), to)).status).toBe(0);
  });

  test('another cluster under the same name is refused, unless it is to take the place', async () => {
    const folder = newFolder();
    const other = await apiServer([pod('one')]);
    const to = ['--to', `file://${folder}`, '--cluster-id', 'same', ...plain];
    expect((await exported(server(), to)).status).toBe(0);
    const refused = await exported(other, to);
    expect([refused.status, refused.log]).toEqual([1, expect.stringContaining('exportOverrideIdentity')]);
    expect((await exported(other, [...to, '--override-identity'])).status).toBe(0);
  });
});

describe('an endpoint that misbehaves', () => {
  test('a token that ends on page 2 costs one login, and the page is sent again without a duplicate', async () => {
    const server = await apiServer(Array.from({ length: 30 }, (_, n) => configMap(`c${n}`, 5_000)));
    const fake = await endpoint();
    fake.misbehave = ({ path }, nth) => {
      if (path.endsWith('/pages/2') && nth === 1) fake.endToken();
      return undefined;
    };
    const { status } = await exported(server, ['--to', fake.url, ...plain, ...keys(), '--page-size', '20k']);
    expect([status, fake.tokens.length]).toEqual([0, 2]);
    const ids = lines(fake).map(({ id }) => id);
    expect(new Set(ids).size).toBe(ids.length);
    expect(ids.filter((id) => id.startsWith('ConfigMap:'))).toHaveLength(30);
  });

  test.each([
    ['503 with Retry-After', { status: 503, headers: { 'retry-after': '0' } }],
    ['429', { status: 429, headers: { 'retry-after': '0' } }],
    ['a cut before it took the page', { status: 0, cut: 'before' as const }],
    ['a cut after it took the page', { status: 0, cut: 'after' as const }],
    ['a refusal of gzip', { status: 415 }],
  ])('%s is tried again, and nothing is there twice', async (_, refusal) => {
    const server = await apiServer([pod('a'), pod('b')]);
    const fake = await endpoint();
    fake.misbehave = ({ path }, nth) => (path.endsWith('/pages/1') && nth === 1 ? refusal : undefined);
    const { status } = await exported(server, ['--to', fake.url, ...plain]);
    expect(status).toBe(0);
    expect(lines(fake).filter(({ type }) => type === 'Pod')).toHaveLength(2);
    const tries = fake.received.filter(({ path }) => path.endsWith('/pages/1'));
    expect(tries).toHaveLength(2);
    if (refusal.status === 415)
      expect(tries.map(({ headers }) => headers['content-encoding'])).toEqual(['gzip', undefined]);
  });

  test.each([
    ['PATCH', 400, collector],
    ['PATCH', 200, collector],
    ['HEAD', 200, collector],
    ['PUT', 403, plain],
  ])(
    '%s answered with %i is no success: the exit status is 1, and it says what was answered',
    async (method, code, args) => {
      const server = await apiServer([pod('a')]);
      const fake = await endpoint();
      fake.misbehave = (request) =>
        request.method === method ? { status: code, body: `secret=${canary}` } : undefined;
      const { status, log } = await exported(server, ['--to', fake.url, ...args]);
      expect([status, fake.committed()]).toEqual([1, undefined]);
      expect(log).toContain(`status ${code}`);
      expect(said(log)).toEqual([]);
    },
  );

  test('wrong keys end it with 1 before anything was sent', async () => {
    const server = await apiServer([pod('a')]);
    const fake = await endpoint();
    const wrong = ['--access-key-file', fileWith('no'), '--secret-key-file', fileWith('no')];
    const { status, log } = await exported(server, ['--to', fake.url, ...wrong]);
    expect([status, fake.received.map(({ path }) => path)]).toEqual([1, ['/account/access_keys/login']]);
    expect(log).toContain('no token');
  });

  test('a session that another run holds is left to it: 3, and nothing is sent', async () => {
    const server = await apiServer([pod('a')]);
    const fake = await endpoint();
    fake.misbehave = ({ method }) => (method === 'HEAD' ? { status: 409 } : undefined);
    const { status, log } = await exported(server, ['--to', fake.url, ...collector]);
    expect([status, fake.received.length]).toEqual([3, 1]);
    expect(log).toContain('another run sends there already');
  });

  test('a run that was killed leaves nothing that counts; the next one commits each object once', async () => {
    const server = await apiServer(Array.from({ length: 20 }, (_, n) => configMap(`c${n}`, 5_000)));
    const fake = await endpoint();
    let reached: () => void = () => undefined;
    const atPage3 = new Promise<void>((resolve) => (reached = resolve));
    fake.misbehave = ({ path }) => {
      if (!path.endsWith('/pages/3')) return undefined;
      reached();
      return { status: 503, headers: { 'retry-after': '30' } };
    };
    const args = ['--to', fake.url, ...plain, '--page-size', '20k'];
    const killed = await startExport(server, args);
    await atPage3;
    await expect(killed.close()).rejects.toThrow('before it was through');
    expect([(await killed.ended).status, fake.committed()]).toEqual([1, undefined]);
    fake.misbehave = () => undefined;
    expect((await exported(server, args)).status).toBe(0);
    const ids = lines(fake).map(({ id }) => id);
    expect(ids.filter((id) => id.startsWith('ConfigMap:'))).toHaveLength(20);
    expect(new Set(ids).size).toBe(ids.length);
  });
});

describe('an API server that misbehaves', () => {
  test('5,001 pods come in pages; 410 on the third begins that list again and no other', async () => {
    const server = await apiServer();
    server.load(
      'pods',
      Array.from({ length: 5_001 }, (_, n) =>
        pod(`p${String(n).padStart(4, '0')}`, {
          metadata: { name: `p${String(n).padStart(4, '0')}`, namespace: 'shop', uid: `u${n}` },
        }),
      ),
    );
    server.fault({ path: '/api/v1/pods', skip: 2, effect: 'expired' });
    const fake = await endpoint();
    const { status } = await exported(server, ['--to', fake.url, ...plain]);
    expect([status, typesOf(fake)['core/pods']]).toEqual([0, { state: 'complete', objects: 5_001 }]);
    expect(new Set(lines(fake).flatMap(({ id, type }) => (type === 'Pod' ? [id] : []))).size).toBe(5_001);
    const asked = (path: string) => server.requests.entries().filter((one) => one.url.startsWith(path));
    expect(asked('/api/v1/pods?').every(({ url }) => url.includes('limit=500'))).toBe(true);
    expect(asked('/api/v1/pods?').filter(({ url }) => !url.includes('continue='))).toHaveLength(2);
    expect(asked('/api/v1/services?')).toHaveLength(1);
  });

  test('503 on pods: the manifest says so, all else is committed, and the exit status is 3', async () => {
    const server = await apiServer([pod('a'), configMap('c', 10)]);
    server.fault({ path: '/api/v1/pods', times: 99, effect: 'status', code: 503, retryAfter: 0 });
    const fake = await endpoint();
    const { status, log } = await exported(server, ['--to', fake.url, ...plain]);
    expect(status).toBe(3);
    expect(typesOf(fake)['core/pods']?.state).toBe('failed');
    expect(lines(fake).map(({ type }) => type)).toContain('ConfigMap');
    expect(lines(fake).map(({ type }) => type)).not.toContain('Pod');
    expect(log).toContain('failed: core/pods');
  });

  test('in the old protocol, which cannot say so, nothing is committed then, unless it is told to', async () => {
    const server = await apiServer([pod('a'), configMap('c', 10)]);
    server.fault({ path: '/api/v1/pods', times: 99, effect: 'status', code: 503, retryAfter: 0 });
    const fake = await endpoint();
    const held = await exported(server, ['--to', fake.url, ...collector]);
    expect([held.status, fake.committed()]).toEqual([1, undefined]);
    expect(held.log).toContain('would seem to be gone: core/pods');
    expect((await exported(server, ['--to', fake.url, ...collector, '--partial'])).status).toBe(3);
    expect((parts(fake, 'k8sObjects') as { kind: string }[]).map(({ kind }) => kind)).toContain('ConfigMap');
  });

  test('a type that may not be read is forbidden, one whose list breaks off is taken out whole', async () => {
    const server = await apiServer([pod('a'), configMap('c', 10)]);
    server.fault({ path: '/api/v1/pods', times: 99, effect: 'status', code: 403 });
    server.fault({
      path: '/api/v1/configmaps',
      times: 99,
      effect: 'body',
      body: '{"kind":"List","items":[{"metadata":{"name":"x"}},{"metadata":{}}]}',
    });
    const fake = await endpoint();
    expect((await exported(server, ['--to', fake.url, ...plain])).status).toBe(3);
    expect([typesOf(fake)['core/pods']?.state, typesOf(fake)['core/configmaps']]).toEqual([
      'forbidden',
      expect.objectContaining({ state: 'failed', objects: 0 }),
    ]);
    expect(lines(fake).map(({ type }) => type)).not.toContain('ConfigMap');
  });

  test('a group that does not say what it serves is named, and the others are sent', async () => {
    const server = await apiServer([pod('a')]);
    server.addKind({
      group: 'acme.example.com',
      versions: ['v1'],
      kind: 'Widget',
      plural: 'widgets',
      namespaced: true,
    });
    server.setStale('acme.example.com', true);
    const fake = await endpoint();
    expect((await exported(server, ['--to', fake.url, ...plain])).status).toBe(3);
    expect(fake.manifests.at(-1)?.['unknown']).toEqual({ 'acme.example.com/v1': expect.any(String) });
    expect(lines(fake).map(({ type }) => type)).toContain('Pod');
    const without = await exported(server, ['--to', fake.url, ...plain, '--types', '-acme.example.com/*']);
    expect(without.status).toBe(0);
  });

  test('an API server that cannot be reached ends the run with 1, and nothing is sent', async () => {
    const fake = await endpoint();
    const server = await apiServer();
    await server.stop();
    const { status, log } = await exported(server, ['--to', fake.url]);
    expect([status, fake.received]).toEqual([1, []]);
    expect(log).toContain('connection refused');
  });
});

describe('pages', () => {
  test('120 objects of 10 kB and one of 1.6 MB: no page over the limit, none empty, and what is too large is named', async () => {
    const server = await apiServer([
      ...Array.from({ length: 120 }, (_, n) => configMap(`c${n}`, 10_000)),
      configMap('large', 1_600_000),
    ]);
    for (const args of [plain, collector]) {
      const fake = await endpoint();
      const { status, log } = await exported(server, ['--to', fake.url, ...args, '--types', 'core/configmaps']);
      expect(status).toBe(3);
      expect(log).toContain('too large: ConfigMap:shop/large');
      const texts = [...(fake.committed()?.values() ?? [])];
      expect(texts.length).toBeGreaterThan(2);
      for (const text of texts) expect(text.length).toBeLessThanOrEqual(500_000);
      expect(texts.join('').match(/"name":"c\d+"/g)?.length).toBe(120);
      expect(texts.join('')).not.toContain('"large"');
      expect(texts.filter((text) => /\[\]|null\}$/.test(text))).toEqual([]);
    }
  });
});

describe('secrets', () => {
  const release = (name: string, version: number, status: string): KubernetesObject => {
    const chart = {
      metadata: { name: 'shop', version: '1.0.0' },
      values: { db: { password: canary } },
      templates: [{ name: 't', data: Buffer.from(canary).toString('base64') }],
      files: [{ name: 'f', data: Buffer.from(canary).toString('base64') }],
    };
    const content = {
      name,
      namespace: 'shop',
      version,
      info: { status, notes: `password=${canary}` },
      chart,
      config: { auth: { deep: [canary] }, plain: canary },
      manifest: `kind: Secret\napiVersion: v1\nmetadata: {name: s}\nstringData: {a: ${canary}}\n`,
      hooks: [
        {
          manifest: `kind: Pod\napiVersion: v1\nmetadata: {name: p}\nspec:\n  containers:\n  - name: a\n    env: [{name: A, value: ${canary}}]\n`,
        },
      ],
    };
    const packed = gzipSync(JSON.stringify(content)).toString('base64');
    return {
      apiVersion: 'v1',
      kind: 'Secret',
      metadata: {
        name: `sh.helm.release.v1.${name}.v${version}`,
        namespace: 'shop',
        labels: { owner: 'helm', name, status, version: String(version) },
      },
      type: 'helm.sh/release.v1',
      data: { release: Buffer.from(packed).toString('base64') },
    } as KubernetesObject;
  };

  const served = (server: ApiServer, name: string): boolean => {
    try {
      server.list(name);
      return true;
    } catch {
      return false;
    }
  };

  async function full(): Promise<ApiServer> {
    const server = await apiServer([
      release('web', 1, 'superseded'),
      release('web', 2, 'deployed'),
      release('web', 10, 'failed'),
      release('api', 3, 'deployed'),
    ]);
    server.create({ apiVersion: 'v1', kind: 'Namespace', metadata: { name: 'mine' } });
    for (const kind of everyKind) {
      const { group, versions, plural, namespaced } = kind;
      // An API server ignores an empty definition.
      if (kind.kind === 'CustomResourceDefinition') continue;
      const name = group === '' ? plural : `${plural}.${group}`;
      if (!served(server, name))
        server.addKind({ group, versions: [...versions], kind: kind.kind, plural, namespaced });
      server.load(name, [objectOf(kind)]);
    }
    return server;
  }

  test.each([[plain], [collector], [['--relations=true']]])('are in no byte that leaves: %j', async (args) => {
    const server = await full();
    const fake = await endpoint();
    const { log } = await exported(server, [
      '--to',
      fake.url,
      ...args,
      '--helm',
      '--types',
      '+core/secrets,+core/events,+coordination.k8s.io/leases',
    ]);
    expect(fake.committed()).toBeDefined();
    const bytes = fake.received.map(({ text, path, headers }) => text + path + JSON.stringify(headers)).join('\n');
    expect(bytes).toContain('"name":"canary"');
    expect(bytes.match(/"name":"(web|api)","namespace":"shop","version":(10|3)/g)?.length).toBe(2);
    expect(said(bytes + log)).toEqual([]);
    expect(bytes.includes('managedFields')).toBe(false);
    const copies = bytes.match(/last-applied-configuration\\*":\\*"[^"]{0,12}/g) ?? [];
    expect(copies.filter((copy) => !copy.includes('[redacted]'))).toEqual([]);
  });

  test('releases are left out without the right to read Secrets, and the rest goes on', async () => {
    const server = await apiServer([release('web', 1, 'deployed'), pod('a')]);
    server.fault({ path: '/api/v1/secrets', times: 99, effect: 'status', code: 403 });
    const fake = await endpoint();
    expect((await exported(server, ['--to', fake.url, ...plain, '--helm'])).status).toBe(3);
    expect(typesOf(fake)['helm.sh/releases']?.state).toBe('forbidden');
    expect(lines(fake).map(({ type }) => type)).toContain('Pod');
  });

  test('no Secret is asked for unless it is chosen, and then its metadata alone', async () => {
    const server = await apiServer([release('web', 1, 'deployed')]);
    const fake = await endpoint();
    const asked = () => server.requests.entries().filter(({ url }) => url.includes('/secrets'));
    await exported(server, ['--to', fake.url, ...plain]);
    expect(asked()).toEqual([]);
    await exported(server, ['--to', fake.url, ...plain, '--types', '+secrets']);
    expect(asked().length).toBe(1);
    expect(lines(fake).find(({ type }) => type === 'Secret')?.properties.data).toBeUndefined();
  });
});

describe('following', () => {
  const follow = ['--follow', '--types', 'core/*,apps/*,acme.example.com/*,apiextensions.k8s.io/*'];

  test('sends the whole, then what is made, changed and deleted, and after a break what was missed', async () => {
    const server = await apiServer([pod('a'), pod('b')]);
    const fake = await endpoint();
    const running = await startExport(server, ['--to', fake.url, ...follow]);
    closers.push(() => running.close());
    const all = () => [...fake.changes.values()].map((text) => JSON.parse(text));
    await expect.poll(() => fake.manifests.length, { timeout: 30_000 }).toBe(1);
    server.create(pod('c'));
    await expect
      .poll(
        () => all().some(({ resources }) => resources?.added?.some(({ id }: { id: string }) => id === 'Pod:shop/c')),
        { timeout: 30_000 },
      )
      .toBe(true);
    server.patch(
      { apiVersion: 'v1', kind: 'Pod', metadata: { name: 'a', namespace: 'shop' } },
      { metadata: { labels: { new: 'yes' } } },
    );
    await expect.poll(() => JSON.stringify(all()), { timeout: 30_000 }).toContain('"new":"yes"');
    fake.misbehave = ({ path }) =>
      path.includes('/changes/') ? { status: 503, headers: { 'retry-after': '0' } } : undefined;
    server.delete({ apiVersion: 'v1', kind: 'Pod', metadata: { name: 'b', namespace: 'shop' } });
    const before = fake.received.length;
    await expect.poll(() => fake.received.length, { timeout: 30_000 }).toBeGreaterThan(before);
    fake.misbehave = () => undefined;
    await expect
      .poll(() => all().some(({ resources }) => resources?.removed?.includes('Pod:shop/b')), { timeout: 30_000 })
      .toBe(true);
    expect(fake.manifests).toHaveLength(1);
    const lists = server.requests.entries().filter(({ url }) => /^\/api\/v1\/pods\?(?!.*watch=)/.test(url));
    expect(lists, 'changes come by the watch alone').toHaveLength(1);
    const revisions = [...fake.changes.keys()].map(Number);
    expect(revisions).toEqual(revisions.toSorted((one, other) => one - other));
  });

  test('a kind that is defined meanwhile is followed, too, and what ends with it is told', async () => {
    const server = await apiServer([pod('a')]);
    const fake = await endpoint();
    const running = await startExport(server, ['--to', fake.url, ...follow]);
    closers.push(() => running.close());
    const all = () => [...fake.changes.values()].join('\n');
    await expect.poll(() => fake.manifests.length, { timeout: 30_000 }).toBe(1);
    const names = { kind: 'Widget', plural: 'widgets', singular: 'widget', listKind: 'WidgetList' };
    const definition = {
      apiVersion: 'apiextensions.k8s.io/v1',
      kind: 'CustomResourceDefinition',
      metadata: { name: 'widgets.acme.example.com' },
      spec: {
        group: 'acme.example.com',
        scope: 'Namespaced',
        names,
        versions: [{ name: 'v1', served: true, storage: true, schema: { openAPIV3Schema: { type: 'object' } } }],
      },
    };
    server.create(definition);
    await expect.poll(all, { timeout: 30_000 }).toContain('widgets.acme.example.com');
    const widget = { apiVersion: 'acme.example.com/v1', kind: 'Widget', metadata: { name: 'w', namespace: 'shop' } };
    server.create(widget);
    await expect.poll(all, { timeout: 30_000 }).toContain('Widget.acme.example.com:shop/w');
    server.delete(widget);
    await expect.poll(all, { timeout: 30_000 }).toMatch(/"removed":\[[^\]]*Widget\.acme\.example\.com:shop\/w/);
    expect(fake.manifests).toHaveLength(1);
  });

  test('an endpoint that lost the run gets the whole again', async () => {
    const server = await apiServer([pod('a')]);
    const fake = await endpoint();
    const running = await startExport(server, ['--to', fake.url, ...follow]);
    closers.push(() => running.close());
    await expect.poll(() => fake.manifests.length, { timeout: 30_000 }).toBe(1);
    fake.forgetRuns();
    server.create(pod('later'));
    await expect.poll(() => fake.manifests.length, { timeout: 30_000 }).toBe(1);
    expect(lines(fake).map(({ id }) => id)).toContain('Pod:shop/later');
    await running.close();
    expect((await running.ended).status).toBe(0);
  });
});

describe('from a running master', () => {
  test('the graph is taken as it is answered, once and followed, and only what is chosen goes on', async () => {
    const master = await startMaster({
      config: readConfig({}, ['demo', '--port', '0', '--demo-life=false']),
      logger: silentLogger,
    });
    closers.push(() => master.close());
    const ready = async () => (await fetch(`${master.url}/readyz`)).status;
    await expect.poll(ready, { timeout: 30_000 }).toBe(200);
    const [once, followed] = [await endpoint(), await endpoint()];
    const { status } = await exported(undefined, [
      '--to',
      once.url,
      '--from',
      master.url,
      '--types',
      '-core/pods',
      '--scope',
      'shop',
    ]);
    expect([status, once.manifests[0]?.['cluster']]).toEqual([
      0,
      { id: 'cluster', uid: expect.stringMatching(/^[0-9a-f-]{36}$/) },
    ]);
    const sent = lines(once);
    const real = sent.filter(
      ({ id, annotations }) => id && !annotations.missing && !annotations.absent && !annotations.unverified,
    );
    expect(new Set(real.map(({ type }) => type)).has('Pod')).toBe(false);
    expect(
      real
        .map(({ properties }) => properties.metadata?.namespace)
        .filter((name) => name !== undefined && name !== 'shop'),
    ).toEqual([]);
    const known = new Set(sent.map(({ id }) => id));
    expect(sent.filter(({ source, target }) => source && !(known.has(source) && known.has(target)))).toEqual([]);
    const running = await startExport(undefined, ['--to', followed.url, '--from', master.url, '--follow']);
    await expect.poll(() => followed.manifests.length, { timeout: 30_000 }).toBe(1);
    expect(followed.manifests[0]?.['complete']).toBe(true);
    await running.close();
    expect((await running.ended).status).toBe(0);
  });

  test('a master that cannot be reached, or answers nonsense, ends the run with 1', async () => {
    const fake = await endpoint();
    for (const url of ['http://127.0.0.1:1', fake.url]) {
      const { status } = await exported(undefined, ['--to', `file://${newFolder()}`, '--from', url]);
      expect(status).toBe(1);
    }
  });
});

describe('certificates', () => {
  test('of an authority that is not named are refused at once; of one that is they are taken', async () => {
    const authority = createAuthority(newFolder());
    const own = authority.issue('endpoint', ['IP:127.0.0.1']);
    const fake = await startEndpoint({ cert: own.cert, key: own.key });
    closers.push(() => fake.close());
    const server = await apiServer([pod('a')]);
    const refused = await exported(server, ['--to', fake.url, ...plain]);
    expect([refused.status, fake.received]).toEqual([1, []]);
    expect(refused.log).toMatch(/cannot be reached: (DEPTH_ZERO_|UNABLE_TO_VERIFY|SELF_SIGNED)/);
    expect((await exported(server, ['--to', fake.url, ...plain, '--ca-file', authority.caFile])).status).toBe(0);
  });
});

describe('settings', () => {
  const refused = (args: readonly string[]) =>
    startOfExport({ config: readConfig({}, ['export', ...args]), logger: silentLogger });

  test.each([
    [[], 'must say where to'],
    [['--to', 'example.com'], 'https URL'],
    [['--to', 'http://inventory.example.com'], 'plain HTTP'],
    [['--to', 'https://user:word@inventory.example.com'], 'credentials are files'],
    [['--to', 's3://bucket/x'], 'secret key are needed'],
    [['--to', 'https://x.example.com', '--access-key-file', '/nowhere'], 'must be set together'],
    [['--to', '-', '--types', 'core/Pods'], 'is not a type'],
    [['--to', '-', '--protocol', 'collector', '--follow'], 'knows no changes'],
    [['--to', '-', '--protocol', 'collector', '--cluster-id', 'A B'], 'lower-case'],
    [['--to', '-', '--follow', '--dry-run'], 'exclude each other'],
    [['--to', '-', '--follow', '--relations=false'], 'goes with one run'],
  ])('%j: %s', async (args, words) => {
    await expect(refused(args)).rejects.toThrow(words);
  });
});
