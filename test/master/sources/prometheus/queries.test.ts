import fc from 'fast-check';
import { expect, test } from 'vitest';
import { numbersQuery, toldBy } from '../../../../master/sources/prometheus/queries.ts';
import { useQuery, useTold } from '../../../../master/sources/prometheus/use-queries.ts';

const of = (pod: string, namespace = 'shop') => ({ namespace, pod, container: 'app' });
const asked = (...pods: string[]) =>
  numbersQuery({ containers: pods.map((pod) => of(pod)), nodes: [], match: '', step: 60 }) ?? '';

/** Every string of a query, as Go reads it: its escapes are JSON's. */
const stringsIn = (query: string) =>
  [...query.matchAll(/"(?:[^"\\]|\\.)*"/g)].map(([text]) => JSON.parse(text) as string);

test('nothing asked for is no query', () => {
  expect(numbersQuery({ containers: [], nodes: [], match: '', step: 60 })).toBeUndefined();
});

test('names are data: however they are spelt, they stay within a string, and match themselves alone', () => {
  const name = fc.oneof(fc.string({ minLength: 1 }), fc.constantFrom('a"}', '\\', 'a|b', '.+', 'a\nb', '{x="y"}'));
  fc.assert(
    fc.property(name, fc.string({ minLength: 1 }), (pod, other) => {
      const query = asked(pod);
      const outside = query.replace(/"(?:[^"\\]|\\.)*"/g, '""');
      expect(outside).toBe(asked('web-0').replace(/"(?:[^"\\]|\\.)*"/g, '""'));
      const pattern = stringsIn(/pod=~("(?:[^"\\]|\\.)*")/.exec(query)?.[0] ?? '')[0];
      const isAnswered = (text: string) => new RegExp(`^(?:${pattern})$`, 's').test(text);
      expect(isAnswered(pod)).toBe(true);
      if (other !== pod) expect(isAnswered(other)).toBe(false);
    }),
    { numRuns: 300 },
  );
});

test('of more names than a query may have none is named', () => {
  const many = Array.from({ length: 61 }, (_, at) => `web-${at}`);
  expect(asked(...many)).toContain('pod=~".+"');
  expect(asked(...many.slice(1))).toContain('pod=~"web-1|');
});

test('matchers stand in every selector', () => {
  const query = numbersQuery({ containers: [of('a')], nodes: ['n1'], match: 'cluster="east"', step: 3600 }) ?? '';
  const selectors = query.match(/\{[^}]*\}/g) ?? [];
  expect(selectors.length).toBeGreaterThan(20);
  expect(selectors.filter((each) => !each.includes('cluster="east"'))).toEqual([]);
  const use = { namespace: 'shop', patterns: ['web-.*'], match: 'cluster="east"', step: 900, window: 86_400 };
  expect(
    useQuery(use)
      .match(/\{[^}]*\}/g)
      ?.filter((each) => !each.includes('cluster="east"')),
  ).toEqual([]);
});

test('a series is told by its labels, or by nothing', () => {
  const labels = {
    insight_number: 'exported/cpu',
    exported_namespace: 'a',
    exported_pod: 'b',
    exported_container: 'c',
  };
  expect(toldBy(labels)?.of).toEqual({ namespace: 'a', pod: 'b', container: 'c' });
  expect(toldBy({ insight_number: 'node/cpu', node: 'n' })?.of).toEqual({ node: 'n' });
  for (const wrong of [
    {},
    { insight_number: 'minion/cpu', container_id: '/docker/x' },
    { insight_number: 'cadvisor/cpu' },
  ])
    expect(toldBy(wrong)).toBeUndefined();
  expect(useTold({ insight_number: 'minion/cpu', container_id: '/k8s/a/b/c' })).toMatchObject({
    pod: 'b',
    container: 'c',
  });
  expect(useTold({ insight_number: 'minion/cpu', container_id: '/system.slice/x' })).toBeUndefined();
});
