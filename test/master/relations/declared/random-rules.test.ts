// Any valid rule never throws, keeps its limit, and returns the same as a naive evaluation of its declaration.
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { ruleOf } from '../../../../master/relations/declared/compile.ts';
import type { Declaration } from '../../../../master/relations/declared/declaration.ts';
import { faultIn } from '../../../../master/relations/declared/fault.ts';
import type { Reference } from '../../../../master/relations/relation.ts';
import type { KubernetesObject } from '../../../../src/model.ts';
import { plainlySaid, wordsOfReference } from '../../../support/plain-rule.ts';

const word = fc.constantFrom('a', 'b', 'name', 'namespace', 'kind', 'group');
/** Keys of values, including those of selectors. */
const key = fc.oneof({ arbitrary: word, weight: 6 }, { arbitrary: fc.constant('matchLabels'), weight: 1 });
const step = fc.tuple(word, fc.constantFrom('', '', '[]', '{}', '[][]'));
const path = fc
  .array(step, { minLength: 1, maxLength: 4 })
  .map((steps) => steps.map(([name, into]) => name + into).join('.'));
const type = fc.constantFrom('Secret', 'Node', 'Widget.example.com', 'NodePool.karpenter.sh');
const namespace = fc.constantFrom('own', 'none', 'either', '.namespace', '..namespace', 'a.b');
const field = fc.oneof(
  path,
  path.map((text) => `.${text}`),
  path.map((text) => `..${text}`),
);
const when = fc.oneof(
  fc.record({ field, exists: fc.boolean() }),
  fc.record({ field, equals: fc.constantFrom('x', 'y', 1, true) }),
  fc.record({ field, in: fc.constant(['x', true]) }),
);
const common = {
  from: fc.constantFrom('Widget.example.com', '*', '*.*'),
  to: type,
  namespace,
  when,
  reverse: fc.boolean(),
  optional: fc.oneof(fc.boolean(), field),
  weight: field,
  present: fc.boolean(),
  limit: fc.integer({ min: 1, max: 3 }),
};
const optional = { requiredKeys: ['from', 'to', 'limit'] as ('from' | 'to' | 'limit')[] };
const declaration: fc.Arbitrary<Declaration> = fc
  .tuple(fc.record(common, optional), fc.constantFrom('ref', 'name', 'host', 'selector'), path)
  .map(([said, shape, at]) => ({ ...said, [shape]: at }));

const leaf = fc.oneof(
  fc.constantFrom('x', 'y', 'x/y', '*', '', 'Secret', 'Widget', 'a.b.svc', null),
  fc.integer(),
  fc.boolean(),
);
const value = fc.letrec((tie) => ({
  any: fc.oneof(
    { maxDepth: 5 },
    leaf,
    fc.array(tie('any'), { maxLength: 3 }),
    fc.dictionary(key, tie('any'), { maxKeys: 4 }),
  ),
})).any;
const object = fc
  .tuple(fc.dictionary(word, value, { maxKeys: 4 }), fc.constantFrom('shop', undefined))
  .map(([fields, place]): KubernetesObject => {
    const metadata = place === undefined ? { name: 'it' } : { name: 'it', namespace: place };
    return { ...fields, apiVersion: 'example.com/v1', kind: 'Widget', metadata } as unknown as KubernetesObject;
  });

function said(rule: Declaration, of: KubernetesObject): Reference[] {
  const found: Reference[] = [];
  ruleOf(rule).infer(of, (reference) => found.push(reference));
  return found;
}

test('a rule that passes the check never throws, and makes no more than its limit of an object', () => {
  fc.assert(
    fc.property(declaration, object, (rule, of) => {
      fc.pre(faultIn(rule) === undefined);
      const found = said(rule, of);
      // A selector of Pods counts twice: for Pods and for templates.
      expect(found.length).toBeLessThanOrEqual(rule.limit ?? 0);
      for (const { field: place } of found) expect(place).not.toBe('');
    }),
    { numRuns: 500 },
  );
});

const marks = fc.dictionary(word, fc.constantFrom('x', 'y', 'x/y', '', 'Secret', 7), { maxKeys: 3 });
const few = fc.dictionary(word, leaf, { maxKeys: 2 });
const named = fc.constantFrom('x', 'y', 'x/y', 'a.b.svc', 'Secret');
const held = fc.oneof(
  leaf,
  named,
  fc.record({ name: named }),
  fc.record({ name: leaf, namespace: leaf, kind: leaf, group: leaf }, { requiredKeys: ['name'] }),
  fc.dictionary(word, fc.constantFrom('x', 'y'), { maxKeys: 2 }),
  fc.record({ matchLabels: fc.dictionary(word, leaf, { maxKeys: 2 }) }),
);

