import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { separator } from '../../../../master/graph/engine/json.ts';
import { groupsOf } from '../../../../master/graph/questions/groups.ts';
import { type Grouping, keyingOf } from '../../../../master/topology/groupings.ts';
import { zonesOfNodes } from '../../../../master/topology/zone-of.ts';
import type { Relation, Resource } from '../../../../src/model.ts';
import { labelsOf, type Plain, placeOf } from '../../../support/plain-queries.ts';
import { createGraph, graphOf } from '../../../support/random-cluster.ts';
import { createWorld, step } from '../../../support/random-steps.ts';
import { finish } from '../../../support/steps.ts';

const parse = <T>(texts: readonly string[]) => texts.map((text) => JSON.parse(text.slice(0, -separator.length)) as T);

function rolledUp(engine: ReturnType<typeof createGraph>['engine'], by: Grouping, limit?: number) {
  const { selection, resources, relations } = finish(
    groupsOf(
      engine,
      {},
      { by, keying: keyingOf(by), relations: true, zonesOf: zonesOfNodes, ...(limit ? { limit } : {}) },
    ),
  );
  selection.release();
  return { resources: parse<Resource>(resources), relations: parse<Relation>(relations) };
}

/** The group of each resource, computed naively. */
const keyBy: { readonly [by: string]: (resource: Resource, whole: Plain) => string } = {
  type: ({ type }) => type,
  namespace: (resource) => (resource.type === 'Namespace' ? resource.id.slice('Namespace:'.length) : placeOf(resource)),
  'label:app': (resource, whole) => labelsOf(holder(resource, whole))['app'] ?? '',
};

function holder(resource: Resource, { resources, relations }: Plain): Resource {
  if (resource.type !== 'Container') return resource;
  const pod = relations.find(
    ({ type, target, source }) => type === 'contains' && target === resource.id && source.startsWith('Pod:'),
  );
  return resources.find(({ id }) => id === pod?.source) ?? resource;
}

const endsOf = ({ source, target }: Relation) => `${source} > ${target}`;

