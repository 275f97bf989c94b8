import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { Point } from '../../../src/shipping/points.ts';
import { remoteWriteBody } from '../../../src/shipping/remote-write.ts';
import { remoteWriteHeaders } from '../../../src/shipping/remote-write-headers.ts';
import { decodeRemoteWrite } from '../../support/remote-write-decoder.ts';

const label = fc.constantFrom('namespace', 'pod', 'container', 'node', 'Zone', '_x');
const point: fc.Arbitrary<Point> = fc.record({
  name: fc.constantFrom('a_total', 'b_bytes'),
  labels: fc.dictionary(label, fc.string({ maxLength: 300, unit: 'grapheme' }), { maxKeys: 5 }),
  value: fc.oneof(fc.double({ noNaN: true }), fc.constantFrom(0, -0, Infinity, 1e300)),
  at: fc.integer({ min: 1_700_000_000_000, max: 1_900_000_000_000 }),
  counter: fc.boolean(),
});

test('an independent decoder reads the measured values: labels sorted and not empty, samples in order', () => {
  fc.assert(
    fc.property(fc.array(point, { maxLength: 60 }), (points) => {
      const series = decodeRemoteWrite(remoteWriteBody(points));
      for (const { labels, samples } of series) {
        const names = labels.map(([name]) => name);
        expect(names).toEqual([...new Set(names)].toSorted((a, b) => (a < b ? -1 : 1)));
        expect(labels.every(([, value]) => value !== '')).toBe(true);
        expect(names).toContain('__name__');
        expect(samples.map(({ at }) => at)).toEqual(samples.map(({ at }) => at).toSorted((a, b) => a - b));
      }
      const told = series.flatMap(({ labels, samples }) =>
        samples.map((sample) => JSON.stringify([labels, sample.value + 0, sample.at])),
      );
      const meant = points.map(({ name, labels, value, at }) => {
        const all = Object.entries({ ...labels, __name__: name }).filter(([, text]) => text !== '');
        return JSON.stringify([all.toSorted(([a], [b]) => (a < b ? -1 : 1)), value + 0, at]);
      });
      expect(told.toSorted()).toEqual(meant.toSorted());
    }),
    { numRuns: 200 },
  );
});

test('the headers are those of version 1.0', () => {
  expect(remoteWriteHeaders).toMatchObject({
    'content-type': 'application/x-protobuf',
    'content-encoding': 'snappy',
    'x-prometheus-remote-write-version': '0.1.0',
  });
});
