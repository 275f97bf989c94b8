import fc from 'fast-check';
import { expect, test } from 'vitest';
import { csvOf } from '../../../ui/screen/csv.ts';

/** What a reader of RFC 4180 makes of it. */
function parsed(text: string): string[][] {
  const rows: string[][] = [];
  let row: string[] = [];
  for (const [, quoted, plain = '', end = ''] of text.matchAll(/(?:"((?:[^"]|"")*)"|([^",\r\n]*))(,|\r\n)/g)) {
    row.push(quoted?.replaceAll('""', '"') ?? plain);
    if (end === ',') continue;
    rows.push(row);
    row = [];
  }
  return rows;
}

const cell = fc.oneof(
  fc.string({ unit: 'binary' }),
  fc.constantFrom('a,b', 'a"b', '"', 'a\r\nb', '', '\n', '=1+1', '@x'),
);
const rows = fc
  .integer({ min: 1, max: 5 })
  .chain((length) => fc.array(fc.array(cell, { minLength: length, maxLength: length }), { maxLength: 5 }));

test('read again the rows are what they were, but that nothing is a formula', () => {
  fc.assert(
    fc.property(rows, (wanted) => {
      const safe = wanted.map((row) => row.map((each) => (/^[=+\-@\t\r]/.test(each) ? `'${each}` : each)));
      expect(parsed(csvOf(wanted))).toEqual(safe);
    }),
  );
  expect(csvOf([['=cmd()', '-1', '+1', '@a', 'a=1']])).toBe("'=cmd(),'-1,'+1,'@a,a=1\r\n");
});
