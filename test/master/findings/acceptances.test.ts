// Accepted findings: by whom, which acceptance is the nearest, and acceptances without effect.
import { describe, expect, test } from 'vitest';
import { acceptedNames } from '../../../master/findings/acceptance.ts';
import { acceptanceStale } from '../../../master/findings/acceptances.ts';
import { imageMutable } from '../../../master/findings/images.ts';
import { findingRules } from '../../../master/findings/index.ts';
import { readFindingSettings } from '../../../master/findings/read-settings.ts';
import { findingCases } from '../../support/finding-cases.ts';
import { an, deployment, findingGraph, noon } from '../../support/finding-graph.ts';

const accept = (text: string) => ({ annotations: { 'cluster-insight.io/accept': text } });
const bad = (metadata: object = {}, template: object = {}) =>
  an(
    'Deployment',
    'shop/web',
    { spec: { template: { metadata: template, spec: { containers: [{ name: 'a', image: 'web:latest' }] } } } },
    metadata,
  );
const acceptedOf = (...objects: readonly Parameters<typeof findingGraph>[0][number][]) =>
  findingGraph(objects, { rules: [imageMutable] }).found()[0]?.accepted;

describe('an annotation', () => {
  test('on the object, its template or its namespace accepts, the nearest first, and it is told which', () => {
    expect(acceptedOf(bad(accept('image-mutable=a lab')))).toEqual({
      reason: 'a lab',
      by: 'annotation of Deployment:shop/web',
    });
    expect(acceptedOf(bad({}, accept('image-mutable=inner')))).toEqual({
      reason: 'inner',
      by: 'annotation of the template of Deployment:shop/web',
    });
    const namespace = an('Namespace', 'shop', {}, accept('*=all of it'));
    expect(acceptedOf(bad(), namespace)).toEqual({ reason: 'all of it', by: 'annotation of Namespace:shop' });
    expect(acceptedOf(bad(accept('image-mutable=mine')), namespace)?.reason).toBe('mine');
  });

  test('of another finding, or of all without a reason, accepts nothing', () => {
    expect(acceptedOf(bad(accept('probe-missing')))).toBeUndefined();
    expect(acceptedOf(bad(accept('*')))).toBeUndefined();
  });

  test('that comes later is taken over, and so is one that goes', () => {
    const graph = findingGraph([bad()], { rules: [imageMutable] });
    graph.put(an('Namespace', 'shop', {}, accept('image-mutable')));
    graph.renew();
    expect(graph.found()[0]?.accepted?.by).toBe('annotation of Namespace:shop');
    graph.put(an('Namespace', 'shop'));
    graph.renew();
    expect(graph.found()[0]?.accepted).toBeUndefined();
  });

  test('holds several entries, each with its reason', () => {
    expect(acceptedNames('a=why = so; b\nc=')).toEqual([
      { finding: 'a', reason: 'why = so' },
      { finding: 'b', reason: '' },
      { finding: 'c', reason: '' },
    ]);
  });
});

const settingsOf = (text: string) => readFindingSettings([{ file: '/etc/findings.yaml', text }], Date.parse(noon));

describe('the file of settings', () => {
  test('accepts by finding, type, namespace, name and labels', () => {
    const { settings, faults } = settingsOf(`
accept:
  - {finding: image-*, type: Deployment, namespace: "sh*", name: web, reason: known}
`);
    expect(faults).toEqual([]);
    const graph = findingGraph([bad()], { rules: [imageMutable], settings });
    expect(graph.found()[0]?.accepted).toEqual({ reason: 'known', by: 'accept[0] of findings.yaml' });
  });

  test('says of each entry at fault what is wrong, and keeps the others', () => {
    const { settings, faults } = settingsOf(`
accept:
  - {finding: a}
  - {finding: a, reason: b, until: whenever}
  - {finding: a, reason: b, colour: red}
  - {finding: a, reason: b, labels: "a in ("}
  - 7
  - {finding: a, reason: b}
colour: red
registries: [a b]
`);
    expect(settings.accept).toHaveLength(1);
    expect(faults.map(({ at }) => at.replace('/etc/findings.yaml: ', ''))).toEqual([
      'colour',
      'accept[0].reason',
      'accept[1].until',
      'accept[2].colour',
      'accept[3]',
      'accept[4]',
      'registries[0]',
    ]);
  });

  test('that is not YAML, or no map, is a fault of the file', () => {
    expect(settingsOf('a: [').faults).toHaveLength(1);
    expect(settingsOf('- 1').faults[0]?.message).toMatch(/not a map/);
    expect(settingsOf('').faults).toEqual([]);
  });

  test('accepts until its date, and no longer', () => {
    const { settings } = settingsOf('accept: [{finding: image-mutable, reason: soon, until: 2026-11-28T13:00:00Z}]');
    const graph = findingGraph([bad()], { rules: [imageMutable], settings });
    expect(graph.found()[0]?.accepted?.reason).toBe('soon');
    graph.now += 3_600_000;
    graph.renew();
    expect(graph.found()[0]?.accepted).toBeUndefined();
  });

  test('may keep annotations from accepting what they are accused of', () => {
    const { settings } = settingsOf('notByAnnotation: [image-*]');
    const graph = findingGraph([bad(accept('image-mutable=mine'))], { rules: [imageMutable], settings });
    expect(graph.found()[0]?.accepted).toBeUndefined();
  });
});

findingCases(
  acceptanceStale,
  [
    {
      says: 'no finding is called so',
      objects: [bad(accept('image-mutabel=typo'))],
      finds: ['Deployment:shop/web'],
      and: { sentence: /is not a finding/ },
    },
    { says: 'nothing is annotated', objects: [bad()], finds: [] },
  ],
  { alone: true },
);

test('an acceptance that has matched nothing for a day is stale, and one that matches is not', () => {
  const used = bad(accept('image-mutable'));
  const unused = an('Deployment', 'shop/other', { spec: {} }, accept('image-mutable'));
  const graph = findingGraph([used, unused, deployment('plain')], { rules: [imageMutable, acceptanceStale] });
  expect(graph.found().filter(({ name }) => name === 'acceptance-stale')).toEqual([]);
  graph.now += 25 * 3_600_000;
  graph.put(an('ConfigMap', 'shop/any'));
  graph.renew();
  const stale = graph.found().filter(({ name }) => name === 'acceptance-stale');
  expect(stale.map(({ resource }) => resource)).toEqual(['Deployment:shop/other']);
  expect(findingRules.some(({ name }) => name === 'acceptance-stale')).toBe(true);
});
