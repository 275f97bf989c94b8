import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type Head, headLength, headOf, recordsIn } from '../../../../src/uplink/spool/record-format.ts';

const number = fc.integer({ min: 0, max: Number.MAX_SAFE_INTEGER });
const record = fc.record({
  head: fc.record({ n: number, after: number, at: number }),
  body: fc.uint8Array({ maxLength: 50 }).map((bytes) => Buffer.from(bytes)),
});
const fileOf = (all: readonly { readonly head: Head; readonly body: Buffer }[]) =>
  Buffer.concat(all.flatMap(({ head, body }) => [headOf(head, body), body]));
const records = fc.array(record, { minLength: 1, maxLength: 5 });

describe('records in a file', () => {
  it('are read back as they were written, each with its body', () => {
    fc.assert(
      fc.property(records, (all) => {
        const file = fileOf(all);
        const read = recordsIn(file);
        expect(read.whole).toBe(true);
        const told = read.records.map(({ offset, length, ...head }) => ({
          head,
          body: file.subarray(offset, offset + length),
        }));
        expect(told).toEqual(all);
      }),
    );
  });

  it('are read up to where the file was cut', () => {
    fc.assert(
      fc.property(records, fc.nat(), (all, n) => {
        const file = fileOf(all);
        const cut = n % file.length;
        const ends = all.map((_, i) => fileOf(all.slice(0, i + 1)).length);
        const read = recordsIn(file.subarray(0, cut));
        expect(read.records.length).toBe(ends.filter((end) => end <= cut).length);
        expect(read.whole).toBe(cut === 0 || ends.includes(cut));
      }),
    );
  });

  it('are read up to a byte that was changed', () => {
    fc.assert(
      fc.property(records, fc.nat(), fc.integer({ min: 1, max: 255 }), (all, n, by) => {
        const file = fileOf(all);
        const place = n % file.length;
        file[place] = (file[place] as number) ^ by;
        const untouched = all.filter((_, i) => fileOf(all.slice(0, i + 1)).length <= place).length;
        expect(recordsIn(file)).toMatchObject({ whole: false, records: { length: untouched } });
      }),
    );
  });

  it('have heads of one length', () => {
    expect(headOf({ n: 1, after: 2, at: 3 }, Buffer.from('x')).length).toBe(headLength);
  });
});
