import fc from 'fast-check';
import { describe, expect, it, test } from 'vitest';
import { type ConnectionOptions, connectionBetween } from '../../../master/topology/connection.ts';
import type { KubernetesObject } from '../../../src/model.ts';
import { dependingEnds, plainPaths } from '../../support/plain-queries.ts';
import { createGraph, graphOf, kindNamed } from '../../support/random-cluster.ts';
import { createWorld, step } from '../../support/random-steps.ts';
import { finish } from '../../support/steps.ts';

const usual: ConnectionOptions = {
  direction: undefined,
  relation: undefined,
  length: undefined,
  most: 100,
  hubs: false,
};

function ask(
  engine: ReturnType<typeof createGraph>['engine'],
  from: string,
  to: string,
  options: Partial<ConnectionOptions> = {},
) {
  const { selection, ...answer } = finish(connectionBetween(engine, [from, to], { ...usual, ...options }));
  const ids = [...selection.entries()].map(({ id }) => id);
  selection.release();
  return { ...answer, ids };
}

/** Two Pods on one Node, with the default account, and a ConfigMap that one of them uses. */
function shop() {
  const { engine, store } = createGraph();
  const put = (kind: string, name: string, rest: object = {}) => {
    const metadata = {
      name,
      uid: `${kind}-${name}`,
      ...(kind === 'Node' ? {} : { namespace: 'n' }),
      labels: { app: name },
    };
    store
      .sinkOf(kindNamed(kind))
      .event('ADDED', { apiVersion: 'v1', kind, metadata, ...rest } as unknown as KubernetesObject);
  };
  const spec = (config: string, serviceAccountName?: string) => ({
    spec: {
      nodeName: 'node',
      serviceAccountName,
      containers: [{ name: 'c', envFrom: [{ configMapRef: { name: config } }] }],
    },
  });
  put('Node', 'node');
  put('Pod', 'a', spec('one'));
  put('Pod', 'b', spec('two'));
  put('Pod', 'c', spec('one', 'own'));
  put('Pod', 'd', spec('three', 'own'));
  put('ConfigMap', 'one');
  put('Service', 'a', { spec: { selector: { app: 'a' } } });
  return engine;
}

describe('the usual connection', () => {
  test.each([
    [
      'goes along dependence',
      'Service:n/a',
      'ConfigMap:n/one',
      ['Service:n/a', 'Pod:n/a', 'ConfigMap:n/one'],
      'dependence',
    ],
    [
      'also from what is needed',
      'ConfigMap:n/one',
      'Service:n/a',
      ['ConfigMap:n/one', 'Pod:n/a', 'Service:n/a'],
      'dependence',
    ],
    [
      'goes to a hub that is asked for',
      'Service:n/a',
      'Node:node',
      ['Service:n/a', 'Pod:n/a', 'Node:node'],
      'dependence',
    ],
    ['else by what both have to do with', 'Pod:n/a', 'Pod:n/c', ['Pod:n/a', 'ConfigMap:n/one', 'Pod:n/c'], 'relations'],
    ['which an own account may be', 'Pod:n/c', 'Pod:n/d', ['Pod:n/c', 'ServiceAccount:n/own', 'Pod:n/d'], 'relations'],
  ])('%s', (_, from, to, path, along) => {
    expect(ask(shop(), from, to)).toMatchObject({ paths: [path], along, hubs: [], ids: [...path].sort() });
  });

  it('goes through hubs where nothing else connects, and says so', () => {
    const { paths, hubs } = ask(shop(), 'Pod:n/a', 'Pod:n/b');
    expect(paths).toHaveLength(1);
    expect(hubs).toEqual([paths[0]?.[1]]);
    expect(['Namespace:n', 'Node:node', 'ServiceAccount:n/default']).toContain(hubs[0]);
  });

  it('goes through them as through anything else where they are asked for', () => {
    const { paths, hubs, along } = ask(shop(), 'Service:n/a', 'ConfigMap:n/one', { hubs: true, length: 2 });
    expect(paths).toEqual([
      ['Service:n/a', 'Namespace:n', 'ConfigMap:n/one'],
      ['Service:n/a', 'Pod:n/a', 'ConfigMap:n/one'],
    ]);
    expect({ hubs, along }).toEqual({ hubs: ['Namespace:n'], along: 'relations' });
  });

  it('keeps to a direction that is said', () => {
    expect(ask(shop(), 'Service:n/a', 'ConfigMap:n/one', { direction: 'down' }).paths).toHaveLength(1);
    expect(ask(shop(), 'Service:n/a', 'ConfigMap:n/one', { direction: 'up' }).paths).toEqual([]);
  });
});

it('depends from step to step where it says so, avoids hubs where it can, and misses no way', () => {
  const found = { dependence: 0, relations: 0, hubs: 0 };
  fc.assert(
    fc.property(fc.array(step, { minLength: 8, maxLength: 24 }), fc.nat(60), fc.nat(60), (steps, a, b) => {
      const { engine, store } = createGraph();
      const world = createWorld({ store });
      for (const each of steps) world.run(each);
      const whole = graphOf(engine);
      fc.pre(whole.resources.length > 0);
      const [from, to] = [a, b].map((nth) => whole.resources[nth % whole.resources.length]?.id as string) as [
        string,
        string,
      ];
      const { paths, along, hubs } = ask(engine, from, to);
      const any = plainPaths(whole, from, to, 4);
      const isHub = (id: string) => /^(?:Cluster|Namespace|Node):|^ServiceAccount:[^/]+\/default$/.test(id);
      const around = any.filter((path) => !path.slice(1, -1).some(isHub));
      if (any.length > 0) expect(paths).toHaveLength(1);
      if (around.length > 0) expect(hubs).toEqual([]);
      const [path = []] = paths;
      expect(hubs).toEqual(path.slice(1, -1).filter(isHub).sort());
      if (along === 'relations' && around[0]) expect(path).toEqual(around[0]);
      if (along === 'dependence' && path.length > 1) {
        const dependence = (name: string) => engine.rules.find((rule) => rule.name === name)?.dependence;
        const needs = (one: string, other: string) =>
          whole.relations.some((relation) => {
            const ends = dependingEnds(relation, dependence);
            const isOwn = relation.source === one && relation.target === other && ends.has('source');
            return isOwn || (relation.target === one && relation.source === other && ends.has('target'));
          });
        const pairs = path.slice(1).map((id, i) => [path[i] as string, id] as const);
        expect(pairs.every(([x, y]) => needs(x, y)) || pairs.every(([x, y]) => needs(y, x))).toBe(true);
        found.dependence++;
      } else if (path.length > 1) found.relations++;
      if (hubs.length > 0) found.hubs++;
    }),
    { numRuns: 150 },
  );
  expect(found.dependence).toBeGreaterThan(10);
  expect(found.relations).toBeGreaterThan(5);
  expect(found.hubs).toBeGreaterThan(5);
});