describe('groups', () => {
  it.each(Object.keys(keyBy))('by %s count every resource and every relation once', (by) => {
    fc.assert(
      fc.property(fc.array(step, { maxLength: 40 }), (steps) => {
        const graph = createGraph();
        const world = createWorld(graph);
        for (const each of steps) world.run(each);
        const whole = graphOf(graph.engine);
        const keyOf = keyBy[by] as (resource: Resource, whole: Plain) => string;
        const keys = new Map(whole.resources.map((each) => [each.id, keyOf(each, whole)]));
        const groups = rolledUp(graph.engine, by as Grouping);
        const counted = groups.resources.map(({ id, properties }) => [
          id,
          (properties as { resources: number }).resources,
        ]);
        const expected = [...Map.groupBy(keys.values(), (key) => `ResourceGroup:${key}`)].map(([id, of]) => [
          id,
          of.length,
        ]);
        expect(counted).toEqual(expected.sort(([a], [b]) => ((a as string) < (b as string) ? -1 : 1)));
        const pairOf = ({ source, target }: Relation) =>
          `ResourceGroup:${keys.get(source)} > ResourceGroup:${keys.get(target)}`;
        const across = whole.relations.filter(({ source, target }) => keys.get(source) !== keys.get(target));
        const pairs = [...Map.groupBy(across, pairOf)].map(([pair, of]) => [pair, of.length]);
        expect(
          Object.fromEntries(
            groups.relations.map(({ source, target, annotations }) => [`${source} > ${target}`, annotations['count']]),
          ),
        ).toEqual(Object.fromEntries(pairs));
        const inside = groups.resources.map(({ properties }) => (properties as { relations: number }).relations);
        expect(inside.reduce((sum, each) => sum + each, across.length)).toBe(whole.relations.length);
      }),
      { numRuns: 100 },
    );
  });

  it('by node, zone, image and app take what runs in a Pod along with it', () => {
    const { engine, store, containers } = createGraph();
    const world = createWorld({ store });
    const put = (type: string, object: object) => world.run({ do: 'put', write: { type, object } as never });
    const digest = `sha256:${'a'.repeat(64)}`;
    put('Node', {
      apiVersion: 'v1',
      kind: 'Node',
      metadata: { name: 'node-1', labels: { 'topology.kubernetes.io/zone': 'z1' } },
    });
    put('Pod', {
      apiVersion: 'v1',
      kind: 'Pod',
      metadata: { name: 'web', namespace: 'shop', labels: { app: 'old-style', 'app.kubernetes.io/name': 'web' } },
      spec: { nodeName: 'node-1', containers: [{ name: 'main', image: 'redis:7' }] },
      status: { containerStatuses: [{ name: 'main', image: 'redis:7', imageID: digest }] },
    });
    expect(containers).toBeDefined();
    const membersBy = (by: Grouping) =>
      Object.fromEntries(
        rolledUp(engine, by).resources.map(({ id, properties }) => [id, (properties as { types: object }).types]),
      );
    const inPod = { Container: 1, Pod: 1 };
    expect(membersBy('node')['ResourceGroup:node-1']).toEqual({ ...inPod, Node: 1 });
    expect(membersBy('zone')['ResourceGroup:z1']).toEqual({ ...inPod, Node: 1, Zone: 1 });
    expect(membersBy('image')[`ResourceGroup:${digest}`]).toEqual({ ...inPod, Image: 1 });
    expect(membersBy('app')['ResourceGroup:web']).toEqual(inPod);
    expect(membersBy('label:app')['ResourceGroup:old-style']).toEqual(inPod);
  });

  it('of which a few are asked for are the worst, then the largest, and relations stay among them', () => {
    const graph = createGraph();
    const world = createWorld(graph);
    const put = (type: string, namespace: string, name: string, more: object = {}) =>
      world.run({
        do: 'put',
        write: { type, object: { apiVersion: 'v1', kind: type, metadata: { name, namespace }, ...more } } as never,
      });
    for (let i = 0; i < 9; i++) put('ConfigMap', 'large', `c${i}`);
    for (let i = 0; i < 3; i++) put('ConfigMap', 'small', `c${i}`);
    put('Pod', 'broken', 'p', { status: { phase: 'Failed' } });
    const listed = (limit: number) => rolledUp(graph.engine, 'namespace', limit);
    expect(listed(1).resources.map(({ id }) => id)).toEqual(['ResourceGroup:broken']);
    expect(listed(2).resources.map(({ id }) => id)).toEqual(['ResourceGroup:broken', 'ResourceGroup:large']);
    expect(listed(2).relations).toEqual([]);
  });

  it('of which a few are asked for have the relations between those few, and no others', () => {
    fc.assert(
      fc.property(fc.array(step, { maxLength: 40 }), fc.integer({ min: 1, max: 4 }), (steps, limit) => {
        const graph = createGraph();
        const world = createWorld(graph);
        for (const each of steps) world.run(each);
        const whole = rolledUp(graph.engine, 'type');
        const some = rolledUp(graph.engine, 'type', limit);
        const listed = new Set(some.resources.map(({ id }) => id));
        expect(listed.size).toBe(Math.min(limit, whole.resources.length));
        const between = whole.relations.filter(({ source, target }) => listed.has(source) && listed.has(target));
        expect(new Set(some.relations.map(endsOf))).toEqual(new Set(between.map(endsOf)));
      }),
      { numRuns: 60 },
    );
  });

  it('are labelled as what they stand for, where the members know a name of it', () => {
    const graph = createGraph();
    const world = createWorld(graph);
    const digest = `sha256:${'a'.repeat(64)}`;
    const object = {
      apiVersion: 'v1',
      kind: 'Pod',
      metadata: { name: 'web', namespace: 'shop' },
      spec: { containers: [{ name: 'main', image: 'redis:7' }] },
      status: { containerStatuses: [{ name: 'main', image: 'redis:7', imageID: digest }] },
    };
    world.run({ do: 'put', write: { type: 'Pod', object } as never });
    const labels = rolledUp(graph.engine, 'image').resources.map(({ id, annotations }) => [id, annotations.label]);
    expect(labels).toContainEqual([`ResourceGroup:${digest}`, 'redis:7']);
    const others = rolledUp(graph.engine, 'namespace').resources.map(({ id, annotations }) => [id, annotations.label]);
    expect(others).toContainEqual(['ResourceGroup:shop', 'shop']);
  });
});
