import fc from 'fast-check';
import { describe, expect, it, test } from 'vitest';
import { FieldMatches } from '../../../../master/graph/questions/field-matches.ts';
import { pick } from '../../../../master/graph/questions/trim.ts';

const pod = {
  metadata: { name: 'redis-0', labels: { 'app.kubernetes.io/name': 'redis' } },
  spec: { containers: [{ image: 'redis:7' }], nodeName: 'node-a' },
  status: { phase: 'Running' },
};

function unmatchedIn(values: readonly unknown[], ...pointers: readonly string[]) {
  const matches = new FieldMatches(pointers.map((pointer) => pointer.split('/')));
  for (const value of values) matches.look(value);
  return matches.unmatched();
}

describe('pointers that match nothing', () => {
  it.each([
    ['spec/nodename', '/properties/spec/nodename', '/properties/spec/nodeName'],
    ['stauts/phase', '/properties/stauts/phase', '/properties/status/phase'],
    ['spec/containers/*/imgae', '/properties/spec/containers/*/imgae', '/properties/spec/containers/*/image'],
    ['spec/containers/image', '/properties/spec/containers/image', '/properties/spec/containers/*/image'],
    ['spec/replicas', '/properties/spec/replicas', undefined],
    ['spec/containers/3', '/properties/spec/containers/3', undefined],
    ['status/phase/reason', '/properties/status/phase/reason', undefined],
    ['metadata/a~b', '/properties/metadata/a~0b', undefined],
  ])('are told, with what is meant: %s', (pointer, said, nearest) => {
    expect(unmatchedIn([pod], pointer)).toEqual([{ pointer: said, ...(nearest && { nearest }) }]);
  });

  it('are suggested with slashes of names escaped', () => {
    const matches = new FieldMatches([['metadata', 'labels', 'app.kubernetes.io/nam']]);
    matches.look(pod);
    expect(matches.unmatched()).toEqual([
      {
        pointer: '/properties/metadata/labels/app.kubernetes.io~1nam',
        nearest: '/properties/metadata/labels/app.kubernetes.io~1name',
      },
    ]);
  });

  it('match where one resource of many has the field, and are not told where there is none to look at', () => {
    expect(unmatchedIn([{}, pod, { spec: {} }], 'spec/nodeName', 'status/*', 'metadata')).toEqual([]);
    expect(unmatchedIn([], 'spec/nothing')).toEqual([]);
    expect(unmatchedIn([{}, null, 'text', []], 'spec')).toEqual([{ pointer: '/properties/spec' }]);
  });

  it('take what is inherited for no field', () => {
    expect(unmatchedIn([{ spec: {} }], 'spec/constructor', 'toString')).toHaveLength(2);
  });
});

const key = fc.constantFrom('a', 'b', 'ab', '0', '1');
const { value } = fc.letrec((tie) => ({
  value: fc.oneof(
    { maxDepth: 4 },
    fc.constantFrom(null, 1, 'x', {}, []),
    fc.array(tie('value'), { maxLength: 3 }),
    fc.dictionary(key, tie('value'), { maxKeys: 3, noNullPrototype: true }),
  ),
}));
const pointer = fc.array(fc.oneof(key, fc.constant('*')), { minLength: 1, maxLength: 4 });

test('a pointer is told exactly if nothing is kept of any resource by it', () => {
  fc.assert(
    fc.property(fc.array(value, { minLength: 1, maxLength: 4 }), pointer, (values, asked) => {
      const matches = new FieldMatches([asked]);
      for (const each of values) matches.look(each);
      const isKept = values.some((each) => pick(each, [asked]) !== undefined);
      expect(matches.unmatched()).toHaveLength(isKept ? 0 : 1);
    }),
  );
});

test('a nearest field is there', () => {
  fc.assert(
    fc.property(value, pointer, (one, asked) => {
      const matches = new FieldMatches([asked]);
      matches.look(one);
      const [{ nearest } = { nearest: undefined }] = matches.unmatched();
      // What follows the name that was corrected may be wrong, too.
      if (nearest === undefined) return;
      const [, , ...parts] = nearest.split('/');
      const corrected = parts.findIndex((part, i) => part !== asked[i]);
      expect(pick(one, [parts.slice(0, corrected + 1)])).toBeDefined();
    }),
  );
});
