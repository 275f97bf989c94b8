// Any rule that passes the check never throws, keeps its bound, and says what a plain reading of the declaration says.
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { ruleOf } from '../../../../master/relations/declared/compile.ts';
import type { Declaration } from '../../../../master/relations/declared/declaration.ts';
import { faultIn } from '../../../../master/relations/declared/fault.ts';
import type { Reference } from '../../../../master/relations/relation.ts';
import type { KubernetesObject } from '../../../../src/model.ts';

const word = fc.constantFrom('a', 'b', 'name', 'namespace', 'kind', 'group');
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
    fc.dictionary(word, tie('any'), { maxKeys: 4 }),
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
      // A selector of Pods says two things: the Pods, and the templates of such.
      expect(found.length).toBeLessThanOrEqual(rule.limit ?? 0);
      for (const { field: place } of found) expect(place).not.toBe('');
    }),
    { numRuns: 500 },
  );
});

// --- a plain reading of names, written without the code of the rules ---------------------------------------------

interface Plain {
  readonly value: unknown;
  readonly path: string;
}

/** Everything in an object, with its path. */
function* everything(at: unknown, path: string): Generator<Plain> {
  yield { value: at, path };
  if (Array.isArray(at)) for (const [i, each] of at.entries()) yield* everything(each, `${path}[${i}]`);
  else if (typeof at === 'object' && at !== null)
    for (const [key, each] of Object.entries(at)) yield* everything(each, path ? `${path}.${key}` : key);
}

function valueAt(of: unknown, text: string): unknown {
  const steps = text.match(/[^.[\]]+/g) ?? [];
  return steps.reduce<unknown>((at, name) => (at as { [name: string]: unknown })[name], of);
}

/** `a[].b{}` as an expression of exact paths. A number in brackets is a list's, so the kind of each step is looked up. */
function matches(of: unknown, pattern: string, path: string): boolean {
  const wanted = pattern.match(/\[\]|\{\}|[^.[\]{}]+/g) ?? [];
  const given = path.match(/\[\d+\]|[^.[\]]+/g) ?? [];
  if (wanted.length !== given.length) return false;
  let at: unknown = of;
  return wanted.every((each, i) => {
    const name = given[i]?.replace(/[[\]]/g, '') ?? '';
    const isList = Array.isArray(at);
    const fits = each === '[]' ? isList : !isList && (each === '{}' || each === name);
    at = (at as { [name: string]: unknown })[name];
    return fits;
  });
}

const objectName = /^[A-Za-z0-9][-A-Za-z0-9._:]{0,252}$/;

test('names are found wherever a plain search finds them, and nowhere else', () => {
  const names = fc.record({ from: fc.constant('Widget.example.com'), to: fc.constant('Secret'), name: path });
  fc.assert(
    fc.property(names, object, (rule, of) => {
      const expected = [...everything(of, '')].flatMap(({ value: held, path: place }) => {
        if (place === '' || !matches(of, rule.name, place)) return [];
        const record =
          typeof held === 'object' && held !== null && !Array.isArray(held) ? (held as { [key: string]: unknown }) : {};
        const name = typeof held === 'string' ? held : record['name'];
        if (typeof name !== 'string' || !objectName.test(name)) return [];
        const { kind, namespace: own } = record;
        if (typeof kind === 'string' && kind !== '' && kind !== 'Secret') return [];
        const where = typeof own === 'string' && own !== '' ? own : of.metadata.namespace;
        return where !== undefined && objectName.test(where) ? [`${place} ${where}/${name}`] : [];
      });
      const found = said(rule, of).map(({ target, field: place }) =>
        target?.by === 'name' ? `${place} ${target.namespace}/${target.name}` : `${place} strange`,
      );
      expect(found.toSorted()).toEqual(expected.toSorted());
      for (const { field: place } of said(rule, of)) expect(valueAt(of, place)).toBeDefined();
    }),
    { numRuns: 1000 },
  );
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
