import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { pod } from '../../../master/kinds/all.ts';
import { findKind, kinds } from '../../../master/kinds/index.ts';
import { reduceMeta } from '../../../master/kinds/reduce.ts';
import type { KubernetesObject } from '../../../src/model.ts';

const recorded = join(import.meta.dirname, '../../../src/demo/recorded/kubernetes');

interface Recorded {
  readonly group: string;
  readonly version: string;
  readonly plural: string;
  readonly items: readonly KubernetesObject[];
}

/** Lists are in files named `api_v1__pods.json` and `apis_apps_v1__deployments.json`. */
function recordedLists(): Recorded[] {
  return readdirSync(recorded).flatMap((file) => {
    const [, group = '', version, plural] = /^apis?_(?:(.+)_)?(v\w+?)__(\w+)\.json$/.exec(file) ?? [];
    if (!version || !plural) return [];
    const { items } = JSON.parse(readFileSync(join(recorded, file), 'utf8')) as { items: KubernetesObject[] };
    return [{ group, version, plural, items }];
  });
}

/** As the store does: metadata first, then the kind's own reduction. */
function reduced(kind: string, object: object): { readonly [field: string]: unknown } & KubernetesObject {
  const fresh = structuredClone({ metadata: { name: 'it' }, ...object }) as KubernetesObject;
  const found = findKind(kind);
  if (!found) throw new Error(`no kind ${kind}`);
  return found.reduce?.(reduceMeta(fresh)) ?? fresh;
}

describe('recorded objects', () => {
  const lists = recordedLists().filter(({ items }) => items.length > 0);

  test('are there', () => {
    expect(lists.length).toBeGreaterThan(20);
  });

  test.each(lists.map((list) => [`${list.plural}.${list.group}`.replace(/\.$/, ''), list] as const))(
    '%s keep their identity and lose bookkeeping',
    (name, { items }) => {
      const kind = findKind(name);
      for (const item of items) {
        const { metadata } = item;
        const object = structuredClone(item);
        const kept = kind?.reduce?.(reduceMeta(object)) ?? reduceMeta(object);
        expect(kept.metadata).toMatchObject({ name: metadata.name, uid: metadata.uid });
        expect(kept.metadata).not.toHaveProperty('managedFields');
        expect(kept.metadata).not.toHaveProperty('resourceVersion');
        if (!kind?.reduce) expect({ ...kept, metadata: {} }).toEqual({ ...item, metadata: {} });
      }
    },
  );

  test('of every kind take a reduction without their optional parts', () => {
    for (const kind of kinds)
      expect(kind.reduce?.({ metadata: { name: 'bare' } })?.metadata.name ?? 'bare').toBe('bare');
  });

  test('of a wrong shape do not crash a reduction', () => {
    const odd = {
      spec: 'text',
      status: [1],
      webhooks: [null, 'x'],
      data: 'text',
      versions: 3,
      metadata: { name: 'odd' },
    };
    for (const kind of kinds) expect(kind.reduce?.(structuredClone(odd))?.metadata.name ?? 'odd').toBe('odd');
    for (const kind of kinds) expect(kind.parts?.(structuredClone(odd)) ?? []).toEqual([]);
  });
});

describe('reduceMeta', () => {
  test('drops bookkeeping and the clocks that tick in annotations', () => {
    const object = {
      metadata: {
        name: 'it',
        resourceVersion: '1',
        managedFields: [{}],
        selfLink: '/x',
        generation: 2,
        annotations: {
          'control-plane.alpha.kubernetes.io/leader': '{}',
          'endpoints.kubernetes.io/last-change-trigger-time': 'now',
          kept: 'yes',
        },
      },
    };
    expect(reduceMeta(object).metadata).toEqual({ name: 'it', generation: 2, annotations: { kept: 'yes' } });
  });
});

