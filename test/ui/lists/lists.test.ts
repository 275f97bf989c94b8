import { expect, test } from 'vitest';
import { findings } from '../../../ui/lists/all.ts';
import { listNamed } from '../../../ui/lists/index.ts';
import type { ListContext } from '../../../ui/lists/list.ts';
import { ClusterModel } from '../../../ui/model.ts';
import { start, type ViewState, viewNames } from '../../../ui/state/view-state.ts';
import { viewNamed } from '../../../ui/views/index.ts';
import { textOf } from '../text-of.ts';

const finding = (more: object) => ({
  id: 'a',
  name: 'reference-missing',
  class: 'broken',
  severity: 'critical',
  resource: 'Pod:shop/web',
  namespace: 'shop',
  sentence: 'It needs a Secret that does not exist',
  remedy: 'Create it.',
  link: 'https://example.org/',
  field: 'spec.env[0]',
  path: [{ from: 'Pod:shop/web', to: 'Secret:shop/gone', type: 'uses' }],
  affected: { count: 2 },
  since: '2026-01-01T00:00:00Z',
  ...more,
});

function shown(answer: object, state: Partial<ViewState> = {}, go: ListContext['go'] = () => undefined): string {
  const model = new ClusterModel();
  model.load({ revision: 1, timestamp: 'T', resources: [], ...answer });
  const now = Date.parse('2026-01-04T00:00:00Z');
  return textOf(findings.render({ model, state: { ...start, view: 'findings', ...state }, now, desk: undefined, go }));
}

test('every view in rows has a list, and no other has', () => {
  for (const name of viewNames)
    expect([name, listNamed(name) !== undefined]).toEqual([name, viewNamed(name).rows === true]);
});

test('a finding has its severity in words, the sentence, the remedy, the proof, the field, and its age', () => {
  const counts = { broken: { critical: 1 }, accepted: 0 };
  const text = shown({ findings: [finding({})], counts, total: 1 });
  expect(text).toMatch(/1 finding\..*critical.*critical.*It needs a Secret.*Pod web.*in shop.*Create it\./);
  expect(text).toMatch(/Pod web.*uses.*Secret gone.*spec\.env\[0\].*broken · for 3 d · affects 2 resources/);
});

test('accepted ones are counted and say by whom; what could not be decided is told', () => {
  const accepted = finding({ id: 'b', accepted: { reason: '', by: 'annotation of Pod:shop/web' } });
  const undecided = [{ name: 'policy-cuts-route', reason: 'Secret is forbidden', count: 3 }];
  const text = shown({ findings: [accepted], counts: { accepted: 1 }, total: 1, undecided });
  expect(text).toMatch(
    /1 accepted.*accepted: annotation of Pod:shop\/web.*1 rule could not be decided.*Secret is forbidden/,
  );
});

test('nothing wrong, nothing that passes and nothing so named are three answers', () => {
  expect(shown({ findings: [], total: 0 })).toContain('Nothing is known to be wrong.');
  expect(shown({ findings: [], total: 0 }, { severities: ['low'] })).toContain('No finding passes the filter.');
  const text = shown({ findings: [finding({})], total: 1 }, { text: 'grafana' });
  expect(text).toContain('0 of them named so');
  expect(text).not.toContain('Create it.');
});

test('grouped by another, each group can be narrowed to', () => {
  const all = [finding({}), finding({ id: 'b', namespace: undefined, resource: 'Node:n' })];
  const text = shown({ findings: all, total: 2 }, { group: 'namespace' });
  expect(text).toMatch(/shop.*1.*only these/);
  expect(text).toContain('Outside of namespaces');
});
