import { expect, test } from 'vitest';
import { checkProbes, probes } from '../../../minion/probes/index.ts';
import { metrics } from '../../../minion/probes/metrics.ts';
import { settings } from '../../../src/settings/config.ts';
import { containerFamilies, nodeFamilies } from '../../../src/telemetry-api.ts';

const probe = { name: 'one', needs: [], start: () => ({}) };

test('a probe without a proper name, one that is there twice and a need without words are refused', () => {
  expect(() => checkProbes([{ ...probe, name: 'One' }])).toThrow('not lower case');
  expect(() => checkProbes([probe, probe])).toThrow('two probes are called one');
  expect(() => checkProbes([{ ...probe, needs: [{ what: '', isMet: () => true }] }])).toThrow('does not say');
});

test('each metric has an existing probe, and each probe has a metric', () => {
  const telling = new Set(Object.values(metrics).map((each) => each.probe));
  expect([...telling].toSorted()).toEqual([...probes.keys()].toSorted());
});

test('every kept number is the sum of a metric that a probe reports', () => {
  const families = [...Object.entries(containerFamilies), ...Object.entries(nodeFamilies)];
  // Only kubelets and metrics-server report the working set.
  const named = families.filter(([name]) => name !== 'memoryWorkingSet').map(([, { metric }]) => metric);
  expect(named.filter((name) => !Object.hasOwn(metrics, name))).toEqual([]);
  expect(named.length).toBeGreaterThan(10);
});

test('the setting names each probe', () => {
  const { description } = settings.find(({ key }) => key === 'probes') ?? { description: '' };
  expect([...probes.keys()].filter((name) => !description.includes(`\`${name}\``))).toEqual([]);
});
