import { execFileSync, spawnSync } from 'node:child_process';
import { instance } from '@viz-js/viz';
import fc from 'fast-check';
import { MultiDirectedGraph } from 'graphology';
import { parse } from 'graphology-dot';
import { describe, expect, it } from 'vitest';
import { dot } from '../../../master/views/dot.ts';
import { keysOf } from '../../../master/views/parts/keys.ts';
import type { ViewGraph } from '../../../master/views/view.ts';
import { hostileGraph, textOf } from '../../support/hostile-graph.ts';
import { graphOf, relation, resource, shopGraph } from '../../support/shop-graph.ts';
import { finish } from '../../support/steps.ts';
import { viewCases } from '../../support/view-cases.ts';

const viz = await instance();
const hasGraphviz = spawnSync('dot', ['-V']).status === 0;

interface Read {
  readonly nodes: readonly string[];
  readonly edges: readonly string[];
}

/** Graphviz' version of a text. It keeps both backslashes of an escaped one in a name. */
function readBack(json: string): Read & { readonly objects: readonly { [name: string]: string }[] } {
  const { objects = [], edges = [] } = JSON.parse(json) as {
    objects?: ({ _gvid: number } & { [name: string]: string })[];
    edges?: { tail: number; head: number; label: string }[];
  };
  const names = new Map(objects.map(({ _gvid, name = '' }) => [_gvid, name.replaceAll('\\\\', '\\')]));
  return {
    objects: objects as never,
    nodes: objects
      .filter((object) => !('nodes' in object) && !object.name?.startsWith('cluster_'))
      .map(({ _gvid }) => names.get(_gvid) ?? '')
      .sort(),
    edges: edges.map(({ tail, head, label }) => `${names.get(tail)} ${label} ${names.get(head)}`).sort(),
  };
}

function expectedOf({ resources, relations }: ViewGraph): Read {
  const keys = finish(keysOf(resources.map(({ id }) => id)));
  return {
    nodes: [...keys.values()].sort(),
    edges: relations.map(({ source, type, target }) => `${keys.get(source)} ${label(type)} ${keys.get(target)}`).sort(),
  };
}

/** As in an attribute: Graphviz passes attributes on uninterpreted. */
function label(type: string): string {
  return type.replaceAll('\\', '\\\\');
}

viewCases(dot, {
  readBack(text) {
    const { nodes, edges } = readBack(viz.renderString(text, { format: 'json0' }));
    return { resources: nodes.length, relations: edges.length };
  },
});