/** An object with a value at the path, and further fields beside each part of it. */
function holding(text: string): fc.Arbitrary<unknown> {
  const steps = text.match(/\[\]|\{\}|[^.[\]{}]+/g) ?? [];
  return steps.reduceRight((inner: fc.Arbitrary<unknown>, each) => {
    if (each === '[]') return fc.array(inner, { minLength: 1, maxLength: 2 });
    if (each === '{}') return fc.dictionary(word, inner, { minKeys: 1, maxKeys: 2 });
    return fc.tuple(few, inner).map(([beside, value]) => ({ ...beside, [each]: value }));
  }, held);
}

function objectFor({ ref, name, selector, host, label, annotation }: Declaration): fc.Arbitrary<KubernetesObject> {
  const fields = holding((ref ?? name ?? selector ?? host ?? 'a') as string);
  const metadata = fc.tuple(fc.constantFrom('shop', undefined), marks, marks);
  return fc.tuple(fields, metadata, named).map(([own, [namespace, others, notes], mark]) => {
    const labels = label === undefined ? others : { ...others, [label]: mark };
    const annotations = annotation === undefined ? notes : { ...notes, [annotation]: mark };
    const place = namespace === undefined ? {} : { namespace };
    const head = {
      apiVersion: 'example.com/v1',
      kind: 'Widget',
      metadata: { name: 'it', ...place, labels, annotations },
    };
    return { ...(own as object), ...head } as KubernetesObject;
  });
}

const form = fc.constantFrom('{name}', '{namespace}/{name}');
const of = <T>(keys: { [key in keyof T]: fc.Arbitrary<T[key]> }, required: readonly string[]) =>
  fc.record({ ...common, ...keys }, { requiredKeys: ['from', 'to', 'limit', ...required] as never[] });
const shapes: { readonly [shape: string]: fc.Arbitrary<Declaration> } = {
  'typed references': of({ ref: path }, ['ref']) as fc.Arbitrary<Declaration>,
  names: of({ name: path, form }, ['name']) as fc.Arbitrary<Declaration>,
  selectors: of(
    {
      selector: path,
      namespace: fc.constantFrom('own', 'all', '.namespace', 'a.b'),
      empty: fc.constantFrom('all', 'none'),
    },
    ['selector'],
  ) as fc.Arbitrary<Declaration>,
  labels: of({ label: word, form, namespaceKey: word }, ['label']) as fc.Arbitrary<Declaration>,
  annotations: of({ annotation: word, form, namespaceKey: word }, ['annotation']) as fc.Arbitrary<Declaration>,
  hosts: of({ host: path, short: fc.boolean(), served: fc.boolean() }, ['host']) as fc.Arbitrary<Declaration>,
};

test.each(Object.entries(shapes))('%s say what a plain reading of the page says', (_, shape) => {
  let spoken = 0;
  fc.assert(
    fc.property(
      shape.filter((rule) => faultIn(rule) === undefined).chain((rule) => fc.tuple(fc.constant(rule), objectFor(rule))),
      ([rule, each]) => {
        const found = said(rule, each).map(wordsOfReference);
        spoken += found.length;
        expect(found).toEqual(plainlySaid(rule, each));
      },
    ),
    { numRuns: 1500 },
  );
  expect(spoken).toBeGreaterThan(50);
});

test('what is more than the limit is counted on the last relation', () => {
  const secrets = ['a', 'b', 'c', 'd'].map((name) => ({ name }));
  const of = {
    apiVersion: 'example.com/v1',
    kind: 'Widget',
    metadata: { name: 'it', namespace: 'n' },
    spec: { secrets },
  };
  const found = said(
    { from: 'Widget.example.com', name: 'spec.secrets[]', to: 'Secret', limit: 3 },
    of as KubernetesObject,
  );
  expect(found.map(({ field: place, notes }) => [place, notes])).toEqual([
    ['spec.secrets[0]', undefined],
    ['spec.secrets[1]', undefined],
    ['spec.secrets[2]', { leftOut: 1 }],
  ]);
});
