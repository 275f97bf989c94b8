// The order of findings that begin together.
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { causesFirst } from '../../../../master/alerts/states/causes-first.ts';
import { finding } from '../../../support/alerting.ts';

const caused = (id: string, causedBy?: string) => finding(id, { id, ...(causedBy === undefined ? {} : { causedBy }) });
const idsOf = (...all: readonly ReturnType<typeof caused>[]) => causesFirst(all, (each) => each).map(({ id }) => id);

test('a cause comes before its effects, at any distance, and all others stay where they are', () => {
  expect(idsOf(caused('host', 'service'), caused('other'), caused('service', 'map'), caused('map'))).toEqual([
    'other',
    'map',
    'service',
    'host',
  ]);
  expect(idsOf(caused('b'), caused('a'), caused('c', 'gone'))).toEqual(['b', 'a', 'c']);
});

test('holds for any causes without circles, and ends for those with them', () => {
  const causes = fc.array(fc.option(fc.nat(9), { nil: undefined }), { minLength: 1, maxLength: 10 });
  fc.assert(
    fc.property(causes, (all) => {
      const sorted = idsOf(...all.map((by, at) => caused(`${at}`, by === undefined ? undefined : `${by}`)));
      expect(sorted.toSorted()).toEqual(all.map((_, at) => `${at}`).toSorted());
      const earlier = all.map((by, at) => (by !== undefined && by < at ? by : undefined));
      const plain = idsOf(
        ...earlier.map((by, at) => caused(`${at}`, by === undefined ? undefined : `${by}`)).toReversed(),
      );
      earlier.forEach((by, at) => {
        if (by !== undefined) expect(plain.indexOf(`${by}`)).toBeLessThan(plain.indexOf(`${at}`));
      });
    }),
  );
});
