import fc from 'fast-check';
import { expect, test } from 'vitest';
import { isSameResources, type Resources, resourcesPatch, withAmounts } from '../../actor/resources.ts';
import { mergePatch, strategicMerge } from '../../src/demo/api/write.ts';
import { quantityOf } from '../../src/quantity.ts';

const amount = fc.constantFrom('1', '250m', '64Mi', '100M', '1.5Gi', '65536Ki', '1e3');
const amounts = fc.option(
  fc.record({ cpu: amount, memory: amount, 'nvidia.com/gpu': fc.constant('1') }, { requiredKeys: [] }),
  { nil: undefined },
);
const resources: fc.Arbitrary<Resources | undefined> = fc.option(
  fc.record({ requests: amounts, limits: amounts, claims: fc.constant([{ name: 'gpu' }]) }, { requiredKeys: [] }).map(
    // JSON has no undefined values.
    (each) => JSON.parse(JSON.stringify(each)) as Resources,
  ),
  { nil: undefined },
);
const change = fc.record({ cpu: fc.option(amount), memory: fc.option(amount) }, { requiredKeys: [] });
const wanted = fc.record({ requests: change, limits: change }, { requiredKeys: [] });

/** The API server's result. Without lists, both kinds of merge are equal. */
function patched(before: Resources | undefined, patch: unknown): unknown {
  const container = { name: 'web', ...(before === undefined ? {} : { resources: before }) };
  const [one, other] = [strategicMerge, mergePatch].map((merge) => merge(container, { name: 'web', resources: patch }));
  expect(one).toEqual(other);
  return (one as { resources?: unknown }).resources;
}

test('the patch gives the wanted values, and its reverse exactly the earlier ones', () => {
  fc.assert(
    fc.property(resources, wanted, (before, values) => {
      const after = withAmounts(before, values);
      const applied = patched(before, resourcesPatch(before, after)) as Resources;
      expect(isSameResources(applied, after)).toBe(true);
      const restored = patched(applied, resourcesPatch(applied, before));
      expect(JSON.stringify(restored)).toBe(JSON.stringify(emptied(before, applied)));
    }),
    { numRuns: 500 },
  );
});

/** An API server does not distinguish an empty list from a missing one; keys have the order of the merge. */
function emptied(before: Resources | undefined, applied: Resources): unknown {
  if (before === undefined) return undefined;
  const keys = [...new Set([...Object.keys(applied), ...Object.keys(before)])];
  return Object.fromEntries(
    keys.flatMap((key) => (before[key] === undefined ? [] : [[key, inOrder(before[key], applied[key])]])),
  );
}

function inOrder(was: unknown, applied: unknown): unknown {
  if (Array.isArray(was)) return was;
  const keys = [...new Set([...Object.keys((applied ?? {}) as object), ...Object.keys(was as object)])];
  return Object.fromEntries(
    keys.flatMap((key) => ((was as Resources)[key] === undefined ? [] : [[key, (was as Resources)[key]]])),
  );
}

test('values that an action does not name stay unchanged', () => {
  fc.assert(
    fc.property(resources, wanted, (before, values) => {
      const after = withAmounts(before, values);
      for (const list of ['requests', 'limits'] as const)
        for (const [name, was] of Object.entries(before?.[list] ?? {}))
          if (!(name in (values[list] ?? {}))) expect(after[list]?.[name]).toBe(was);
      expect(after['claims']).toEqual(before?.['claims']);
    }),
  );
});

test.each([
  ['65536Ki', 2 ** 26],
  ['1Ki', 1024],
  ['1k', 1000],
  ['1K', undefined],
  ['1mi', undefined],
  ['1ni', undefined],
  ['2Ei', 2 ** 61],
])('the quantity %s is %s', (text, value) => {
  expect(quantityOf(text)).toBe(value);
});
