import { execFileSync } from 'node:child_process';
import { expect, test } from 'vitest';
import { settings } from '../../../src/settings/config.ts';
import { unknownVariables } from '../../../src/settings/setting-sources.ts';
import { root } from '../../support/source-tree.ts';

const said = (...names: string[]) => unknownVariables(Object.fromEntries(names.map((name) => [name, 'x'])), settings);

test('a variable that looks like a setting and is none is told, with the one that was meant', () => {
  expect(said('CLUSTER_INSIGHT_PROT')).toEqual([
    'CLUSTER_INSIGHT_PROT is not a setting of this program and is ignored; did you mean CLUSTER_INSIGHT_PORT?',
  ]);
  expect(said('CLUSTER_INSIGHT_FROBNICATION', 'HOME', 'CLUSTER_INSIGHTS')).toEqual([
    'CLUSTER_INSIGHT_FROBNICATION is not a setting of this program and is ignored',
  ]);
});

test('what Kubernetes says of Services is none', () => {
  const service = ['SERVICE_HOST', 'SERVICE_PORT', 'SERVICE_PORT_HTTP', 'PORT_5555_TCP', 'PORT_5555_TCP_ADDR'];
  expect(said(...service.map((name) => `CLUSTER_INSIGHT_${name}`))).toEqual([]);
  expect(said(...service.map((name) => `CLUSTER_INSIGHT_MINION_${name}`), 'CLUSTER_INSIGHT_MINION_PORT')).toEqual([]);
});

test('every variable of the manifests is a setting', () => {
  const found = execFileSync(
    'grep',
    ['-rhoE', 'CLUSTER_INSIGHT_[A-Z_]+[A-Z]', 'manifests', 'install/chart', 'Dockerfile'],
    {
      cwd: root,
      encoding: 'utf8',
    },
  );
  // This one belongs to the script that verifies an installation.
  const all = new Set(
    found
      .trim()
      .split('\n')
      .filter((name) => name !== 'CLUSTER_INSIGHT_VERIFY_TOKEN'),
  );
  expect(said(...all)).toEqual([]);
});
