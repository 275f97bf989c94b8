import { describe, expect, test } from 'vitest';
import { chartCases, chartDigest, hasHelm, render, rendering, withRules } from '../support/chart.ts';
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

// Not a skipped test where helm is missing: the digest above already says whether the renderings are the chart's.
if (hasHelm()) {
  describe('helm on this machine', () => {
    test.each(chartCases.map((each) => [each.name, each] as const))('renders %s as it is checked in', (_, each) => {
      const rendered = objectsOf(render(each));
      expect(rendered).toEqual(withRules(rendered));
      expect(rendered).toEqual(withRules(objectsOf(rendering(each))));
    });

    test('makes a token where no Secret is named', () => {
      const objects = objectsOf(render({ name: 'own', values: [], manifests: () => [] }));
      const secret = objects.find(({ kind }) => kind === 'Secret');
      const { token = '' } = (secret?.data ?? {}) as { token?: string };
      expect(Buffer.from(token, 'base64').toString()).toMatch(/^[A-Za-z0-9]{48}$/);
    });

    test.each(['minion.runtime=rkt', 'replicaCount=0', 'auth.mode=none', 'service.port=0', 'unknown=1'])(
      'refuses %s by the schema',
      (value) => {
        expect(() => render({ name: 'bad', values: [value], manifests: () => [] })).toThrow(/values|schema/);
      },
    );
  });
}
