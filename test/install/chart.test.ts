import { describe, expect, test } from 'vitest';
import { readRules } from '../../master/relations/declared/read.ts';
import { chartCases, chartDigest, rendering, withRules } from '../support/chart.ts';
import { keyOf, normalised, objectsOf } from '../support/manifests.ts';

describe.each(chartCases.map((each) => [each.name, each] as const))('the chart rendered as %s', (_, each) => {
  test('is rendered from the chart as it is now (else: node test/support/render-chart.ts)', () => {
    expect(rendering(each).split('\n')[0]).toContain(chartDigest());
  });

  test('equals the manifests', () => {
    const own = each.manifests().filter(({ kind }) => kind !== 'Namespace');
    const rendered = withRules(objectsOf(rendering(each)));
    expect(rendered.map(keyOf).toSorted()).toEqual(own.map(keyOf).toSorted());
    expect(normalised(rendered)).toEqual(normalised(own));
  });

  test('names helm as its manager', () => {
    const managers = objectsOf(rendering(each)).map(
      ({ metadata }) => metadata.labels?.['app.kubernetes.io/managed-by'],
    );
    expect(new Set(managers)).toEqual(new Set(['Helm']));
  });
});

test('the rules of the chart are read by the master as they are written there', () => {
  const each = chartCases.find(({ name }) => name === 'rules');
  const objects = each ? objectsOf(rendering(each)) : [];
  const { data } = objects.find(({ kind, metadata }) => kind === 'ConfigMap' && metadata.name.endsWith('-rules')) as {
    readonly data?: { readonly [file: string]: string };
  };
  const { declarations, faults } = readRules([{ file: 'rules.yaml', text: data?.['rules.yaml'] ?? '' }], []);
  expect(faults).toEqual([]);
  expect(declarations).toEqual([
    expect.objectContaining({ from: 'Backup.example.com', name: 'spec.credentials.secret', to: 'Secret' }),
  ]);
});
