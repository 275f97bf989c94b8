import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Engine } from '../../../../master/graph/engine/engine.ts';
import { separator } from '../../../../master/graph/engine/json.ts';
import { type GroupChanges, GroupIndex } from '../../../../master/graph/kept/group-index.ts';
import { groupsOf } from '../../../../master/graph/questions/groups.ts';
import { type Grouping, keyingOf } from '../../../../master/topology/groupings.ts';
import { zonesNow, zonesOfNodes } from '../../../../master/topology/zone-of.ts';
import { createGraph } from '../../../support/random-cluster.ts';
import { createWorld, step } from '../../../support/random-steps.ts';
import { finish } from '../../../support/steps.ts';

interface Part {
  readonly id?: string;
  readonly type: string;
  readonly source?: string;
  readonly target?: string;
}

/** By id or ends, without timestamps: removed resources also change a group's timestamp. */
type Plain = Map<string, object>;

const standing = ['namespace', 'type', 'node', 'zone', 'application'] as const;

function plain(texts: readonly string[]): Plain {
  return new Map(
    texts.map((text) => {
      const { timestamp: _, ...rest } = JSON.parse(text.replace(/,\n$/, '')) as Part & { timestamp: string };
      return [keyOf(rest), rest];
    }),
  );
}

function keyOf({ id, type, source, target }: Part): string {
  return id ?? `${type} ${source} ${target}`;
}

function counted(engine: Engine, by: Grouping, limit?: number) {
  const options = { by, keying: keyingOf(by), relations: true, zonesOf: zonesOfNodes, limit };
  const { selection, resources, relations } = finish(groupsOf(engine, {}, options));
  selection.release();
  return { resources: plain(resources), relations: plain(relations) };
}

function kept(index: GroupIndex, limit?: number) {
  const { resources, relations } = finish(index.list({ relations: true, limit }));
  return { resources: plain(resources), relations: plain(relations) };
}

function indexOf(engine: Engine, by: Grouping): GroupIndex {
  return new GroupIndex(engine, { by, keying: keyingOf(by), zones: () => zonesNow(engine) });
}

/** What a reader has after applying the changes to `before`. */
function applied(before: ReturnType<typeof kept>, changes: GroupChanges) {
  const after = { resources: new Map(before.resources), relations: new Map(before.relations) };
  for (const list of ['resources', 'relations'] as const) {
    for (const gone of changes[list].removed) {
      const parsed = JSON.parse(gone) as string | Part;
      after[list].delete(typeof parsed === 'string' ? parsed : keyOf(parsed));
    }
    const now = plain([...changes[list].added, ...changes[list].changed].map((text) => text + separator));
    for (const [key, one] of now) after[list].set(key, one);
  }
  return after;
}

describe('groups that are kept', () => {
  it.each(standing)('by %s equal a fresh count, whenever they began to be kept', (by) => {
    fc.assert(
      fc.property(fc.array(step, { maxLength: 30 }), fc.array(step, { maxLength: 30 }), (before, after) => {
        const graph = createGraph();
        const world = createWorld(graph);
        for (const each of before) world.run(each);
        const index = indexOf(graph.engine, by);
        // The graph changes while the index is built.
        const during = after.slice(0, 5);
        const steps = index.make();
        for (let made = steps.next(), n = 0; !made.done; made = steps.next(), n++) {
          const next = during[n];
          if (next) world.run(next);
        }
        for (const each of after) {
          const { revision } = graph.engine;
          const known = kept(index);
          world.run(each);
          expect(kept(index)).toEqual(counted(graph.engine, by));
          const changes = index.since(revision, true);
          expect(changes && applied(known, changes)).toEqual(kept(index));
        }
        index.close();
      }),
      { numRuns: 60 },
    );
  });

  it('are cut in the same way as those that are counted: the worst first, then the larger', () => {
    fc.assert(
      fc.property(fc.array(step, { minLength: 5, maxLength: 40 }), fc.integer({ min: 1, max: 4 }), (steps, limit) => {
        const graph = createGraph();
        const world = createWorld(graph);
        for (const each of steps) world.run(each);
        const index = indexOf(graph.engine, 'namespace');
        finish(index.make());
        expect([...kept(index, limit).resources]).toEqual([...counted(graph.engine, 'namespace', limit).resources]);
        expect(kept(index, limit).resources.size).toBeLessThanOrEqual(limit);
      }),
      { numRuns: 40 },
    );
  });

  it('say nothing of a revision that changed none of them, and all of what a reader missed', () => {
    const graph = createGraph();
    const world = createWorld(graph);
    const put = (type: string, object: object) => world.run({ do: 'put', write: { type, object } as never });
    const named = (name: string, more: object = {}) => ({
      apiVersion: 'v1',
      kind: 'ConfigMap',
      metadata: { name, namespace: 'a', uid: name, ...more },
    });
    put('ConfigMap', named('one'));
    const index = indexOf(graph.engine, 'namespace');
    finish(index.make());
    const { revision } = graph.engine;
    put('ConfigMap', named('one', { annotations: { changed: 'yes' } }));
    expect(index.since(revision, true)?.resources).toEqual({ added: [], changed: [], removed: [] });
    put('ConfigMap', named('two'));
    put('ConfigMap', named('three'));
    const changed = index.since(revision, true)?.resources.changed.map((text) => JSON.parse(text) as { id: string });
    expect(changed).toMatchObject([{ id: 'ResourceGroup:a', properties: { types: { ConfigMap: 3 } } }]);
    expect(index.since(0, true)).toBeUndefined();
  });

  it('by zone take along all that runs on a node whose zone becomes another', () => {
    const graph = createGraph();
    const world = createWorld(graph);
    const put = (type: string, object: object) => world.run({ do: 'put', write: { type, object } as never });
    const node = (zone: string) =>
      put('Node', { kind: 'Node', metadata: { name: 'n', uid: 'n', labels: { 'topology.kubernetes.io/zone': zone } } });
    put('Pod', {
      kind: 'Pod',
      metadata: { name: 'p', namespace: 'a', uid: 'p' },
      spec: { nodeName: 'n', containers: [{ name: 'c' }] },
    });
    const index = indexOf(graph.engine, 'zone');
    finish(index.make());
    for (const zone of ['x', 'y', 'x', 'z']) {
      node(zone);
      expect(kept(index)).toEqual(counted(graph.engine, 'zone'));
      expect(kept(index).resources.get(`ResourceGroup:${zone}`)).toMatchObject({
        properties: { types: { Node: 1, Pod: 1, Container: 1 } },
      });
    }
    world.run({ do: 'delete', nth: 1 });
    expect(kept(index)).toEqual(counted(graph.engine, 'zone'));
  });
});
