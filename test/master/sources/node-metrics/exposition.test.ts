import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { type ExposedSample, ExpositionReader, sampleOf } from '../../../../master/sources/node-metrics/exposition.ts';

function read(chunks: readonly Buffer[], wanted = ['m', 'other']) {
  const samples: ExposedSample[] = [];
  const reader = new ExpositionReader(new Set(wanted), (sample) => samples.push(sample));
  for (const chunk of chunks) reader.write(chunk);
  reader.end();
  return { samples, refused: reader.refused };
}

const shown = (sample: ExposedSample | undefined) => sample && { ...sample, labels: Object.fromEntries(sample.labels) };

describe('one line of the format', () => {
  test.each([
    ['m 1', { name: 'm', labels: {}, value: 1, at: undefined }],
    ['m{} 1.5e-3 1395066363000', { name: 'm', labels: {}, value: 0.0015, at: 1_395_066_363_000 }],
    ['m{a="b",c="d",} +Inf', { name: 'm', labels: { a: 'b', c: 'd' }, value: Infinity, at: undefined }],
    ['\tm { a = "b" , c="" }\t-Inf -1', { name: 'm', labels: { a: 'b', c: '' }, value: -Infinity, at: -1 }],
    ['m{a="x}, y=\\"1\\" # {"} 2', { name: 'm', labels: { a: 'x}, y="1" # {' }, value: 2, at: undefined }],
    ['m{a="back\\\\slash\\nline\\t"} 0', { name: 'm', labels: { a: 'back\\slash\nline\\t' }, value: 0, at: undefined }],
    ['m{a="b"} 7 # {trace_id="x # {"} 0.5 1', { name: 'm', labels: { a: 'b' }, value: 7, at: undefined }],
    ['m 7 12 # {} 1', { name: 'm', labels: {}, value: 7, at: 12 }],
  ])('%s', (line, expected) => expect(shown(sampleOf(line))).toEqual(expected));

  test('that is no number is NaN where it says so', () => expect(sampleOf('m NaN')?.value).toBeNaN());

  test.each([
    ['# HELP m a metric'],
    [''],
    ['m'],
    ['m{a="b" 1'],
    ['m{a="b"c="d"} 1'],
    ['m{a=b} 1'],
    ['m{a="b\\"} 1'],
    ['m 0x10'],
    ['m 1 2 3'],
    ['m # {a="b"} 1'],
    ['m 1 # no exemplar'],
    ['m one'],
    ['{"m",a="b"} 1'],
    ['m 1 soon'],
  ])('%j is no sample', (line) => expect(sampleOf(line)).toBeUndefined());
});

const label = fc.stringMatching(/^[a-zA-Z_][a-zA-Z0-9_]{0,5}$/);
const value = fc.string({ unit: 'grapheme', maxLength: 12 });
const written = fc.record({
  name: fc.constantFrom('m', 'other', 'unwanted'),
  labels: fc.dictionary(label, value, { maxKeys: 4 }),
  value: fc.double({ noNaN: true }),
});

/** As client libraries escape it. */
const escaped = (text: string) => text.replaceAll('\\', '\\\\').replaceAll('\n', '\\n').replaceAll('"', '\\"');

test('whatever labels hold, and wherever its bytes are cut, the same samples are read', () => {
  fc.assert(
    fc.property(fc.array(written, { maxLength: 8 }), fc.integer({ min: 1, max: 40 }), (all, size) => {
      const text = all
        .map((each) => {
          const labels = Object.entries(each.labels).map(([name, said]) => `${name}="${escaped(said)}"`);
          return `# TYPE ${each.name} gauge\n${each.name}{${labels.join(',')}} ${each.value}\n`;
        })
        .join('');
      const bytes = Buffer.from(text);
      const chunks = Array.from({ length: Math.ceil(bytes.length / size) }, (_, at) =>
        bytes.subarray(at * size, (at + 1) * size),
      );
      const { samples, refused } = read(chunks);
      expect(refused).toBe(0);
      expect(samples.map((each) => [each.name, Object.fromEntries(each.labels), each.value])).toEqual(
        all
          .filter(({ name }) => name !== 'unwanted')
          .map((each) => [each.name, { ...each.labels }, Number(String(each.value))]),
      );
    }),
  );
});

test('a line without end is skipped and counted, and those after it are read', () => {
  const { samples, refused } = read([
    Buffer.from(`m{a="${'x'.repeat(100_000)}`),
    Buffer.from(`${'y'.repeat(100_000)}"} 1\nm 2\n`),
    Buffer.from('m{ 3\nother 4'),
  ]);
  expect(samples.map(({ name, value: said }) => [name, said])).toEqual([
    ['m', 2],
    ['other', 4],
  ]);
  expect(refused).toBe(2);
});