describe('what a kind keeps', () => {
  test('Node: heartbeats are no change, and images are a number', () => {
    const conditions = [{ type: 'Ready', status: 'True', lastHeartbeatTime: 'now', lastTransitionTime: 'then' }];
    const object = reduced('Node', { status: { conditions, images: [{}, {}], phase: 'x' } });
    const expected = [{ type: 'Ready', status: 'True', lastTransitionTime: 'then' }];
    expect(object.status).toEqual({ conditions: expected, images: 2, phase: 'x' });
  });

  test('Node: a heartbeat, which changes the object for the API server, changes nothing', () => {
    const list = JSON.parse(readFileSync(join(recorded, 'api_v1__nodes.json'), 'utf8')) as {
      items: KubernetesObject[];
    };
    const before = list.items[0] as KubernetesObject;
    const after = JSON.parse(JSON.stringify(before).replaceAll('2026-11-20T17:00:03Z', '2026-11-20T17:05:03Z'));
    expect(after).not.toEqual(before);
    expect(reduced('Node', after)).toEqual(reduced('Node', before));
  });

  test('ConfigMap: keys and sizes, never values', () => {
    const object = reduced('ConfigMap', { data: { a: 'é', b: '' }, binaryData: { c: 'AAEC' } });
    expect(object.data).toEqual({ a: { bytes: 2 }, b: { bytes: 0 } });
    expect(object.binaryData).toEqual({ c: { bytes: 3 } });
  });

  test('Secret: no data, and no copy of it, whatever is sent', () => {
    const annotations = {
      'kubectl.kubernetes.io/last-applied-configuration': 'CANARY',
      'kubernetes.io/service-account.name': 'a',
    };
    const object = reduced('Secret', {
      data: { a: 'CANARY' },
      stringData: { b: 'CANARY' },
      metadata: { name: 'it', annotations },
    });
    expect(JSON.stringify(object)).not.toContain('CANARY');
    expect(object.metadata.annotations).toEqual({ 'kubernetes.io/service-account.name': 'a' });
  });

  test('CustomResourceDefinition: no schema, and names, scope and versions', () => {
    const versions = [{ name: 'v1', served: true, storage: true, schema: { openAPIV3Schema: {} } }];
    const webhook = { clientConfig: { caBundle: 'AAEC', service: { name: 'x' } } };
    const object = reduced('crd', { spec: { group: 'g', versions, conversion: { webhook } } });
    expect(object.spec).toEqual({
      group: 'g',
      versions: [{ name: 'v1', served: true, storage: true }],
      conversion: { webhook: { clientConfig: { caBundle: { bytes: 3 }, service: { name: 'x' } } } },
    });
  });

  test.each(['MutatingWebhookConfiguration', 'ValidatingWebhookConfiguration'])(
    '%s: the CA bundle is a size',
    (kind) => {
      const object = reduced(kind, { webhooks: [{ name: 'a', clientConfig: { caBundle: 'AAEC' } }] });
      expect(object.webhooks).toEqual([{ name: 'a', clientConfig: { caBundle: { bytes: 3 } } }]);
    },
  );

  test.each([
    ['APIService', { spec: { caBundle: 'AAEC', group: 'g' } }, { spec: { caBundle: { bytes: 3 }, group: 'g' } }],
    ['CertificateRequest', { spec: { request: 'AAEC' } }, { spec: { request: { bytes: 3 } } }],
    ['CertificateSigningRequest', { status: { certificate: 'AAEC' } }, { status: { certificate: { bytes: 3 } } }],
    ['ClusterTrustBundle', { spec: { trustBundle: 'AAEC' } }, { spec: { trustBundle: { bytes: 3 } } }],
    ['ControllerRevision', { data: { spec: {} }, revision: 2 }, { revision: 2 }],
    ['Event', { type: 'Warning', count: 3, source: {}, reportingInstance: 'x' }, { type: 'Warning', count: 3 }],
    [
      'HorizontalPodAutoscaler',
      { status: { currentMetrics: [], desiredReplicas: 2 } },
      { status: { desiredReplicas: 2 } },
    ],
    ['VerticalPodAutoscaler', { status: { recommendation: {}, conditions: [] } }, { status: { conditions: [] } }],
    ['Lease', { spec: { renewTime: 'now', holderIdentity: 'a' } }, { spec: { holderIdentity: 'a' } }],
    ['Application', { status: { reconciledAt: 'now', sync: {} } }, { status: { sync: {} } }],
    [
      'Pod',
      { status: { conditions: [{ type: 'Ready', lastProbeTime: null }] } },
      { status: { conditions: [{ type: 'Ready' }] } },
    ],
  ])('%s: %j becomes %j', (kind, object, expected) => {
    expect(reduced(kind, object)).toEqual({ metadata: { name: 'it' }, ...expected });
  });
});

describe('the containers of a Pod', () => {
  const object = {
    metadata: { name: 'redis-0', namespace: 'shop' },
    spec: {
      initContainers: [{ name: 'prepare' }, { name: 'proxy', restartPolicy: 'Always' }],
      containers: [{ name: 'redis', image: 'redis:7' }],
      ephemeralContainers: [{ name: 'debug' }],
    },
    status: {
      initContainerStatuses: [{ name: 'prepare', containerID: 'containerd://1' }],
      containerStatuses: [{ name: 'redis', containerID: 'containerd://2', ready: true }],
    },
  };

  test('are parts: init, sidecar, normal and ephemeral', () => {
    const parts = pod.parts(object);
    expect(parts.map(({ id, label, object: { type } }) => [id, label, type])).toEqual([
      ['Container:shop/redis-0/prepare', 'prepare', 'init'],
      ['Container:shop/redis-0/proxy', 'proxy', 'sidecar'],
      ['Container:shop/redis-0/redis', 'redis', 'container'],
      ['Container:shop/redis-0/debug', 'debug', 'ephemeral'],
    ]);
  });

  test('carry their spec and status', () => {
    expect(pod.parts(object)[2]?.object).toEqual({
      apiVersion: 'v1',
      kind: 'Container',
      metadata: { name: 'redis', namespace: 'shop', pod: 'redis-0', uid: 'containerd://2' },
      spec: { name: 'redis', image: 'redis:7' },
      status: { name: 'redis', containerID: 'containerd://2', ready: true },
      type: 'container',
    });
  });

  test('are there before they have a status', () => {
    const parts = pod.parts({ metadata: object.metadata, spec: object.spec });
    expect(parts).toHaveLength(4);
    expect(parts.every((part) => !('status' in part.object) && !('uid' in part.object.metadata))).toBe(true);
  });
});
