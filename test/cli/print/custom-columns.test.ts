import { describe, expect, it } from 'vitest';
import { customColumnsOf, customRowOf, pointersOf } from '../../../cli/print/custom-columns.ts';
import type { Resource } from '../../../src/model.ts';

const pod = {
  properties: {
    metadata: { name: 'a', labels: { 'app.kubernetes.io/name': 'x' }, annotations: null },
    spec: {
      containers: [
        { name: 'c', image: 'i:1' },
        { name: 'd', image: 'i:2' },
      ],
      priority: 0,
    },
  },
} as unknown as Resource;

const textsOf = (list: string) =>
  customRowOf(pod, customColumnsOf(`custom-columns=${list}`) ?? []).map(({ text }) => text);

describe('custom columns', () => {
  it.each([
    ['N:.metadata.name', ['a']],
    ['N:{.metadata.name}', ['a']],
    ['N:$.metadata.name', ['a']],
    ['N:.metadata.name,I:.spec.containers[*].image', ['a', 'i:1,i:2']],
    ['I:.spec.containers[1].image', ['i:2']],
    ['I:.spec.containers[0]', ['{"name":"c","image":"i:1"}']],
    ["L:.metadata.labels['app.kubernetes.io/name']", ['x']],
    ['L:.metadata.labels.app\\.kubernetes\\.io/name', ['x']],
    ['P:.spec.priority', ['0']],
    ['A:.metadata.annotations,B:.status.phase,C:.metadata.name.deeper', ['<none>', '<none>', '<none>']],
    ['A:.spec.constructor', ['<none>']],
  ])('%s', (list, texts) => {
    expect(textsOf(list)).toEqual(texts);
  });

  it.each(['', 'N', 'N:', ':.a', 'N:.', 'N:a', 'N:.a[', 'N:.a[x]', 'N:.a,', 'N:..a'])('refuse %j', (list) => {
    expect(() => customColumnsOf(`custom-columns=${list}`)).toThrow(/custom-columns=NAME:\.metadata\.name/);
  });

  it('are known in any case, and nothing else is', () => {
    expect(customColumnsOf('Custom-Columns=A:.b')).toEqual([{ heading: 'A', path: ['b'] }]);
    expect(customColumnsOf('json')).toBeUndefined();
    expect(customColumnsOf(undefined)).toBeUndefined();
  });

  it('ask for no more than they show, and for the whole list where one element is meant', () => {
    const columns = customColumnsOf("custom-columns=A:.metadata.labels['a/b~c'],B:.spec.containers[0].image,C:.x[*].y");
    expect(pointersOf(columns ?? [])).toBe(
      '/properties/metadata/labels/a~1b~0c,/properties/spec/containers,/properties/x/*/y',
    );
  });
});
