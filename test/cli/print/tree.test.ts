import { Writable } from 'node:stream';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { createOutput, shown } from '../../../cli/print/output.ts';
import { printTable } from '../../../cli/print/table.ts';
import { printTree, type TreeOptions } from '../../../cli/print/tree.ts';
import { graphOf, relation, resource } from '../../support/shop-graph.ts';

function collecting(colours = false) {
  const parts: string[] = [];
  const stream = new Writable({
    write(chunk, _encoding, done) {
      parts.push(String(chunk));
      done();
    },
  });
  return { output: createOutput(stream, colours), text: () => parts.join('') };
}

async function treeOf(
  graph: ReturnType<typeof graphOf>,
  options: Partial<TreeOptions> & { roots: string[] },
): Promise<string> {
  const { output, text } = collecting();
  await printTree(output, graph, { below: ({ source }, from) => source === from, ...options });
  return text();
}

describe('a tree', () => {
  test('goes on below a resource where it is nearest to the root, and marks it everywhere else', async () => {
    const ids = ['A:a', 'B:b', 'C:c', 'D:d'];
    const graph = graphOf(
      ids.map((id) => resource(id)),
      [
        relation('A:a', 'owns', 'B:b'),
        relation('B:b', 'owns', 'C:c'),
        relation('A:a', 'uses', 'C:c', { optional: true }),
        relation('C:c', 'owns', 'D:d'),
      ],
    );
    expect(await treeOf(graph, { roots: ['A:a'] })).toBe(
      [
        'RESOURCE      RELATION          FIELD',
        'A:a',
        '├─ B:b        owns              spec',
        '│  └─ C:c *   owns              spec',
        '└─ C:c        uses (optional)   spec',
        '   └─ D:d     owns              spec',
        '',
      ].join('\n'),
    );
  });

  test('turns an arrow round where a step leads from target to source, and says what is missing', async () => {
    const graph = graphOf([resource('A:a'), resource('B:b', { missing: true })], [relation('B:b', 'uses', 'A:a')]);
    expect(await treeOf(graph, { roots: ['A:a'], below: () => true })).toBe(
      'RESOURCE   RELATION   FIELD   STATE\nA:a\n└─ B:b     ← uses     spec    missing\n',
    );
  });

  test('ends though relations run in circles', async () => {
    const ids = Array.from({ length: 50 }, (_, i) => `A:${String(i).padStart(2, '0')}`);
    const relations = ids.map((id, i) => relation(id, 'owns', ids[(i + 1) % ids.length] as string));
    const text = await treeOf(
      graphOf(
        ids.map((id) => resource(id)),
        relations,
      ),
      { roots: ['A:00'] },
    );
    expect(text.trimEnd().split('\n').length).toBe(52);
    expect(text).toContain('└─ A:00 *');
    const circle = graphOf([resource('A:a')], [relation('A:a', 'owns', 'A:a')]);
    expect(await treeOf(circle, { roots: ['A:a'] })).toContain('└─ A:a *');
  });

  test('writes each relation within its depth once', async () => {
    const ends = fc.tuple(fc.nat(7), fc.nat(7));
    await fc.assert(
      fc.asyncProperty(fc.uniqueArray(ends, { selector: String, maxLength: 20 }), async (pairs) => {
        const ids = Array.from({ length: 8 }, (_, i) => `A:${i}`);
        const relations = pairs.map(([a, b], i) => relation(`A:${a}`, `r${i}`, `A:${b}`));
        const text = await treeOf(
          graphOf(
            ids.map((id) => resource(id)),
            relations,
          ),
          { roots: ids },
        );
        for (const { type } of relations) expect(text.match(new RegExp(`\\b${type}\\b`, 'g'))?.length).toBe(1);
      }),
    );
  });
});

describe('what a terminal is shown', () => {
  test('holds no character that could steer it', () => {
    expect(shown('a\u001b[31mb\u0007\u009bc\u202ed\ne')).toBe('a\\u001b[31mb\\u0007\\u009bc\\u202ed\\u000ae');
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), (text) => {
        expect(shown(text)).not.toMatch(/[\u0000-\u001f\u007f-\u009f\u202a-\u202e]/);
      }),
    );
  });

  test('has its columns in line with and without colours', async () => {
    const rows = [
      [{ text: 'a', style: 'red' as const }, { text: 'b' }],
      [{ text: 'long' }, { text: '' }],
    ];
    const plain = collecting();
    await printTable(plain.output, ['ONE', 'TWO', 'THREE'], rows);
    expect(plain.text()).toBe('ONE    TWO\na      b\nlong\n');
    const coloured = collecting(true);
    await printTable(coloured.output, ['ONE', 'TWO', 'THREE'], rows);
    expect(coloured.text()).toContain('\u001b[31ma');
    expect(coloured.text().replace(/\u001b\[\d+m/g, '')).toBe(plain.text());
  });
});
