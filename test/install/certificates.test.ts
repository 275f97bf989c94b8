// The minions' certificates: created by install.sh or by the script alone, kept, and renewed before they expire.
import { execFileSync } from 'node:child_process';
import { createPrivateKey, X509Certificate } from 'node:crypto';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, describe, expect, test } from 'vitest';
import type { KubernetesObject } from '../../src/model.ts';
import { ours } from '../support/installed.ts';
import { installing, type Place } from '../support/installing.ts';
import { objectsOf, root } from '../support/manifests.ts';

let place: Place | undefined;
let folder: string | undefined;
afterEach(async () => {
  await place?.close();
  if (folder) rmSync(folder, { recursive: true });
  place = folder = undefined;
});

type Data = Readonly<Record<string, string>>;
const days = 86_400_000;
const textOf = (data: Data, key: string) => Buffer.from(data[key] ?? '', 'base64').toString();
const certificatesIn = (data: Data, key: string) =>
  (textOf(data, key).match(/-----BEGIN[^-]+-----[^-]+-----END[^-]+-----\n?/g) ?? []).map(
    (pem) => new X509Certificate(pem),
  );
const daysLeft = (certificate: X509Certificate) => (Date.parse(certificate.validTo) - Date.now()) / days;

function dataOf(name: string): Data {
  const found = ours(place as Place, 'secrets').find(
    ({ metadata }) => metadata.name === `cluster-insight-minion-${name}`,
  );
  return (found?.['data'] as Data | undefined) ?? {};
}

function expectSound(authority: Data, shown: Data): X509Certificate {
  const [ca] = certificatesIn(authority, 'tls.crt') as [X509Certificate];
  const [leaf] = certificatesIn(shown, 'tls.crt') as [X509Certificate];
  expect(ca.ca).toBe(true);
  expect(ca.checkPrivateKey(createPrivateKey(textOf(authority, 'tls.key')))).toBe(true);
  expect(leaf.checkPrivateKey(createPrivateKey(textOf(shown, 'tls.key')))).toBe(true);
  expect([leaf.ca, leaf.checkIssued(ca), leaf.verify(ca.publicKey)]).toEqual([false, true, true]);
  expect(leaf.checkHost('cluster-insight-minion')).toBe('cluster-insight-minion');
  expect(leaf.checkHost('cluster-insight-master')).toBeUndefined();
  expect(certificatesIn(shown, 'ca.crt').map(({ fingerprint }) => fingerprint)).toContain(ca.fingerprint);
  expect(shown['ca.key']).toBeUndefined();
  return leaf;
}

const run = (...args: string[]) => (place as Place).run('install.sh', args);

/** Replaces the certificates by ones that expire in so many days. */
function age({ ca = 3650, leaf = 1095 }: { readonly ca?: number; readonly leaf?: number }): void {
  folder = mkdtempSync(join(tmpdir(), 'certificates-'));
  const script = readFileSync(join(root, 'install/certificates.sh'), 'utf8')
    .replace('ca_days=3650', `ca_days=${ca}`)
    .replace('certificate_days=1095', `certificate_days=${leaf}`);
  writeFileSync(join(folder, 'certificates.sh'), script);
  for (const made of objectsOf(execFileSync('sh', [join(folder, 'certificates.sh')], { encoding: 'utf8' })))
    (place as Place).api.update(made as unknown as KubernetesObject);
}

