// What install.sh finds wrong with quotas: its own check with the real kubectl, for manifests that are built once.
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest';
import { installing, type Place } from '../support/installing.ts';
import { root } from '../support/manifests.ts';

let place: Place;
/** The folder that install.sh keeps its findings in. */
let work: string;
beforeAll(async () => {
  place = await installing(['containerd']);
  place.api.create({ apiVersion: 'v1', kind: 'Namespace', metadata: { name: 'tools' } });
  const { status, stdout, stderr } = await place.run('install.sh', ['--namespace', 'tools', '--dry-run']);
  if (status !== 0) throw new Error(`install.sh ended with ${status}: ${stderr}`);
  work = place.folder('work');
  writeFileSync(join(work, 'objects.yaml'), stdout);
  writeFileSync(join(work, 'nodes'), 'node-0 containerd\n');
  writeFileSync(join(work, 'secrets'), '');
});
afterAll(() => place.close());

const metadata = { name: 'team', namespace: 'tools' };
afterEach(() => {
  place.api.delete({ apiVersion: 'v1', kind: 'ResourceQuota', metadata });
});

/** As install.sh is where it checks them. */
const script = `
  set -eu
  . "$1/install/messages.sh"
  . "$1/install/belongings.sh"
  . "$1/install/checks.sh"
  work=$2 namespace=tools found=tools runtime=containerd
  context= kubeconfig= ha= namespaces= tls_secret=cluster-insight-minion-tls ca_secret=cluster-insight-minion-ca
  has_secret() { grep -qx "$1" "$work/secrets"; }
  check_quota`;

/** What is wrong with it; empty if nothing is. Without `used`, nothing has been counted yet. */
async function complaints(hard: object, used: object | undefined, spec: object = {}): Promise<string> {
  const status = used === undefined ? undefined : { hard, used };
  place.api.create({ apiVersion: 'v1', kind: 'ResourceQuota', metadata, spec: { hard, ...spec }, status });
  const { status: ended, stdout, stderr } = await place.program('/bin/sh', ['-c', script, 'sh', root, work]);
  expect([ended, stderr]).toEqual([0, '']);
  return stdout;
}

const ofPods = { scopeSelector: { matchExpressions: [{ scopeName: 'NotBestEffort', operator: 'Exists' }] } };
test.each([
  ['memory that is used up', { 'requests.memory': '1Gi' }, { 'requests.memory': '600Mi' }, {}],
  ['every scope that such Pods have', { pods: '0' }, undefined, { scopes: ['NotTerminating', 'NotBestEffort'] }],
  ['a selector of such Pods', { pods: '0' }, undefined, ofPods],
  ['a limit whose use is not counted yet', { pods: '1' }, undefined, {}],
  ['several Secrets', { 'count/secrets': '2' }, undefined, {}],
  ['numbers in exponents', { 'requests.memory': '1e8' }, undefined, {}],
])('a quota of %s is refused', async (_, hard, used, spec) => {
  expect(await complaints(hard, used, spec)).toMatch(
    /^ {2}quota team: of [\w./]+, \w+ may be used and \w+ are; this takes /,
  );
});

test('a quota of limits of CPU is refused, because the Pods have none', async () => {
  expect(await complaints({ 'limits.cpu': '100' }, { 'limits.cpu': '0' })).toMatch(/takes a limit of CPU of every Pod/);
});

const ofPriority = {
  scopeSelector: { matchExpressions: [{ scopeName: 'PriorityClass', operator: 'In', values: ['high'] }] },
};
test.each([
  ['another scope beside one of theirs', { pods: '0' }, { scopes: ['NotTerminating', 'BestEffort'] }],
  ['a class of priority', { pods: '0' }, ofPriority],
  ['very much', { 'requests.memory': '1Pi', 'limits.memory': '1E', cpu: '1e3', 'count/secrets': '3' }, {}],
  [
    'exactly as much as is needed',
    { pods: '2', 'requests.cpu': '0.11', 'requests.memory': '576Mi', 'limits.memory': '1696Mi' },
    {},
  ],
])('a quota of %s is not refused', async (_, hard, spec) => {
  const used = Object.fromEntries(Object.keys(hard).map((key) => [key, '0']));
  expect(await complaints(hard, used, spec)).toBe('');
});
