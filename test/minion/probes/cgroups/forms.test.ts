import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { blkioOf, coresOf, ioStatOf, keyed, number, pressureOf } from '../../../../minion/probes/cgroups/forms.ts';

describe('files of control groups', () => {
  test('names with values, whatever else the file has', () => {
    const read = keyed('anon 4096\nfile 0\nworkingset_refault -1\n\nbroken\nhuge 99999999999999999999999\n');
    expect([...read]).toEqual([
      ['anon', 4096],
      ['file', 0],
    ]);
  });

  test('no limit is not a number', () => {
    expect([number('max\n'), number('9223372036854771712\n'), number(''), number('-1'), number(undefined)]).toEqual([
      undefined,
      9_223_372_036_854_771_712,
      undefined,
      undefined,
      undefined,
    ]);
    expect([coresOf('150000', '100000'), coresOf('max', '100000'), coresOf('-1', '100000'), coresOf('1', '0')]).toEqual(
      [1.5, undefined, undefined, undefined],
    );
  });

  test('pressure is in seconds, and of an old kernel has no full line', () => {
    const text = 'some avg10=0.00 avg60=0.10 avg300=0.00 total=2500000\n';
    expect(pressureOf(text)).toEqual({ some: 2.5, full: undefined });
    expect(pressureOf(`${text}full avg10=0.00 avg60=0.00 avg300=0.00 total=1\n`).full).toBe(1e-6);
  });

  test('traffic of devices, of v2 and of v1 alike', () => {
    const v2 = ioStatOf('8:16 rbytes=4096 wbytes=512 rios=2 wios=1 dbytes=0 dios=0\n253:0 \nTotal 3\n');
    const v1 = blkioOf('8:16 Read 2\n8:16 Write 1\n8:16 Total 3\nTotal 3\n', '8:16 Read 4096\n8:16 Write 512\n');
    const use = { reads: 2, writes: 1, readBytes: 4096, writtenBytes: 512 };
    expect(v2.get('8:16')).toEqual(use);
    expect(v1).toEqual(new Map([['8:16', use]]));
  });

  test('whatever the text is, nothing is thrown and no number is made up', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), (text) => {
        for (const value of keyed(text).values()) expect(value).toBeGreaterThanOrEqual(0);
        for (const { reads } of [...ioStatOf(text).values(), ...blkioOf(text, text).values()])
          expect(Number.isFinite(reads)).toBe(true);
        pressureOf(text);
      }),
    );
  });
});
