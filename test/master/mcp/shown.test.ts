// Texts of a cluster as data: without invisible characters, never longer than the limit, with working ids.
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { cut, shown, shownId, unescaped } from '../../../master/mcp/shown.ts';
import { valueAt } from '../../../master/mcp/value-at.ts';

const anything = fc.string({ unit: 'binary', maxLength: 400 });

test('whatever a text holds, what is shown of it is seen, and is within its bounds', () => {
  fc.assert(
    fc.property(anything, fc.integer({ min: 40, max: 300 }), (text, most) => {
      const found = cut(text, most);
      expect(found).not.toMatch(/[\p{Cc}\p{Cf}\p{Cs}\p{Zl}\p{Zp}\p{Default_Ignorable_Code_Point}]/u);
      expect(Buffer.byteLength(found)).toBeLessThanOrEqual(most);
      if (found.endsWith(' characters)') && found !== text)
        expect(found).toMatch(new RegExp(`… \\(${text.length} characters\\)$`));
    }),
  );
});

test('an id that is not cut comes back as it was, unless it is written as an escape itself', () => {
  fc.assert(
    fc.property(anything, (text) => {
      const id = `User:${text.toWellFormed()}`;
      fc.pre(!id.includes('\\u{') && Buffer.byteLength(shownId(id)) < 500);
      expect(unescaped(shownId(id))).toBe(id);
    }),
  );
});

test.each([
  ['plain', 'plain'],
  ['a\u200bb', 'a\\u{200b}b'],
  ['\u{e0041}', '\\u{e0041}'],
  ['x'.repeat(200), 'x'.repeat(200)],
])('%j is shown as %j', (text, expected) => {
  expect(shown(text)).toBe(expected);
});

test.each([
  ['status.phase', 'Running'],
  ['spec.containers[1].name', 'b'],
  ['metadata.labels["app.kubernetes.io/name"]', 'web'],
  ['spec.containers[7]', undefined],
  ['__proto__.constructor', undefined],
  ['status.phase.length', undefined],
])('the value at %s is %j', (path, expected) => {
  const object = {
    status: { phase: 'Running' },
    spec: { containers: [{ name: 'a' }, { name: 'b' }] },
    metadata: { labels: { 'app.kubernetes.io/name': 'web' } },
  };
  expect(valueAt(object, path)).toEqual(expected);
});
