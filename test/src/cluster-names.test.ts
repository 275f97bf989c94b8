import { describe, expect, test } from 'vitest';
import { hostOfUrl, namedBy, plainHost } from '../../src/cluster-names.ts';

const service = (namespace: string, name: string) => ({ by: 'name', type: 'Service', namespace, name });
const pod = (namespace: string, name: string) => ({ by: 'name', type: 'Pod', namespace, name });
const address = (key: string) => ({ by: 'key', index: 'address', key, only: true });

describe('names of the cluster', () => {
  test.each([
    ['db.data.svc', [service('data', 'db')], true],
    ['db.data.svc.cluster.local', [service('data', 'db')], true],
    ['DB.Data.svc.cluster.local.', [service('data', 'db')], true],
    ['db.data.svc.corp.example', [service('data', 'db')], false],
    ['db-0.db.data.svc.cluster.local', [pod('data', 'db-0'), service('data', 'db')], true],
    ['10-0-0-9.data.pod.cluster.local', [address('10.0.0.9')], false],
    ['db.data', [service('data', 'db')], false],
    ['db', [service('home', 'db')], false],
    ['db:5432', [service('home', 'db')], false],
    ['10.0.0.9', [address('10.0.0.9')], false],
    ['[FD00::9]:443', [address('fd00::9')], false],
    ['example.org', [service('org', 'example')], false],
    ['www.example.org', [], false],
    ['*.example.org', [], false],
    ['', [], false],
    ['..', [], false],
    ['a.svc', [service('svc', 'a')], false],
  ])('%s', (name, candidates, certain) => {
    expect(namedBy(name, 'home')).toMatchObject({ candidates, certain });
  });

  test('a short name means nothing where no namespace is at hand', () => {
    expect(namedBy('db').candidates).toEqual([]);
  });

  test('one address in several forms is one', () => {
    for (const text of ['fd00::9', 'FD00::9', '[fd00:0:0::9]', 'fd00::9%eth0']) expect(plainHost(text)).toBe('fd00::9');
  });

  test.each(['300.1.1.1', '1.2.3', '0x7f.1', 'fd00:::9', '10.0.0.9.'])('%s is not an address', (text) => {
    expect(namedBy(text).candidates.some(({ by }) => by === 'key')).toBe(text === '10.0.0.9.');
  });

  test('the host of a URL is without its port and user', () => {
    expect(hostOfUrl('https://user@hook.ops.svc:8443/path')).toBe('hook.ops.svc');
    expect(hostOfUrl('not a url')).toBeUndefined();
    expect(hostOfUrl('file:///etc')).toBeUndefined();
  });
});
