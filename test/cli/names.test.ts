import { describe, expect, test } from 'vitest';
import { nameOf, namespacesSaid, readWords } from '../../cli/names.ts';
import { usualNames } from '../../cli/sources/source.ts';

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
