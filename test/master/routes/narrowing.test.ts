import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { customKind } from '../../../master/kinds/custom.ts';
import type { Resource } from '../../../src/model.ts';
import { createTestApp, type TestApp } from '../../support/app.ts';

let served: TestApp;

beforeAll(() => {
  served = createTestApp();
  const put = (
    kind: string,
    group: string,
    plural: string,
    shortNames: readonly string[],
    names: readonly string[],
  ) => {
    const found = customKind({ group, version: 'v1', kind, plural, namespaced: true, shortNames });
    served.names.add(found);
    const sink = served.store.sinkOf(found);
    for (const name of names)
      sink.event('ADDED', {
        apiVersion: `${group}/v1`,
        kind,
        metadata: { name, namespace: 'shop', uid: `${group}-${name}` },
      });
    sink.state('synced');
  };
  put('Backup', 'a.example.com', 'backups', ['bk'], ['nightly', 'both']);
  put('Backup', 'b.example.com', 'backups', [], ['weekly', 'both']);
  put('Bucket', 'b.example.com', 'buckets', ['bk'], ['photos']);
  put('Cluster', 'a.example.com', 'clusters', [], ['other']);
  put('Group', 'a.example.com', 'groups', [], ['admins']);
  put('Vault', 'a.example.com', 'vaults', [], ['keys']);
  put('Vault', 'b.example.com', 'vaults', [], []);
});

afterAll(() => served.app.close());

async function ask(url: string) {
  const { statusCode, payload } = await served.app.inject({ url });
  const body = JSON.parse(payload) as { resources?: Resource[]; code?: string; error_message?: string };
  return { status: statusCode, ...body, ids: body.resources?.map(({ id }) => id) };
}

const backups = [
  'Backup.a.example.com:shop/both',
  'Backup.a.example.com:shop/nightly',
  'Backup.b.example.com:shop/both',
  'Backup.b.example.com:shop/weekly',
];

describe('a name that several groups use', () => {
  test.each([
    ['/cluster/resources/backups', backups],
    ['/cluster/resources/Backup', backups],
    ['/cluster/resources?type=backups', backups],
    ['/cluster/resources?type=bk', [backups[0], backups[1], 'Bucket.b.example.com:shop/photos']],
    [
      '/cluster/resources?type=*.example.com,!backups',
      [
        'Bucket.b.example.com:shop/photos',
        'Cluster.a.example.com:shop/other',
        'Group.a.example.com:shop/admins',
        'Vault.a.example.com:shop/keys',
      ],
    ],
    ['/cluster/resources/backups.b.example.com', backups.slice(2)],
    ['/cluster/resources/clusters', ['Cluster.a.example.com:shop/other', 'Cluster:test']],
    ['/cluster/resources/vaults', ['Vault.a.example.com:shop/keys']],
  ])('keeps them all in a list: %s', async (url, ids) => {
    expect(await ask(url)).toMatchObject({ status: 200, ids });
  });

  test.each([
    ['/cluster/resources/Backup/shop/weekly', 'there is Backup.b.example.com:shop/weekly'],
    ['/cluster/resources/backups/shop/nightly', 'there is Backup.a.example.com:shop/nightly'],
    ['/cluster/resources/Backup/shop/both', 'there is Backup.a.example.com:shop/both, Backup.b.example.com:shop/both'],
    ['/cluster?root=Backup:shop/weekly', 'there is Backup.b.example.com:shop/weekly'],
    ['/cluster/impact?of=backups:shop/nightly', 'there is Backup.a.example.com:shop/nightly'],
  ])('is told where one object is meant, with what there is: %s', async (url, there) => {
    const { status, code, error_message } = await ask(url);
    expect([status, code]).toEqual([400, 'ambiguous_type']);
    expect(error_message).toContain('Backup.a.example.com or Backup.b.example.com');
    expect(error_message).toContain(there);
  });

  test('is told where there is no such object either', async () => {
    const { status, error_message } = await ask('/cluster/resources/Backup/shop/gone');
    expect(status).toBe(400);
    expect(error_message).toBe('"Backup" means Backup.a.example.com or Backup.b.example.com: say which');
  });

  test('names what it can only mean, where nothing is of the other group', async () => {
    expect((await ask('/cluster/resources/Vault/shop/keys')).status).toBe(200);
    expect((await ask('/cluster?root=vaults:shop/keys')).ids).toContain('Vault.a.example.com:shop/keys');
  });

  test('is taken out of the path by an id with its type', async () => {
    expect((await ask('/cluster/resources/Backup/Backup.b.example.com:shop/both')).status).toBe(200);
  });

  test('is no other for an id as it stands', async () => {
    expect((await ask('/cluster?root=Cluster:test')).ids).toContain('Cluster:test');
    expect((await ask('/cluster/resources/Cluster/test')).status).toBe(200);
  });

  test('finds in a search what either group has', async () => {
    expect((await ask('/cluster/search?q=backup:shop/weekly')).ids?.[0]).toBe('Backup.b.example.com:shop/weekly');
    expect((await ask('/cluster/search?q=Backup:shop/both')).ids?.slice(0, 2)).toEqual([backups[0], backups[2]]);
  });
});
