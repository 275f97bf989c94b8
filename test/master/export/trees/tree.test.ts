import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { entryOf } from '../../../../master/export/trees/entry.ts';
import { forestOf } from '../../../../master/export/trees/place.ts';
import { treesOf } from '../../../../master/export/trees/tree.ts';
import type { KubernetesObject, OwnerReference } from '../../../../src/model.ts';

interface Made {
  readonly owners?: readonly (string | { readonly uid: string; readonly controller: true })[];
  readonly apiVersion?: string;
  readonly spec?: object;
}

/** The UID is the kind and the name. */
function made(kind: string, name: string, { owners = [], apiVersion = 'v1', spec }: Made = {}): KubernetesObject {
  const ownerReferences = owners.map((owner) => ({
    apiVersion: 'v1',
    kind: 'X',
    name: 'x',
    ...(typeof owner === 'string' ? { uid: owner } : owner),
  })) as OwnerReference[];
  return {
    apiVersion,
    kind,
    metadata: { name, namespace: 'shop', uid: `${kind}/${name}`, ...(owners.length > 0 ? { ownerReferences } : {}) },
    ...(spec ? { spec } : {}),
  };
}

const set = (name: string, ...templates: string[]) =>
  made('StatefulSet', name, {
    apiVersion: 'apps/v1',
    spec: { volumeClaimTemplates: templates.map((one) => ({ metadata: { name: one } })) },
  });

interface Tree {
  readonly kind: string;
  readonly name: string;
  readonly uid: string;
  readonly object: KubernetesObject;
  readonly children: readonly Tree[] | null;
}

async function trees(objects: readonly KubernetesObject[], most = 1e6): Promise<{ trees: Tree[]; oversize: string[] }> {
  const texts = objects.map((object) => Buffer.from(JSON.stringify(object)));
  const entries = objects.flatMap((object, number) => entryOf(object, number) ?? []);
  const found: Tree[] = [];
  const oversize: string[] = [];
  const at = (number: number) => texts[number] ?? Buffer.alloc(0);
  for await (const { bytes } of treesOf({
    entries,
    lengthOf: (number) => at(number).length,
    read: async (number) => at(number),
    most,
    onOversize: ({ id }) => void oversize.push(id),
  }))
    found.push(JSON.parse(bytes.toString()) as Tree);
  return { trees: found, oversize };
}

const drawn = ({ uid, children }: Tree): string =>
  children === null ? uid : `${uid}(${children.map(drawn).join(' ')})`;
const draw = async (...objects: KubernetesObject[]) => (await trees(objects)).trees.map(drawn);

const shop = [
  made('Deployment', 'web', { apiVersion: 'apps/v1' }),
  made('ReplicaSet', 'web-1', { apiVersion: 'apps/v1', owners: ['Deployment/web'] }),
  made('Pod', 'web-1-a', { owners: ['ReplicaSet/web-1'] }),
  made('Pod', 'web-1-b', { owners: ['ReplicaSet/web-1'] }),
  made('Service', 'web'),
  made('Endpoints', 'web'),
  made('EndpointSlice', 'web-x', { apiVersion: 'discovery.k8s.io/v1', owners: ['Service/web'] }),
  set('web', 'data', 'logs'),
  set('b', 'data'),
  made('PersistentVolumeClaim', 'data-web-0'),
  made('PersistentVolumeClaim', 'data-b-10'),
  made('PersistentVolumeClaim', 'logs-web-0'),
  made('PersistentVolumeClaim', 'logs-b-0'),
  made('PersistentVolumeClaim', 'data-web-00'),
  made('PersistentVolume', 'pvc-1', { spec: { claimRef: { uid: 'PersistentVolumeClaim/data-web-0' } } }),
  made('Ingress', 'web', { apiVersion: 'networking.k8s.io/v1' }),
  made('ConfigMap', 'alone'),
];

const expected = [
  'Deployment/web(ReplicaSet/web-1(Pod/web-1-a Pod/web-1-b))',
  'Ingress/web',
  'Service/web(EndpointSlice/web-x Endpoints/web)',
  'StatefulSet/b(PersistentVolumeClaim/data-b-10)',
  'StatefulSet/web(PersistentVolumeClaim/data-web-0(PersistentVolume/pvc-1) PersistentVolumeClaim/logs-web-0)',
];

describe('owner trees', () => {
  test('are the same for fifty orders of the same objects', async () => {
    await fc.assert(
      fc.asyncProperty(fc.shuffledSubarray(shop, { minLength: shop.length }), async (shuffled) => {
        expect(await draw(...shuffled)).toEqual(expected);
      }),
      { numRuns: 50 },
    );
  });

  test('keep the objects as they are, their owners included, and blank the name of a root', async () => {
    const [tree] = (await trees(shop)).trees;
    const set = tree?.children?.[0];
    expect([tree?.name, set?.name]).toEqual(['', 'web-1']);
    expect(set?.object.metadata.ownerReferences?.[0]?.uid).toBe('Deployment/web');
  });

  test('two owners: the controller counts, else the first that was read; none that was read makes a root', async () => {
    const [a, b] = [made('A', 'a'), made('B', 'b')];
    expect(await draw(a, b, made('Pod', 'p', { owners: ['A/a', { uid: 'B/b', controller: true }] }))).toEqual([
      'B/b(Pod/p)',
    ]);
    expect(await draw(a, b, made('Pod', 'p', { owners: ['X/gone', 'A/a', 'B/b'] }))).toEqual(['A/a(Pod/p)']);
    expect(await draw(made('Pod', 'p', { owners: ['X/gone'] }), made('C', 'c', { owners: ['Pod/p'] }))).toEqual([
      'Pod/p(C/c)',
    ]);
  });

  test('a claim that two StatefulSets could have made is guessed to be of neither', async () => {
    expect(
      await draw(set('web-b', 'data'), set('b', 'data-web'), made('PersistentVolumeClaim', 'data-web-b-0')),
    ).toEqual([]);
  });

  test('a foreign kind called like one of ours is placed by its owners alone', async () => {
    expect(
      await draw(made('Service', 'web', { apiVersion: 'serving.knative.dev/v1' }), made('Endpoints', 'web')),
    ).toEqual([]);
  });

  test('owners that name each other, or themselves, end: every object is in one place', () => {
    fc.assert(
      fc.property(fc.array(fc.tuple(fc.nat(7), fc.nat(7)), { maxLength: 12 }), (pairs) => {
        const objects = Array.from({ length: 8 }, (_, n) =>
          made('X', String(n), { owners: pairs.filter(([from]) => from === n).map(([, to]) => `X/${to}`) }),
        );
        const { roots, children } = forestOf(objects.flatMap((object, number) => entryOf(object, number) ?? []));
        const seen: string[] = [];
        const open = [...roots];
        for (let entry = open.pop(); entry !== undefined; entry = open.pop()) {
          seen.push(entry.uid);
          open.push(...(children.get(entry.uid) ?? []));
        }
        expect(seen.toSorted()).toEqual(objects.map(({ metadata }) => metadata.uid).toSorted());
      }),
    );
  });

  test('one that is too large is named and not even read', async () => {
    const { trees: found, oversize } = await trees(shop, 600);
    expect(oversize).toContain('tree of Deployment shop/web');
    expect(found.map(({ uid }) => uid)).not.toContain('Deployment/web');
  });
});