describe('the graph as DOT', () => {
  it('keeps the statements and colours of 2015', async () => {
    const image = resource('Image:sha256:4f', { label: '4f4f4f4f4f4f', alternateLabel: 'redis:7' });
    const lines = (
      await textOf(
        dot,
        graphOf(
          [resource('Container:shop/redis-0/redis'), image],
          [relation('Container:shop/redis-0/redis', 'createdFrom', image.id)],
        ),
      )
    ).split('\n');
    expect(lines).toContainEqual(expect.stringMatching(/^"Image:sha256:4f"\[label="Image:redis:7",color=maroon,/));
    expect(lines).toContainEqual(
      expect.stringMatching(/^"Container:shop\/redis-0\/redis"\[label="Container:redis",color=green,/),
    );
    expect(lines).toContainEqual(
      expect.stringMatching(/^"Container:shop\/redis-0\/redis"->"Image:sha256:4f"\[label="createdFrom",/),
    );
    const colours = ['Cluster', 'Node', 'Service', 'ReplicationController', 'Pod', 'Process'].map((type) =>
      resource(`${type}:x`),
    );
    const text = await textOf(dot, graphOf(colours));
    expect([...text.matchAll(/label="(\w+):x",color=(\w+)/g)].map(([, type, colour]) => [type, colour])).toEqual([
      ['Cluster', 'black'],
      ['Node', 'red'],
      ['Pod', 'blue'],
      ['Process', 'gold'],
      ['ReplicationController', 'purple'],
      ['Service', 'darkgreen'],
    ]);
  });

  it('draws missing resources dashed and unverified ones dotted, with their lines', async () => {
    const text = await textOf(dot, shopGraph());
    expect(text).toMatch(/^"ConfigMap:shop\/no-such-settings"\[.*style="rounded,dashed"\]$/m);
    expect(text).toMatch(/^"Secret:shop\/credentials"\[.*style="rounded,dotted"\]$/m);
    expect(text.match(/->"ConfigMap:shop\/no-such-settings"\[.*style=dashed\]$/gm)).toHaveLength(2);
    expect(text.match(/->"ConfigMap:shop\/settings"\[.*style=/gm)).toBeNull();
  });

  it('draws what is absent for a reason as it draws what is missing, and says the reason', async () => {
    const text = await textOf(dot, graphOf([resource('ConfigMap:shop/extra', { absent: 'optional' })]));
    expect(text).toMatch(/tooltip="[^"]*optional, not there[^"]*".*style="rounded,dashed"/);
  });

  it('puts each namespace into a frame and nothing else into any', async () => {
    const graph = graphOf(
      ['Pod:a/x', 'Pod:b/x', 'Node:x', 'Image:sha256:ab', 'Container:node-1/x', 'Container:a/x/c'].map((id) =>
        resource(id),
      ),
    );
    const { objects } = readBack(viz.renderString(await textOf(dot, graph), { format: 'json0' }));
    const frames = objects.filter(({ name }) => name?.startsWith('cluster_'));
    const inside = frames.map(({ label, nodes }) => [
      label,
      (nodes as unknown as number[]).map((i) => objects[i]?.name).sort(),
    ]);
    expect(inside).toEqual([
      ['a', ['Container:a/x/c', 'Pod:a/x']],
      ['b', ['Pod:b/x']],
    ]);
  });

  it('links every resource to where it is served', async () => {
    expect(await textOf(dot, shopGraph())).toContain('URL="/cluster/resources/Pod/shop/redis-0"');
    expect(await textOf(dot, shopGraph(), 'https://example.com/ci')).toContain(
      'URL="https://example.com/ci/cluster/resources/Node/node-1"',
    );
  });

  it('is the same text for the same graph, one statement a line', async () => {
    expect(await textOf(dot, shopGraph())).toBe(await textOf(dot, shopGraph()));
    const { resources, relations } = shopGraph();
    const statements = (await textOf(dot, shopGraph())).split('\n').filter((line) => line.startsWith('"'));
    expect(statements).toHaveLength(resources.length + relations.length);
  });

  it('is read back by Graphviz as the same graph, whatever the names are', async () => {
    await fc.assert(
      fc.asyncProperty(hostileGraph, async (graph) => {
        const { nodes, edges } = readBack(viz.renderString(await textOf(dot, graph), { format: 'json0' }));
        expect({ nodes, edges }).toEqual(expectedOf(graph));
      }),
      { numRuns: 200 },
    );
  });

  it.skipIf(!hasGraphviz && !process.env.CI)('is read back by the real dot as the same graph', async () => {
    const graphs = [shopGraph(), ...fc.sample(hostileGraph, { numRuns: 20, seed: 7 })];
    for (const graph of graphs) {
      const json = execFileSync('dot', ['-Tjson0'], { input: await textOf(dot, graph), encoding: 'utf8' });
      const { nodes, edges } = readBack(json);
      expect({ nodes, edges }).toEqual(expectedOf(graph));
    }
  });

  it('shows names in the drawing as they are, entities and escapes of Graphviz included', async () => {
    const graph = graphOf([resource('Pod:shop/&lt;\\N&')]);
    const drawn = viz.renderString(await textOf(dot, graph), { format: 'svg' });
    expect(drawn).toContain('>Pod:&amp;lt;\\N&amp;</text>');
  });

  it('is read by graphology-dot with every resource and relation', async () => {
    const read = parse(MultiDirectedGraph, await textOf(dot, shopGraph()));
    expect(read.nodes().sort()).toEqual(
      shopGraph()
        .resources.map(({ id }) => id)
        .sort(),
    );
    expect(read.getNodeAttribute('Pod:shop/redis-0', 'label')).toBe('Pod:redis-0');
    expect(read.size).toBe(shopGraph().relations.length);
  });
});
