// Small random graphs for the page's property tests: owners, uses, missing resources, applications, any names.
import fc from 'fast-check';
import type { Relation, Resource } from '../../src/model.ts';
import { keyOf } from '../../ui/model.ts';

const types = [
  'Pod',
  'ReplicaSet',
  'Deployment',
  'Service',
  'Ingress',
  'ConfigMap',
  'Secret',
  'Job',
  'CronJob',
  'Container',
  'Node',
  'Widget.acme.example.com',
];
const relationTypes = ['owns', 'monitors', 'contains', 'uses', 'loadBalances', 'routesTo', 'restricts', 'runsAs'];
const states = ['ok', 'failed', 'degraded', 'progressing', 'done', 'idle', 'unknown'] as const;
const names = fc.oneof(fc.constantFrom('a', 'b', 'web-1', 'web-2', 'web-3'), fc.string({ minLength: 1, maxLength: 8 }));

export const resource: fc.Arbitrary<Resource> = fc
  .record({
    type: fc.constantFrom(...types),
    name: names,
    namespace: fc.constantFrom('shop', 'shop', 'web'),
    state: fc.option(fc.constantFrom(...states)),
    missing: fc.boolean(),
    application: fc.option(fc.constantFrom('front', 'back')),
  })
  .map(({ type, name, namespace, state, missing, application }) => ({
    id: `${type}:${type === 'Node' ? '' : `${namespace}/`}${name.replaceAll('\n', ' ')}`,
    type,
    timestamp: '2026-01-01T00:00:00.000Z',
    properties: { metadata: { labels: { app: application ?? 'none' } } },
    annotations: {
      label: name,
      ...(missing && state === null ? { missing: true as const } : {}),
      ...(state === null ? {} : { health: { state, reason: 'so', field: 'status' } }),
      ...(application === null ? {} : { application: { name: application, field: 'metadata.labels' } }),
    },
  }));

export interface RandomGraph {
  readonly resources: readonly Resource[];
  readonly relations: readonly Relation[];
}

const pairs = fc.array(fc.tuple(fc.nat(), fc.nat(), fc.constantFrom(...relationTypes)), { maxLength: 60 });

export const graph: fc.Arbitrary<RandomGraph> = fc
  .tuple(fc.uniqueArray(resource, { selector: ({ id }) => id, maxLength: 40 }), pairs)
  .map(([resources, chosen]) => {
    const relations = new Map<string, Relation>();
    for (const [a, b, type] of resources.length === 0 ? [] : chosen) {
      const source = resources[a % resources.length]?.id ?? '';
      const target = resources[b % resources.length]?.id ?? '';
      const relation = {
        type,
        timestamp: '2026-01-01T00:00:00.000Z',
        source,
        target,
        annotations: { label: type, rule: 'rule', field: 'spec' },
      };
      relations.set(keyOf(relation), relation);
    }
    return { resources, relations: [...relations.values()] };
  });
