import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { node, pod } from '../../../master/kinds/all.ts';
import { customKind } from '../../../master/kinds/custom.ts';
import { checkKinds, findKind, kinds } from '../../../master/kinds/index.ts';
import type { Kind } from '../../../master/kinds/kind.ts';
import { kindLookup, typeOfKind } from '../../../master/kinds/lookup.ts';

const recorded = join(import.meta.dirname, '../../../src/demo/recorded');

interface Discovery {
  readonly items: readonly {
    readonly metadata: { readonly name?: string };
    readonly versions: readonly {
      readonly version: string;
      readonly resources: readonly {
        readonly resource: string;
        readonly responseKind: { readonly kind: string };
        readonly scope: string;
        readonly shortNames?: readonly string[];
        readonly verbs: readonly string[];
      }[];
    }[];
  }[];
}

interface Served {
  readonly group: string;
  readonly version: string;
  readonly kind: string;
  readonly plural: string;
  readonly namespaced: boolean;
  readonly shortNames: readonly string[];
  readonly verbs: readonly string[];
}

/** Every resource that the recorded API server serves. */
function servedKinds(): Served[] {
  return ['api', 'apis'].flatMap((name) => {
    const text = readFileSync(join(recorded, `requests/${name}.aggregated-discovery.json`), 'utf8');
    return (JSON.parse(text) as Discovery).items.flatMap((group) =>
      group.versions.flatMap(({ version, resources }) =>
        resources.map((each) => ({
          group: group.metadata.name ?? '',
          version,
          kind: each.responseKind.kind,
          plural: each.resource,
          namespaced: each.scope === 'Namespaced',
          shortNames: each.shortNames ?? [],
          verbs: each.verbs,
        })),
      ),
    );
  });
}

const served = servedKinds();
const of = (kind: Kind) => served.filter((each) => each.group === kind.group && each.kind === kind.kind);
const recordedKinds = kinds.filter((kind) => of(kind).length > 0);

describe('the registry of kinds', () => {
  test('has every file of its folder', () => {
    const others = new Set(['all.ts', 'index.ts', 'kind.ts', 'reduce.ts', 'custom.ts', 'lookup.ts', 'types-called.ts']);
    const folder = join(import.meta.dirname, '../../../master/kinds');
    const files = readdirSync(folder).filter((name) => name.endsWith('.ts') && !others.has(name));
    expect(files.length).toBeGreaterThan(60);
    expect(kinds).toHaveLength(files.length);
  });

  test.each(recordedKinds.map((kind) => [kind.kind, kind] as const))(
    '%s is told as the API server tells it',
    (_, kind) => {
      const [best] = of(kind);
      expect({ plural: kind.plural, namespaced: kind.namespaced }).toEqual({
        plural: best?.plural,
        namespaced: best?.namespaced,
      });
      expect(kind.versions).toEqual(
        expect.arrayContaining(of(kind).length === 1 ? [best?.version] : [kind.versions[0]]),
      );
      expect(of(kind).map((each) => each.version)).toContain(kind.versions[0]);
      expect(kind.aliases ?? []).toEqual(expect.arrayContaining([...(best?.shortNames ?? [])]));
    },
  );

  test('knows every kind that an API server serves of itself and that can be listed and watched', () => {
    // Without duplicates of what is read (Endpoints, the Event of events.k8s.io) and kinds without content.
    const leftOut = new Set(['Endpoints', 'ComponentStatus', 'Event']);
    const custom = new Set(['acme.example.com']);
    const unknown = served
      .filter(({ verbs, kind, group }) => verbs.includes('watch') && !leftOut.has(kind) && !custom.has(group))
      .filter(({ kind, group }) => !kinds.some((known) => known.kind === kind && known.group === group));
    expect(unknown).toEqual([]);
    expect(recordedKinds.length).toBeGreaterThan(45);
  });

  test('puts the kinds of the API server before custom ones', () => {
    const firstCustom = kinds.findIndex((kind) => typeOfKind(kind) !== kind.kind);
    expect(kinds.slice(firstCustom).every((kind) => typeOfKind(kind) !== kind.kind)).toBe(true);
  });

  test('reads Secrets as metadata only and leaves them out of the default role', () => {
    expect(findKind('Secret')).toMatchObject({ read: 'metadata', restricted: true });
    expect(kinds.filter((kind) => kind.restricted).map((kind) => kind.kind)).toEqual(['Secret']);
  });

  test('reads Events and Leases only where a switch names them', () => {
    expect(kinds.filter((kind) => kind.optIn).map((kind) => kind.kind)).toEqual(['Event', 'Lease']);
  });

  test.each<[string, Partial<Kind>]>([
    ['is not written as a kind', { kind: 'pod' }],
    ['has a plural that is not lower case', { plural: 'Pods' }],
    ['has a group that is not a group', { group: 'Apps!' }],
    ['has no version', { versions: [] }],
    ['has a version that is none', { versions: ['latest'] }],
    ['has an alias that is not lower case', { aliases: ['PO'] }],
  ])('refuses a kind that %s', (fault, change) => {
    const sound: Kind = { kind: 'Pod', group: '', versions: ['v1'], plural: 'pods', namespaced: true };
    expect(() => checkKinds([{ ...sound, ...change }])).toThrow(fault);
    expect(checkKinds([sound])).toEqual([sound]);
  });

  test('refuses two kinds of one name', () => {
    expect(() => checkKinds([pod, { ...pod, plural: 'others', aliases: [] }])).toThrow('shares a name: Pod');
    expect(() => checkKinds([pod, { ...node, aliases: ['po'] }])).toThrow('shares a name: po');
  });
});

