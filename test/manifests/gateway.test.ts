// The gateway and its agents in a cluster: the program understands the manifests' settings, and `gateway enroll` prints what
// kubectl makes of the overlay.
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { agentManifest } from '../../install/agent-manifest.ts';
import { enrolmentManifest } from '../../master/gateway/enrolment-manifest.ts';
import { bounds } from '../../src/gateway-protocol/protocol.ts';
import { readConfig } from '../../src/settings/config.ts';
import { kustomize, type Manifest, normalised, objectsOf, root } from '../support/manifests.ts';
import { readText } from '../support/source-tree.ts';

interface PodSpec {
  readonly securityContext: { readonly runAsNonRoot: boolean };
  readonly automountServiceAccountToken: boolean;
  readonly volumes: readonly { readonly name: string; readonly secret?: { readonly secretName: string } }[];
  readonly containers: readonly {
    readonly image: string;
    readonly args: string[];
    readonly env: readonly {
      readonly name: string;
      readonly value?: string;
      readonly valueFrom?: { readonly secretKeyRef?: { readonly key: string } };
    }[];
    readonly volumeMounts: readonly {
      readonly name: string;
      readonly mountPath: string;
      readonly readOnly?: boolean;
    }[];
    readonly securityContext: object;
  }[];
}

const overlay = (name: string) => kustomize(join(root, 'manifests/overlays', name));

function podOf(objects: readonly Manifest[], name: string): PodSpec {
  const found = objects.find(({ kind, metadata }) => kind === 'Deployment' && metadata.name === name);
  return (found as unknown as { spec: { template: { spec: PodSpec } } }).spec.template.spec;
}

/** The program's settings, with values from a Secret if there is one. */
function configOf({ containers: [container] }: PodSpec, secret: { readonly [key: string]: string } = {}) {
  const env = (container?.env ?? []).map(({ name, value, valueFrom }) => {
    const key = valueFrom?.secretKeyRef?.key;
    return [name, key === undefined ? (value ?? '') : (secret[key] ?? '')] as const;
  });
  return readConfig(Object.fromEntries(env), container?.args);
}

describe('the gateway', () => {
  const pod = () => podOf(overlay('gateway'), 'cluster-insight-gateway');

  test('is told what it takes: a certificate, tokens of readers, a folder of enrolments that outlives it', () => {
    const config = configOf(pod());
    expect(config).toMatchObject({
      mode: 'gateway',
      auth: 'token',
      gatewayEnrolments: '/var/lib/cluster-insight/enrolments',
    });
    expect(config.tlsCertFile).toBeDefined();
    const mounts = pod().containers[0]?.volumeMounts ?? [];
    for (const file of [config.tlsCertFile, config.tlsKeyFile, config.authTokensFile, config.gatewayEnrolments])
      expect(
        mounts.some(({ mountPath }) => file?.startsWith(`${mountPath}/`)),
        file,
      ).toBe(true);
    expect(mounts.filter(({ readOnly }) => !readOnly).map(({ name }) => name)).toEqual(['enrolments']);
  });

  test('is restricted, has no account at the API server and connects to nothing', () => {
    const { securityContext, automountServiceAccountToken, containers } = pod();
    expect([securityContext.runAsNonRoot, automountServiceAccountToken]).toEqual([true, false]);
    expect(containers[0]?.securityContext).toMatchObject({
      readOnlyRootFilesystem: true,
      capabilities: { drop: ['ALL'] },
    });
    const policy = overlay('gateway').find(({ kind }) => kind === 'NetworkPolicy') as unknown as {
      spec: { egress: [] };
    };
    expect(policy.spec.egress).toEqual([]);
    expect(overlay('gateway').filter(({ kind }) => /Role/.test(kind))).toEqual([]);
  });
});

describe('an enrolled cluster', () => {
  const facts = {
    url: 'wss://gw.example.com',
    account: 'default',
    cluster: 'east',
    secret: 'x'.repeat(43),
    image: 'registry.example.com/ci:9',
    ca: undefined,
  };
  const printed = (more: Partial<Parameters<typeof enrolmentManifest>[0]> = {}) =>
    objectsOf(enrolmentManifest({ ...facts, ...more }));

  test('gets what kubectl makes of the overlay, and its Secret', () => {
    const [secret, ...others] = printed().toReversed();
    const expected = overlay('agent').map(
      (object) => JSON.parse(JSON.stringify(object).replaceAll('cluster-insight:3.0.0', facts.image)) as Manifest,
    );
    expect(normalised(others)).toEqual(normalised(expected));
    expect(secret).toMatchObject({
      kind: 'Secret',
      stringData: { url: facts.url, cluster: 'east', secret: facts.secret },
    });
  });

  test('is told where to call, as whom, and with what', () => {
    const objects = printed();
    const secret = objects.find(({ kind }) => kind === 'Secret') as unknown as {
      stringData: { [key: string]: string };
    };
    const config = configOf(podOf(objects, 'cluster-insight-master'), secret.stringData);
    expect(config).toMatchObject({
      mode: 'master',
      gateway: facts.url,
      gatewayCluster: 'east',
      gatewayAccount: 'default',
    });
    expect(config.gatewayCaFile).toBeUndefined();
    const mounts = podOf(objects, 'cluster-insight-master').containers[0]?.volumeMounts ?? [];
    for (const file of [config.gatewaySecretFile, config.gatewaySpool])
      expect(
        mounts.some(({ mountPath }) => file?.startsWith(`${mountPath}/`)),
        file,
      ).toBe(true);
    expect(config.gatewaySpoolSize).toBeGreaterThan(bounds.packed);
  });

  test('of a gateway with a CA of its own gets that, too', () => {
    const objects = printed({ ca: '-----BEGIN CERTIFICATE-----\nabc\n-----END CERTIFICATE-----\n' });
    const secret = objects.find(({ kind }) => kind === 'Secret') as unknown as {
      stringData: { [key: string]: string };
    };
    const config = configOf(podOf(objects, 'cluster-insight-master'), secret.stringData);
    expect(config.gatewayCaFile).toBe('/etc/cluster-insight/gateway/ca.crt');
    expect(secret.stringData['ca.crt']).toContain('abc');
  });

  test.each(['a: b', 'x"\ny', '${{ }}', "it's"])('whose image is called %j breaks nothing', (image) => {
    expect(podOf(printed({ image }), 'cluster-insight-master').containers[0]?.image).toBe(image);
  });
});

test('what patches nothing is not a manifest', () => {
  const read = (path: string) =>
    readText(path).replace(
      'name: cluster-insight-master\n  namespace',
      path.includes('uplink') ? 'name: other\n  namespace' : 'name: cluster-insight-master\n  namespace',
    );
  expect(() => agentManifest(read)).toThrow('nothing is patched by Deployment other');
});
