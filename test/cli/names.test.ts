import { describe, expect, test } from 'vitest';
import { idOf, nameOf, namespacesSaid, readWords, typeOf } from '../../cli/names.ts';
import { sourceOfGraph } from '../../cli/sources/in-process.ts';
import { type Source, usualNames } from '../../cli/sources/source.ts';
import { buildGraph } from '../../master/build-graph.ts';
import { customKind } from '../../master/kinds/custom.ts';
import { silentLogger } from '../../src/logger.ts';

const said = (...words: string[]) => {
  const { types, names } = readWords(words);
  return { types, names: names.map(({ type, name, whole }) => `${type}${whole ? ':' : '/'}${name}`) };
};

describe('resources as kubectl users name them', () => {
  test.each([
    [['pods'], { types: ['pods'], names: [] }],
    [['pods,svc'], { types: ['pods', 'svc'], names: [] }],
    [['pod', 'a', 'b'], { types: [], names: ['pod/a', 'pod/b'] }],
    [['deploy/web', 'svc/web'], { types: [], names: ['deploy/web', 'svc/web'] }],
    [['Pod:shop/redis-0'], { types: [], names: ['Pod:shop/redis-0'] }],
    [['clusterrole/system:node'], { types: [], names: ['clusterrole/system:node'] }],
    [['clusterrole', 'system:node'], { types: [], names: ['clusterrole/system:node'] }],
    [['ClusterRole:system:node'], { types: [], names: ['ClusterRole:system:node'] }],
    [['container/redis-0/redis'], { types: [], names: ['container/redis-0/redis'] }],
    [[], { types: [], names: [] }],
  ])('%j', (words, expected) => {
    expect(said(...words)).toEqual(expected);
  });

  test.each(['/x', 'pod/', ':x', 'Pod:'])('%s names nothing', (word) => {
    expect(() => nameOf(word)).toThrow(/TYPE\/NAME/);
  });

  test('several types and a name do not go together', () => {
    expect(() => readWords(['pods,svc', 'a'])).toThrow(/one type/);
  });
});

describe('the namespaces that names say', () => {
  const of = (...words: string[]) => namespacesSaid(readWords(words).names, usualNames);

  test('an id says its own, a name none', () => {
    expect(of('Pod:shop/a', 'svc/b')).toEqual(['shop']);
  });

  test('a resource of no namespace may be in relation to every one', () => {
    expect(of('node/a')).toBeUndefined();
    expect(of('PersistentVolume:a')).toBeUndefined();
  });
});

describe('a name that several groups use', () => {
  /** `kind.group/name`, in namespace shop. */
  function sourceOf(...objects: readonly string[]): Source {
    const about = { clusterName: 'test', version: '0', namespaces: [], keepValues: false, logger: silentLogger };
    const graph = buildGraph(about);
    for (const object of objects) {
      const [, kind = '', group = '', name = ''] = /^(\w+)\.([\w.]+)\/(.+)$/.exec(object) ?? [];
      const found = customKind({ group, version: 'v1', kind, plural: `${kind.toLowerCase()}s`, namespaced: true });
      graph.names.add(found);
      const metadata = { name, namespace: 'shop', uid: object };
      const sink = graph.store.sinkOf(found);
      sink.event('ADDED', { apiVersion: `${group}/v1`, kind, metadata });
      sink.state('synced');
    }
    return sourceOfGraph({ name: 'files', namespace: undefined, version: '0', graph });
  }

  const two = ['Backup.a.example.com/nightly', 'Backup.b.example.com/weekly', 'Gateway.istio.example.com/in'];

  test.each([
    ['Backup/weekly', 'Backup.b.example.com:shop/weekly'],
    ['backups/nightly', 'Backup.a.example.com:shop/nightly'],
  ])('%s is refused with the id that there is', async (word, id) => {
    const source = sourceOf(...two);
    await expect(idOf(source, nameOf(word), undefined)).rejects.toThrow(`there is ${id}`);
    await expect(idOf(source, nameOf(word), 'shop')).rejects.toThrow(`there is ${id}`);
    await source.close();
  });

  test('is not a type of one group, and with its group it is', async () => {
    const source = sourceOf(...two);
    expect(await typeOf(source, 'backups')).toBe('backups');
    expect(await typeOf(source, 'backups.a.example.com')).toBe('Backup.a.example.com');
    expect(await idOf(source, nameOf('backup.b.example.com/weekly'), 'shop')).toBe('Backup.b.example.com:shop/weekly');
    await source.close();
  });

  test('is asked of a master whose kinds are not known here, and not taken for the usual kind', async () => {
    const source = { ...sourceOf('Gateway.istio.example.com/in'), names: usualNames };
    expect(usualNames.find('gateways')).toBe('Gateway.gateway.networking.k8s.io');
    expect(await typeOf(source, 'gateways')).toBe('Gateway.istio.example.com');
    const both = {
      ...sourceOf('Gateway.istio.example.com/in', 'Gateway.gateway.networking.k8s.io/out'),
      names: usualNames,
    };
    expect(await typeOf(both, 'gateways')).toBe('gateways');
    await expect(idOf(both, nameOf('gateway/in'), 'shop')).rejects.toThrow('Gateway.istio.example.com:shop/in');
    await Promise.all([source.close(), both.close()]);
  });
});