describe('findKind', () => {
  test.each([
    ['Pod', 'Pod'],
    ['pods', 'Pod'],
    ['PO', 'Pod'],
    ['rcontrollers', 'ReplicationController'],
    ['rc', 'ReplicationController'],
    ['services', 'Service'],
    ['nodes', 'Node'],
    ['deployments.apps', 'Deployment'],
    ['Deployment.apps', 'Deployment'],
    ['HTTPRoute.gateway.networking.k8s.io', 'HTTPRoute'],
    ['httproutes', 'HTTPRoute'],
    ['CRD', 'CustomResourceDefinition'],
  ])('finds %s', (name, kind) => {
    expect(findKind(name)?.kind).toBe(kind);
  });

  test.each(['', 'pod.apps', 'nonsense', 'constructor', '__proto__'])('finds nothing under %j', (name) => {
    expect(findKind(name)).toBeUndefined();
  });

  test.each(kinds.map((kind) => [typeOfKind(kind), kind] as const))('finds %s by each of its names', (type, kind) => {
    expect(findKind(type)).toBe(kind);
    const suffix = kind.group === '' ? '' : `.${kind.group}`;
    for (const name of [kind.kind, kind.plural, ...(kind.aliases ?? [])]) {
      expect(findKind(`${name}${suffix}`.toUpperCase())).toBe(kind);
    }
  });
});

describe('customKind', () => {
  const knative = {
    group: 'serving.knative.dev',
    version: 'v1',
    kind: 'Service',
    plural: 'services',
    namespaced: true,
  };

  test('makes a kind of what discovery says', () => {
    expect(customKind({ ...knative, shortNames: ['ksvc'] })).toEqual({
      kind: 'Service',
      group: 'serving.knative.dev',
      versions: ['v1'],
      plural: 'services',
      namespaced: true,
      aliases: ['ksvc'],
    });
  });

  test('takes no bare name from a kind that had it before', () => {
    const find = kindLookup([...kinds, customKind({ ...knative, shortNames: ['ksvc', 'po'] })]);
    expect(find('service')?.group).toBe('');
    expect(find('services.serving.knative.dev')?.group).toBe('serving.knative.dev');
    expect(find('ksvc')?.group).toBe('serving.knative.dev');
    expect(find('po')?.kind).toBe('Pod');
  });
});
