// `findings`: exit statuses, forms, acceptance and places, over files; and what is new between two folders.
import { describe, expect, test } from 'vitest';
import { parseFailOnFindings } from '../../../cli/findings.ts';
import { insightHere } from '../../support/command-here.ts';
import { folderOf } from '../../support/command-line.ts';

const broken = `apiVersion: v1
kind: ConfigMap
metadata: { name: here, namespace: shop }
---
apiVersion: apps/v1
kind: Deployment
metadata: { name: web, namespace: shop }
spec:
  template:
    spec:
      containers:
        - name: a
          image: web:1
          envFrom:
            - configMapRef: { name: gone }
`;
const folder = folderOf({
  'web.yaml': broken,
  'accept.yaml': 'accept: [{finding: reference-missing, reason: a lab}]\n',
});
const other = folderOf({ 'web.yaml': broken.replace('name: gone', 'name: here') });
const file = `${folder}/web.yaml`;

describe('kubectl insight findings', () => {
  test('lists what is wrong, and succeeds without --fail-on', async () => {
    const { status, out, err } = await insightHere(['findings', '-f', file]);
    expect({ status, err }).toEqual({ status: 0, err: '' });
    expect(out).toMatch(/critical\s+reference-missing\s+Deployment\/shop\/web/);
    expect(out).toMatch(/1 broken, 0 at risk/);
  });

  test('finds what --rules say, too, and says what of them is left out', async () => {
    const own = folderOf({
      'rules.yaml':
        'findings:\n  - {finding: shop-web, type: Deployment, where: {field: metadata.name, equals: web}, sentence: "{name} is here."}\n  - {finding: B}\n',
    });
    const { status, out, err } = await insightHere(['findings', '-f', file, '--rules', `${own}/rules.yaml`]);
    expect(status).toBe(0);
    expect(out).toMatch(/medium\s+shop-web\s+Deployment\/shop\/web/);
    expect(err).toContain('rules.yaml:3: findings[1]');
  });

  test('fails on the findings that --fail-on selects, except accepted ones', async () => {
    expect((await insightHere(['findings', '-f', file, '--fail-on', 'severity>=high'])).status).toBe(1);
    const accepted = ['findings', '-f', file, '--findings', `${folder}/accept.yaml`, '--fail-on', 'severity>=high'];
    expect((await insightHere(accepted)).status).toBe(0);
    expect((await insightHere(['findings', '-f', file, '--fail-on', 'name=crash-loop'])).status).toBe(0);
    expect((await insightHere(['findings', '-f', file, '--fail-on', 'colour=red'])).status).toBe(2);
    expect((await insightHere(['findings', '-f', `${folder}/none.yaml`])).status).toBe(3);
  });

  test('SARIF has the file and line of the field', async () => {
    const { out } = await insightHere(['findings', '-f', file, '-o', 'sarif']);
    const { runs } = JSON.parse(out) as {
      runs: { results: { locations: { physicalLocation: { region: { startLine: number } } }[] }[] }[];
    };
    expect(runs[0]?.results[0]?.locations[0]?.physicalLocation.region.startLine).toBe(15);
  });

  test('as JSON says what was not decided', async () => {
    const { out } = await insightHere(['findings', '-f', file, '-o', 'json', '--class', '*']);
    const { findings, undecided } = JSON.parse(out) as {
      findings: { name: string }[];
      undecided: { reason: string }[];
    };
    expect(findings.map(({ name }) => name)).toContain('reference-missing');
    expect(undecided.length).toBeGreaterThan(0);
  });
});

describe('diff --fail-on new-finding', () => {
  test('fails where the second has what the first has not, and says what', async () => {
    const worse = await insightHere(['diff', `${other}/web.yaml`, file, '--fail-on', 'new-finding']);
    expect(worse.status).toBe(1);
    expect(worse.out).toMatch(/! critical reference-missing/);
    const better = await insightHere(['diff', file, `${other}/web.yaml`, '--fail-on', 'new-finding']);
    expect(better.status).toBe(0);
  });
});

test('--fail-on reads severities, classes and names', () => {
  const high = parseFailOnFindings(['severity>=high']);
  const one = { severity: 'high', class: 'broken', name: 'a' } as Parameters<typeof high>[0];
  expect(high(one)).toBe(true);
  expect(high({ ...one, severity: 'medium' })).toBe(false);
  expect(high({ ...one, class: 'advice' })).toBe(false);
  expect(high({ ...one, accepted: { reason: '', by: '' } })).toBe(false);
  expect(parseFailOnFindings(['class=advice'])({ ...one, class: 'advice' })).toBe(true);
  expect(parseFailOnFindings(['name=b,name=a'])(one)).toBe(true);
  for (const bad of ['severity>=bad', 'class>=broken', '', 'severity'])
    expect(() => parseFailOnFindings([bad])).toThrow(/--fail-on/);
});
