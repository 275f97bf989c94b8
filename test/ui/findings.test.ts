import fc from 'fast-check';
import { expect, test } from 'vitest';
import { ageOf, countOf, type Finding, findingGroupings, groupFindings, severities } from '../../ui/findings.ts';

const finding = fc.record({
  id: fc.uuid(),
  name: fc.constantFrom('reference-missing', 'service-without-endpoints'),
  class: fc.constantFrom('broken', 'risk', 'advice'),
  severity: fc.constantFrom(...severities),
  resource: fc.constantFrom('Pod:shop/a', 'Service:web/b', 'Node:n'),
  namespace: fc.option(fc.constantFrom('shop', 'web'), { nil: undefined }),
  accepted: fc.option(fc.constant({ reason: 'known', by: 'x' }), { nil: undefined }),
}) as unknown as fc.Arbitrary<Finding>;

test('groups hold each finding once, in the order of the list, and count what is accepted', () => {
  fc.assert(
    fc.property(fc.array(finding), fc.constantFrom(...findingGroupings), (all, by) => {
      const groups = groupFindings(all, by);
      expect(groups.flatMap(({ findings }) => findings).length).toBe(all.length);
      for (const { findings, accepted } of groups) {
        expect(all.filter((each) => findings.includes(each))).toEqual(findings);
        expect(findings.filter((each) => each.accepted).length).toBe(accepted);
      }
      expect(new Set(groups.map(({ key }) => key)).size).toBe(groups.length);
    }),
  );
});

test('the group with the worst comes first; what is accepted does not push it up', () => {
  const made = (severity: string, namespace: string, more: object = {}) =>
    ({ id: `${severity} ${namespace}`, severity, namespace, resource: 'Pod:x/y', class: 'risk', ...more }) as Finding;
  const accepted = { accepted: { reason: '', by: 'x' } };
  const keys = (...all: Finding[]) => groupFindings(all, 'namespace').map(({ key }) => key);
  expect(keys(made('critical', 'a', accepted), made('high', 'b'), made('low', 'c'))).toEqual(['b', 'c', 'a']);
  expect(keys(made('low', 'a'), made('low', 'b'), made('low', 'b'))).toEqual(['b', 'a']);
  expect(groupFindings([{ ...made('low', 'a'), resource: 'HTTPRoute.x.io:a/b' }], 'kind')[0]?.key).toBe('HTTPRoute');
});

test('counts are of a class, or of one severity in it; unknown ones are none', () => {
  const counts = { broken: { critical: 2, high: 3 }, accepted: 4 };
  expect([countOf(counts, 'broken'), countOf(counts, 'broken', 'high'), countOf(counts, 'risk')]).toEqual([5, 3, 0]);
  expect([countOf(undefined, 'broken'), countOf(counts, 'accepted')]).toEqual([0, 0]);
});

test('ages are told in the largest unit that says something; what is to come has none', () => {
  const now = Date.parse('2026-03-10T12:00:00Z');
  const ages = ['2026-03-10T11:59:40Z', '2026-03-10T11:58:00Z', '2026-03-09T12:00:00Z', '2026-03-01T12:00:00Z'];
  expect(ages.map((each) => ageOf(each, now))).toEqual(['just now', '2 min', '24 h', '9 d']);
  expect([ageOf('2026-03-11T00:00:00Z', now), ageOf(undefined, now), ageOf('x', now)]).toEqual(['', '', '']);
});