describe('install.sh', () => {
  test('creates an authority and a certificate that only minions can read, with no copy in an annotation', async () => {
    place = await installing(['containerd']);
    expect((await run()).status).toBe(0);
    const leaf = expectSound(dataOf('ca'), dataOf('tls'));
    expect(daysLeft(leaf)).toBeGreaterThan(1090);
    for (const { metadata } of ours(place, 'secrets')) expect(metadata.annotations).toBeUndefined();
    const [master] = ours(place, 'deployments.apps');
    const { volumes } = (
      master as unknown as { spec: { template: { spec: { volumes: { name: string; secret?: object }[] } } } }
    ).spec.template.spec;
    const items = [{ key: 'ca.crt', path: 'ca.crt' }];
    expect(volumes.find(({ name }) => name === 'minion-ca')?.secret).toMatchObject({
      secretName: 'cluster-insight-minion-tls',
      items,
    });
    expect(JSON.stringify([master, ...ours(place, 'daemonsets.apps')])).not.toContain('cluster-insight-minion-ca');
  });

  test('keeps them the next time, and renews the certificate by the same authority when it has less than two years', async () => {
    place = await installing(['containerd']);
    await run();
    const first = [dataOf('ca'), dataOf('tls')];
    expect((await run()).stderr).toContain("the minions' certificate is good until");
    expect([dataOf('ca'), dataOf('tls')]).toEqual(first);
    age({ leaf: 700 });
    const authority = dataOf('ca');
    expect((await run()).stderr).toContain("the minions' certificate is made");
    expect(dataOf('ca')).toEqual(authority);
    expect(daysLeft(expectSound(authority, dataOf('tls')))).toBeGreaterThan(1090);
  });

  test('renews an authority that would not outlast its certificate, and still trusts the old one meanwhile', async () => {
    place = await installing(['containerd']);
    await run();
    age({ ca: 1000, leaf: 900 });
    const [old] = certificatesIn(dataOf('ca'), 'tls.crt');
    expect((await run()).status).toBe(0);
    expectSound(dataOf('ca'), dataOf('tls'));
    const trusted = certificatesIn(dataOf('tls'), 'ca.crt').map(({ fingerprint }) => fingerprint);
    expect(trusted).toHaveLength(2);
    expect(trusted[1]).toBe(old?.fingerprint);
  });

  test.each([
    ['that ends tomorrow, and its authority with it', () => age({ ca: 1, leaf: 1 })],
    [
      'of another key',
      () =>
        (place as Place).api.update({
          ...secret('tls'),
          data: { ...dataOf('tls'), 'tls.key': dataOf('ca')['tls.key'] },
        } as KubernetesObject),
    ],
    [
      'that is no certificate',
      () =>
        (place as Place).api.update({
          ...secret('tls'),
          data: { 'tls.crt': 'bm9uZQ==', 'tls.key': '' },
        } as KubernetesObject),
    ],
  ])('replaces a certificate %s', async (_what, spoil) => {
    place = await installing(['containerd']);
    await run();
    spoil();
    expect((await run()).status).toBe(0);
    expect(daysLeft(expectSound(dataOf('ca'), dataOf('tls')))).toBeGreaterThan(1090);
  });

  test('keeps a certificate from another source, and then needs no openssl', async () => {
    place = await installing(['containerd']);
    place.api.create({ apiVersion: 'v1', kind: 'Namespace', metadata: { name: 'cluster-insight' } });
    const own = { 'tls.crt': 'b3du', 'tls.key': 'b3du', 'ca.crt': 'b3du' };
    const metadata = { name: 'cluster-insight-minion-tls', namespace: 'cluster-insight' };
    place.api.create({ apiVersion: 'v1', kind: 'Secret', metadata, type: 'kubernetes.io/tls', data: own });
    const { status, stderr } = await place.run('install.sh', [], { PATH: place.withoutOpenssl });
    expect([status, stderr]).toEqual([0, expect.stringContaining('not ours to renew')]);
    expect(place.api.get({ apiVersion: 'v1', kind: 'Secret', metadata })?.['data']).toEqual(own);
  });

  test('changes nothing without openssl, and says what to do; without minions it needs none', async () => {
    place = await installing(['containerd']);
    const before = place.api.version();
    const { status, stderr } = await place.run('install.sh', [], { PATH: place.withoutOpenssl });
    expect([status, stderr]).toEqual([10, expect.stringContaining('openssl is not on the PATH')]);
    expect(place.api.version()).toBe(before);
    expect((await place.run('install.sh', ['--runtime', 'none'], { PATH: place.withoutOpenssl })).status).toBe(0);
  });

  test('lets minions answer plain HTTP for one rollout where some run without TLS, and TLS alone from the next run on', async () => {
    place = await installing(['containerd']);
    const pod = (scheme?: string): KubernetesObject => ({
      apiVersion: 'v1',
      kind: 'Pod',
      metadata: {
        name: 'cluster-insight-minion-x',
        namespace: 'cluster-insight',
        labels: {
          'app.kubernetes.io/part-of': 'cluster-insight',
          'app.kubernetes.io/instance': 'cluster-insight',
          'app.kubernetes.io/component': 'minion',
        },
      },
      spec: {
        containers: [
          { name: 'minion', readinessProbe: { httpGet: { path: '/readyz', ...(scheme ? { scheme } : {}) } } },
        ],
      },
    });
    const offered = () =>
      ['deployments.apps', 'daemonsets.apps'].map((each) =>
        JSON.stringify(ours(place as Place, each)).includes('{"name":"CLUSTER_INSIGHT_MINION_TLS","value":"offered"}'),
      );
    await run();
    expect(offered()).toEqual([false, false]);
    for (const scheme of [undefined, 'HTTP']) {
      place.api.create(pod(scheme));
      expect((await run()).stderr).toContain('Minions answer plain HTTP beside HTTPS until this is run once more');
      expect(offered()).toEqual([true, true]);
      place.api.delete(pod());
    }
    place.api.create(pod('HTTPS'));
    expect((await run()).stderr).not.toContain('plain HTTP');
    expect(offered()).toEqual([false, false]);
  });

  test('takes the certificates away with the minions', async () => {
    place = await installing(['containerd']);
    await run();
    await run('--runtime', 'none');
    expect(ours(place, 'secrets')).toEqual([]);
  });
});

test('the script alone prints both Secrets, for any namespace', () => {
  for (const namespace of ['cluster-insight', 'true', 'n'.repeat(63)]) {
    const printed = execFileSync('sh', [join(root, 'install/certificates.sh'), namespace], { encoding: 'utf8' });
    const [authority, shown] = objectsOf(printed).map(
      (object) => object as unknown as { data: Data; metadata: object },
    );
    expect(authority?.metadata).toMatchObject({ name: 'cluster-insight-minion-ca', namespace });
    expect(shown?.metadata).toMatchObject({ name: 'cluster-insight-minion-tls', namespace });
    expectSound(authority?.data ?? {}, shown?.data ?? {});
  }
});

function secret(name: string): KubernetesObject {
  const found = ours(place as Place, 'secrets').find(
    ({ metadata }) => metadata.name === `cluster-insight-minion-${name}`,
  );
  if (!found) throw new Error(`there is no Secret ${name}`);
  return found;
}
