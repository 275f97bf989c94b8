import { describe, expect, test } from 'vitest';
import { askedFor, createAnnotationWatch, createResync, type Resynced } from '../../master/resyncing.ts';
import { type ApiServer, startApiServer, type User } from '../../src/demo/api-server.ts';
import type { KubernetesObject } from '../../src/model.ts';
import { createTestApp } from '../support/app.ts';
import { createProtectedApp } from '../support/protected-app.ts';
import { kindNamed } from '../support/random-cluster.ts';

const done: Resynced = { listed: 3, failed: {} };

function recording() {
  const words: string[] = [];
  const add = (...said: readonly unknown[]) => void words.push(String(said.at(-1)));
  return { words, logger: { info: add, warn: add } };
}

describe('a resync', () => {
  test('runs one at a time: requests meanwhile share its result, later ones start another', async () => {
    const endings: ((result: Resynced) => void)[] = [];
    const { words, logger } = recording();
    const resync = createResync(() => new Promise((resolve) => endings.push(resolve)), logger);
    const two = Promise.all([resync('one'), resync('other')]);
    endings[0]?.(done);
    expect(await two).toEqual([done, done]);
    const third = resync('later');
    endings[1]?.({ listed: 2, failed: { Pod: 'forbidden' } });
    expect((await third).failed).toEqual({ Pod: 'forbidden' });
    expect(endings).toHaveLength(2);
    expect(words).toEqual([
      'everything is listed again: one asks',
      'everything was listed again: 3 kinds',
      'everything is listed again: later asks',
      '2 kinds were listed again, 1 were not',
    ]);
  });
});

describe('the annotation', () => {
  const own = { name: 'master-7d9-x', namespace: 'insight' };
  const object = (kind: string, name: string, owner?: [string, string], annotations = {}): KubernetesObject => ({
    apiVersion: kind === 'Pod' ? 'v1' : 'apps/v1',
    kind,
    metadata: {
      name,
      namespace: own.namespace,
      uid: `${kind}-${name}`,
      annotations,
      ...(owner
        ? { ownerReferences: [{ apiVersion: 'apps/v1', kind: owner[0], name: owner[1], uid: owner.join('-') }] }
        : {}),
    },
  });

  function graphWith(...objects: readonly KubernetesObject[]) {
    const { store, engine } = createTestApp();
    const apply = (one: KubernetesObject) => store.sinkOf(kindNamed(one.kind ?? '')).event('ADDED', one);
    objects.forEach(apply);
    return { engine, apply };
  }

  const pod = object('Pod', own.name, ['ReplicaSet', 'master-7d9']);
  const replicaSet = object('ReplicaSet', 'master-7d9', ['Deployment', 'master']);
  const deployment = (value?: string) =>
    object('Deployment', 'master', undefined, value === undefined ? {} : { 'cluster-insight.io/resync': value });

  test('is read of the Deployment that the own Pod is of, by its owners', () => {
    const { engine, apply } = graphWith(pod, replicaSet);
    expect(askedFor(engine, own)).toBeUndefined();
    apply(deployment());
    expect(askedFor(engine, own)).toBe('');
    apply(deployment('now'));
    expect(askedFor(engine, own)).toBe('now');
    expect(askedFor(engine, { ...own, name: 'another' })).toBeUndefined();
    expect(askedFor(graphWith(object('Pod', own.name)).engine, own)).toBeUndefined();
  });

  test('asks when its value changes, not by what it was at the start, nor when it goes', () => {
    const asked: string[] = [];
    let value: string | undefined;
    const look = createAnnotationWatch(
      () => value,
      (by) => {
        asked.push(by);
        return Promise.resolve(done);
      },
    );
    const after = (next: string | undefined) => {
      value = next;
      look();
      return asked.length;
    };
    expect([undefined, 'old', 'old', 'new', 'new', undefined, 'new', '', 'new'].map((next) => after(next))).toEqual([
      0, 0, 0, 1, 1, 1, 1, 1, 2,
    ]);
    expect(asked[0]).toContain('cluster-insight.io/resync');
  });
});

describe('POST /cluster/resync', () => {
  test('answers what was listed, and logs the caller', async () => {
    const asked: string[] = [];
    const resync = (by: string) => {
      asked.push(by);
      return Promise.resolve({ listed: 2, failed: { Pod: 'forbidden' } });
    };
    const { app } = createTestApp({ resync });
    const answer = await app.inject({ method: 'POST', url: '/cluster/resync' });
    expect([answer.statusCode, answer.json()]).toMatchObject([
      200,
      { success: true, listed: 2, failed: { Pod: 'forbidden' } },
    ]);
    expect(asked).toEqual(['a caller']);
    expect((await app.inject('/cluster/resync')).statusCode).toBe(405);
    expect((await app.inject({ method: 'POST', url: '/cluster/resync?what=1' })).statusCode).toBe(400);
  });

  test('is not for pages of another origin, and not there where nothing can be listed again', async () => {
    const { app } = createTestApp({ resync: () => Promise.resolve(done) });
    const from = async (origin: string) =>
      (await app.inject({ method: 'POST', url: '/cluster/resync', headers: { origin, host: 'localhost:5555' } }))
        .statusCode;
    expect([await from('http://evil.example'), await from('null'), await from('http://localhost:5555')]).toEqual([
      403, 403, 200,
    ]);
    const without = createTestApp();
    expect((await without.app.inject({ method: 'POST', url: '/cluster/resync' })).statusCode).toBe(404);
  });

  const rights = (...verbs: string[]) => [
    { verbs: ['get', 'list', 'watch'], apiGroups: ['*'], resources: ['*'], namespaces: ['shop'] },
    ...(verbs.length > 0 ? [{ verbs, nonResourceURLs: ['/cluster/resync'] }] : []),
  ];
  const users: User[] = [
    { username: 'master', token: 'master', rules: [{ verbs: ['*'], apiGroups: ['*'], resources: ['*'] }] },
    { username: 'all', token: 'all', rules: [{ verbs: ['*'], apiGroups: ['*'], resources: ['*'] }] },
    { username: 'may', token: 'may', rules: rights('post') },
    { username: 'reads', token: 'reads', rules: rights('get') },
  ];

  test('takes the right to post to it, whatever else the caller may see', async () => {
    const server: ApiServer = await startApiServer({ users });
    let count = 0;
    const resync = () => {
      count++;
      return Promise.resolve(done);
    };
    const guarded = await createProtectedApp({ flags: ['--auth', 'kubernetes'], server, resync });
    const statusOf = async (token: string) =>
      (
        await guarded.app.inject({
          method: 'POST',
          url: '/cluster/resync',
          headers: { authorization: `Bearer ${token}` },
        })
      ).statusCode;
    try {
      expect([await statusOf('may'), await statusOf('reads'), await statusOf('all'), await statusOf('forged')]).toEqual(
        [200, 403, 403, 401],
      );
      expect(count).toBe(1);
    } finally {
      await guarded.close();
      await server.stop();
    }
  });
});
