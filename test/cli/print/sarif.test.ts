// Findings as SARIF and JUnit: with everything that their readers require, whatever the names.
import { expect, test } from 'vitest';
import { junitOf } from '../../../cli/print/junit.ts';
import { sarifOf } from '../../../cli/print/sarif.ts';
import type { Finding } from '../../../master/findings/contract.ts';

const finding = (more: Partial<Finding> = {}): Finding => ({
  id: 'abcdefgh12345678',
  name: 'reference-missing',
  class: 'broken',
  severity: 'critical',
  resource: 'Deployment:shop/web',
  type: 'Deployment',
  namespace: 'shop',
  sentence: 'Deployment shop/web needs ConfigMap shop/gone, which does not exist',
  remedy: 'Create it.',
  link: 'https://example.org/',
  field: 'spec.x[0]',
  path: [{ from: 'Deployment:shop/web', to: 'ConfigMap:shop/gone', type: 'uses', field: 'spec.x[0]' }],
  affected: { count: 1, first: ['Pod:shop/a'] },
  since: '2026-11-28T12:00:00.000Z',
  ...more,
});

interface Sarif {
  runs: { tool: { driver: { rules: { id: string; properties: object }[] } }; results: Result[] }[];
}
interface Result {
  ruleId: string;
  ruleIndex: number;
  level: string;
  locations: { physicalLocation: { artifactLocation: { uri: string }; region: { startLine: number } } }[];
  partialFingerprints: object;
  suppressions?: { justification: string }[];
}

test('every result of SARIF has a place, a rule that is listed and a fingerprint', () => {
  const all = [
    finding(),
    finding({ resource: 'Node:n1', severity: 'medium', name: 'node-flapping' }),
    finding({ resource: 'User:a b/ü', severity: 'info', name: 'access-to-admin' }),
    finding({ accepted: { reason: 'a lab', by: 'annotation of Namespace:shop' } }),
  ];
  const { runs } = sarifOf(all, ({ resource }) =>
    resource === 'Deployment:shop/web' ? { path: './a b/web.yaml', line: 12 } : undefined,
  ) as Sarif;
  const [run] = runs;
  const results = run?.results ?? [];
  expect(results.map(({ level }) => level)).toEqual(['error', 'warning', 'note', 'error']);
  for (const { ruleId, ruleIndex, locations, partialFingerprints } of results) {
    expect(run?.tool.driver.rules[ruleIndex]?.id).toBe(ruleId);
    expect(locations[0]?.physicalLocation.artifactLocation.uri).toMatch(/^[A-Za-z0-9._~!$&'()*+,;=:@%/-]+$/);
    expect(locations[0]?.physicalLocation.artifactLocation.uri).not.toMatch(/^\//);
    expect(locations[0]?.physicalLocation.region.startLine).toBeGreaterThan(0);
    expect(partialFingerprints).toEqual({ 'clusterInsight/v1': 'abcdefgh12345678' });
  }
  expect(results[0]?.locations[0]?.physicalLocation.artifactLocation.uri).toBe('a%20b/web.yaml');
  expect(results[1]?.locations[0]?.physicalLocation.artifactLocation.uri).toBe('cluster/_/Node/n1.yaml');
  expect(results[3]?.suppressions).toEqual([{ kind: 'external', status: 'accepted', justification: 'a lab' }]);
  const security = run?.tool.driver.rules
    .filter(({ properties }) => 'security-severity' in properties)
    .map(({ id }) => id);
  expect(security).toEqual(['access-to-admin']);
});

test('JUnit counts its entries, skips accepted and undecided ones, and accepts any text', () => {
  const text = junitOf(
    [
      finding(),
      finding({ accepted: { reason: '<b>', by: 'me' } }),
      finding({ class: 'risk', sentence: 'a "b" & <c> \u0000 \ud800' }),
    ],
    [{ name: 'config-unused', reason: 'Pod is forbidden', count: 3 }],
  );
  expect(text).toContain('<testsuites name="cluster-insight" tests="4" failures="2" errors="0" skipped="2">');
  expect(text.match(/<testcase /g)).toHaveLength(4);
  expect(text.match(/<failure /g)).toHaveLength(2);
  expect(text).toContain('accepted by me: &lt;b&gt;');
  expect(text).toContain('a &quot;b&quot; &amp; &lt;c&gt; \\u0000 \\ud800');
  expect(text).not.toMatch(/[\u0000-\u0008]/);
});
