import { readdirSync } from 'node:fs';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { Spool } from '../../../master/export/spool.ts';
import { newFolder } from '../../support/exporting.ts';

describe('the spool', () => {
  test('returns what was added, in any order, singly and in ranges, whatever was truncated meanwhile', async () => {
    const text = fc.oneof(
      fc.string({ unit: 'grapheme' }),
      fc.integer({ min: 0, max: 400_000 }).map((length) => 'é'.repeat(length)),
    );
    await fc.assert(
      fc.asyncProperty(
        fc.array(text, { maxLength: 30 }),
        fc.nat(30),
        fc.array(text, { maxLength: 10 }),
        async (first, cut, more) => {
          await using spool = await Spool.open(newFolder());
          for (const each of first) await spool.add(each);
          const at = Math.min(cut, first.length);
          await spool.cutTo(at);
          const kept = [...first.slice(0, at), ...more];
          for (const each of more) await spool.add(each);
          expect(spool.count).toBe(kept.length);
          const ranged: string[] = [];
          for await (const bytes of spool.range(0, kept.length)) ranged.push(bytes.toString());
          expect(ranged).toEqual(kept.map((each) => Buffer.from(each).toString()));
          for (let n = kept.length - 1; n >= 0; n--) {
            expect((await spool.read(n)).toString()).toBe(ranged[n]);
            expect(spool.lengthOf(n)).toBe(Buffer.byteLength(ranged[n] ?? ''));
          }
        },
      ),
      { numRuns: 20 },
    );
  });

  test('has no name in its folder, so that nothing is left of a process that was killed', async () => {
    const folder = newFolder();
    await using spool = await Spool.open(folder);
    await spool.add('text');
    await spool.flush();
    expect(readdirSync(folder)).toEqual([]);
  });

  test('a folder that cannot be written to is a setting that is wrong', async () => {
    await expect(Spool.open('/nowhere/at/all')).rejects.toThrow('CLUSTER_INSIGHT_EXPORT_SPOOL');
  });
});
