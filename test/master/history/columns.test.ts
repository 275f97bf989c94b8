import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { Block, packBlock } from '../../../master/history/block.ts';
import { Column, IdTable } from '../../../master/history/columns.ts';
import { endsOf } from '../../../master/history/relation-text.ts';
import { Fault } from '../../../src/errors.ts';

const text = fc.string({ unit: 'grapheme', maxLength: 60 }).map((each) => each.toWellFormed());

describe('ids in numbers', () => {
  test('are a map, whatever the ids are', () => {
    fc.assert(
      fc.property(fc.array(text), fc.array(text), (ids, others) => {
        const table = new IdTable();
        const map = new Map<string, number>();
        for (const id of ids) {
          if (!map.has(id)) map.set(id, map.size);
          expect(table.add(id)).toBe(map.get(id));
        }
        for (const id of [...ids, ...others]) expect(table.numberOf(id)).toBe(map.get(id));
        expect(table.size).toBe(map.size);
      }),
    );
  });

  test('stay what they are while the table grows far beyond its first size', () => {
    const table = new IdTable();
    const idOf = (i: number) => `Pod:team-${i % 432}/app-${i}-${'x'.repeat(i % 90)}`;
    for (let i = 0; i < 20_000; i++) table.add(idOf(i));
    for (let i = 0; i < 20_000; i += 7) expect(table.numberOf(idOf(i))).toBe(i);
    expect(table.numberOf('Pod:team-1/app-20000')).toBeUndefined();
    expect(table.add('é'.repeat(5000))).toBe(20_000);
    expect(table.numberOf('é'.repeat(5000))).toBe(20_000);
  });
});

test('a column is a list of numbers in which what was never set is 0', () => {
  fc.assert(
    fc.property(fc.array(fc.tuple(fc.nat(5000), fc.nat(2 ** 32 - 1))), (sets) => {
      const column = new Column();
      const list: number[] = [];
      for (const [index, value] of sets) {
        column.set(index, value);
        list[index] = value;
      }
      expect(column.length).toBe(list.length);
      for (let i = 0; i < list.length + 3; i++) expect(column.at(i)).toBe(list[i] ?? 0);
    }),
  );
});

describe('a block', () => {
  const relation = fc.tuple(fc.nat(100), fc.nat(2 ** 31), fc.nat(2 ** 31), fc.nat(4e12));
  const row = fc.record({ text, extra: text, out: fc.array(relation) });

  test('returns each resource with its relations, and nothing for others', () => {
    fc.assert(
      fc.property(fc.array(row), (rows) => {
        const packed = packBlock(
          rows.map(({ text: told, extra, out }, i) => ({
            o: i * 3,
            bytes: Buffer.from(`${told}\n${extra}`),
            text: Buffer.byteLength(told),
            out: out.flat(),
          })),
        );
        // As part of a larger buffer, at any offset.
        const block = new Block(Buffer.concat([Buffer.from('x'), packed]).subarray(1));
        for (const [i, { text: told, extra, out }] of rows.entries()) {
          expect(block.textOf(i * 3)).toBe(told);
          expect(block.extraOf(i * 3)).toBe(extra);
          expect(block.bytesOf(i * 3)?.toString()).toBe(`${told}\n${extra}`);
          expect(block.outOf(i * 3)).toEqual(out);
        }
        expect(block.has(1)).toBe(false);
        expect(block.bytesOf(1)).toBeUndefined();
        expect(block.outOf(1)).toEqual([]);
      }),
    );
  });

  test('that was cut is an error', () => {
    const packed = packBlock([{ o: 7, bytes: Buffer.from('ab\ncd'), text: 2, out: [1, 2, 3, 4] }]);
    for (let length = 0; length < packed.length; length++)
      expect(() => new Block(packed.subarray(0, length))).toThrow(Fault);
  });
});

test('type and target of a relation are read from its text, whatever they are', () => {
  fc.assert(
    fc.property(text, text, text, text, (type, source, target, label) => {
      const relation = { type, timestamp: '2026-11-20T16:58:32.123Z', source, target, annotations: { label, target } };
      expect(endsOf(JSON.stringify(relation))).toMatchObject({ type, target });
    }),
  );
});
