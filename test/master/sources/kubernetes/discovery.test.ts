import { readFileSync } from 'node:fs';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { Answer, Client, RequestOptions } from '../../../../master/sources/kubernetes/client.ts';
import { discover, type ServedResource } from '../../../../master/sources/kubernetes/discover.ts';
import {
  createDiscovery,
  type Discovery,
  type DiscoveryChange,
} from '../../../../master/sources/kubernetes/discovery.ts';
import { type ApiServer, startApiServer } from '../../../../src/demo/api-server.ts';
import { silentLogger } from '../../../../src/logger.ts';
import { clientOf } from '../../../support/reflecting.ts';

let server: ApiServer;
let client: Client;
const { signal } = new AbortController();
const widgets = {
  group: 'acme.example.com',
  versions: ['v1', 'v1alpha1'],
  kind: 'Widget',
  plural: 'widgets',
  namespaced: true,
} as const;

beforeEach(async () => {
  server = await startApiServer();
  client = await clientOf(server);
});

afterEach(async () => {
  client.close();
  await server.stop();
});

/** The same server for a client without aggregated discovery. */
function old(newer: Client): Client {
  const plain = (options?: RequestOptions): RequestOptions => ({ ...options, headers: { accept: 'application/json' } });
  return { ...newer, get: (path, options) => newer.get(path, plain(options)) };
}

function nameOf({ group, version, plural }: ServedResource): string {
  return `${group}/${version}/${plural}`;
}

describe('asking once', () => {
  test('aggregated discovery takes two requests and gives every resource with its verbs', async () => {
    const { resources, failures } = await discover(client, signal);
    expect(server.requests.entries()).toHaveLength(2);
    expect(failures).toEqual([]);
    expect(resources.length).toBeGreaterThan(50);
    expect(resources.find(({ plural, group }) => plural === 'pods' && group === '')).toEqual({
      group: '',
      version: 'v1',
      kind: 'Pod',
      plural: 'pods',
      namespaced: true,
      verbs: ['create', 'delete', 'deletecollection', 'get', 'list', 'patch', 'update', 'watch'],
      shortNames: ['po'],
      preferred: true,
    });
    expect(resources.find(({ kind }) => kind === 'Node')?.namespaced).toBe(false);
  });

  test('an older server gives the same by one request for each group and version', async () => {
    server.addKind(widgets);
    const newer = await discover(client, signal);
    const older = await discover(old(client), signal);
    const sorted = (list: readonly ServedResource[]) => list.toSorted((a, b) => nameOf(a).localeCompare(nameOf(b)));
    expect(sorted(older.resources)).toEqual(sorted(newer.resources));
    expect(
      older.resources.filter(({ plural }) => plural === 'widgets').map((one) => [one.version, one.preferred]),
    ).toEqual([
      ['v1', true],
      ['v1alpha1', false],
    ]);
  });

  test.each(['v2', 'v2beta1'])('an answer of a recorded server is read, also called %s', async (version) => {
    const folder = new URL('../../../../src/demo/recorded/requests/', import.meta.url);
    const recorded = (path: string): Buffer => {
      const text = readFileSync(new URL(`${path.slice(1)}.aggregated-discovery.json`, folder), 'utf8');
      return Buffer.from(text.replace('apidiscovery.k8s.io/v2', `apidiscovery.k8s.io/${version}`));
    };
    const replay = {
      ...client,
      get: async (path: string): Promise<Answer> => ({ status: 200, headers: {}, body: recorded(path) }),
    };
    const { resources } = await discover(replay, signal);
    expect(resources.map(nameOf)).toEqual(
      expect.arrayContaining(['/v1/pods', 'apps/v1/deployments', 'acme.example.com/v1/widgets']),
    );
    expect(resources.every(({ plural }) => !plural.includes('/'))).toBe(true);
  });

  test.each(['newer', 'older'])('a group whose server is away costs that group alone (%s API server)', async (age) => {
    server.addKind({ ...widgets, group: 'metrics.k8s.io' });
    server.setStale('metrics.k8s.io', true);
    const { resources, failures } = await discover(age === 'newer' ? client : old(client), signal);
    expect(failures.map(({ group }) => group)).toContain('metrics.k8s.io');
    expect(resources.map(nameOf)).toContain('apps/v1/deployments');
  });

  test('a server that is away is a failure', async () => {
    await server.stop();
    await expect(discover(client, signal)).rejects.toThrow(/ECONNREFUSED|ECONNRESET|socket hang up/);
    await server.start();
    server.fault({ path: '/apis', effect: 'body', body: 'not json' });
    await expect(discover(client, signal)).rejects.toThrow(/no JSON/);
  });
});

describe('keeping up', () => {
  const times = { interval: 60_000, soon: [1, 5], backoffBase: 1, backoffCap: 5 };

  interface Following {
    readonly discovery: Discovery;
    readonly changes: DiscoveryChange[];
    next(): Promise<DiscoveryChange>;
  }

  function following(more: Partial<typeof times> = {}): Following {
    const changes: DiscoveryChange[] = [];
    let taken = 0;
    let wake: () => void = () => undefined;
    const onChange = (change: DiscoveryChange): void => {
      changes.push(change);
      wake();
    };
    return {
      changes,
      discovery: createDiscovery({ client, logger: silentLogger, onChange, times: { ...times, ...more } }),
      async next() {
        while (changes.length <= taken) await new Promise<void>((resolve) => (wake = resolve));
        return changes[taken++] as DiscoveryChange;
      },
    };
  }

  test('kinds that come and go are told, soon after something said so', async () => {
    const { discovery, next, changes } = following();
    expect((await next()).appeared.length).toBeGreaterThan(50);
    server.addKind(widgets);
    discovery.soon();
    expect((await next()).appeared.map(nameOf)).toEqual([
      'acme.example.com/v1/widgets',
      'acme.example.com/v1alpha1/widgets',
    ]);
    server.removeKind('widgets.acme.example.com');
    discovery.soon();
    expect((await next()).vanished.map(nameOf)).toEqual([
      'acme.example.com/v1/widgets',
      'acme.example.com/v1alpha1/widgets',
    ]);
    await discovery.close();
    expect(changes).toHaveLength(3);
  });

  test('new kinds are found by the periodic look, without a hint', async () => {
    const { discovery, next } = following({ interval: 1 });
    await next();
    server.addKind(widgets);
    expect((await next()).appeared).toHaveLength(2);
    await discovery.close();
  });

  test('a group that stops answering keeps its kinds', async () => {
    server.addKind(widgets);
    client = old(client);
    const { discovery, next } = following({ interval: 1 });
    await next();
    server.fault({ path: '/apis/acme.example.com/', effect: 'status', code: 503, times: Number.POSITIVE_INFINITY });
    while (discovery.current()?.failures.length !== 2) await new Promise((resolve) => setImmediate(resolve));
    expect(discovery.current()?.resources.map(nameOf)).toContain('acme.example.com/v1/widgets');
    await discovery.close();
  });

  test('a server that is away is asked until it answers, and the reason is there to read', async () => {
    await server.stop();
    const { discovery, next } = following();
    while (discovery.failure() === undefined) await new Promise((resolve) => setImmediate(resolve));
    expect(discovery.failure()).toMatch(/connection (refused|reset|closed)|out of reach/);
    expect(discovery.current()).toBeUndefined();
    await server.start();
    await next();
    while (discovery.failure() !== undefined) await new Promise((resolve) => setImmediate(resolve));
    await discovery.close();
  });
});
