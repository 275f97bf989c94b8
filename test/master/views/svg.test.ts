import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { sceneOf } from '../../../master/views/picture/scene.ts';
import { svg } from '../../../master/views/svg.ts';
import type { ViewGraph } from '../../../master/views/view.ts';
import { printable } from '../../../src/printable.ts';
import { hostileGraph, textOf } from '../../support/hostile-graph.ts';
import { graphOf, relation, resource, shopGraph } from '../../support/shop-graph.ts';
import { viewCases } from '../../support/view-cases.ts';
import { attribute, type Find, readXml } from '../../support/xml.ts';

// Elements that are allowed in a picture. Scripts, styles, images and foreign objects are not.
const harmless = new Set(['svg', 'title', 'rect', 'text', 'g', 'a', 'path']);
const attributes =
  /^(xmlns|width|height|viewBox|role|x|y|rx|d|href|opacity|transform|fill|stroke(-[a-z]+)?|font-[a-z]+|text-anchor|paint-order)$/;

function readBack(find: Find) {
  const elements = find('//*');
  return {
    strange: elements.filter(({ name }) => !harmless.has(name)).map(({ name }) => name),
    strangeAttributes: elements
      .flatMap(({ attrs }) => attrs.map(({ name }) => name))
      .filter((name) => !attributes.test(name)),
    boxes: find('//svg:a/svg:title').map(({ content }) => content),
    links: find('//svg:a').map((link) => attribute(link, 'href')),
    lines: find('//svg:g/svg:title').map(({ content }) => content.split('\n')[0]),
    texts: find('//svg:text').map(({ content }) => content),
  };
}

const read = async (graph: ViewGraph, baseUrl?: string) => readXml(await textOf(svg, graph, baseUrl), readBack);

viewCases(svg, {
  runs: 10,
  readBack(text) {
    const { boxes, lines } = readXml(text, readBack);
    return { resources: boxes.length, relations: lines.length };
  },
  // A Namespace may be drawn as a frame around its members instead of a box.
  expected(graph) {
    const { boxes, lines } = sceneOf(graph);
    return { resources: boxes.length, relations: lines.length };
  },
});

describe('the graph as a picture', () => {
  it('shows every resource as a box with its type and name, and every relation as a line', async () => {
    const { resources, relations } = shopGraph();
    const { boxes, lines, texts } = await read(shopGraph());
    const framed = ({ source }: { source: string }) => source === 'Namespace:shop';
    const ofCluster = ({ target }: { target: string }) => target === 'Namespace:shop';
    expect(boxes).toEqual(resources.map(({ id }) => id).filter((id) => id !== 'Namespace:shop'));
    expect(lines).toEqual(
      relations
        .filter((one) => !framed(one) && !ofCluster(one))
        .map(({ source, type, target }) => `${source} ${type} ${target}`),
    );
    expect(texts).toEqual(
      expect.arrayContaining(['shop', 'Pod', 'redis-0', 'redis:7', 'ConfigMap, missing', 'Secret, not looked for']),
    );
  });

  it('says of what is absent why it is not missed', async () => {
    const graph = graphOf([resource('PersistentVolumeClaim:shop/data-db-0', { absent: 'pending' })]);
    expect((await read(graph)).texts).toContain('PersistentVolumeClaim, not there (pending)');
  });

  it('draws a Namespace as a box as soon as more is said of it than what it contains', async () => {
    const graph = graphOf(
      ['Namespace:shop', 'ResourceQuota:shop/q', 'Namespace:empty'].map((id) => resource(id)),
      [
        relation('Namespace:shop', 'contains', 'ResourceQuota:shop/q'),
        relation('ResourceQuota:shop/q', 'limits', 'Namespace:shop'),
      ],
    );
    const { boxes, lines } = await read(graph);
    expect(boxes).toEqual(['Namespace:empty', 'Namespace:shop', 'ResourceQuota:shop/q']);
    expect(lines).toEqual(['ResourceQuota:shop/q limits Namespace:shop']);
  });

  it('explains in its legend what occurs and nothing else', async () => {
    const { texts } = await read(shopGraph());
    expect(texts).toEqual(expect.arrayContaining(['loadBalances', 'StatefulSet', 'named, but does not exist']));
    const plain = await read(graphOf([resource('Node:n')]));
    expect(plain.texts.filter((text) => text.startsWith('named,') || text.includes('namespace'))).toEqual([]);
  });

  it('links every box to where its resource is served', async () => {
    const { links } = await read(graphOf([resource('Pod:shop/a b"<')]), 'https://example.com/x&y');
    expect(links).toEqual(['https://example.com/x&y/cluster/resources/Pod/shop/a%20b%22%3C']);
  });

  it('is well-formed, whole and harmless, whatever the names are', async () => {
    await fc.assert(
      fc.asyncProperty(hostileGraph, async (graph) => {
        const { strange, strangeAttributes, boxes, links } = await read(graph);
        expect(strange).toEqual([]);
        expect(strangeAttributes).toEqual([]);
        expect(links.filter((link) => !/^\/cluster\/resources\/[\w%./~-]*$/.test(link))).toEqual([]);
        const missed = graph.resources.filter(({ id, type }) => type !== 'Namespace' && !boxes.includes(printable(id)));
        expect(missed).toEqual([]);
      }),
      { numRuns: 25 },
    );
  });

  it('is the same picture for the same graph', async () => {
    expect(await textOf(svg, shopGraph())).toBe(await textOf(svg, shopGraph()));
  });

  it('keeps every box inside the picture, and no two of them on one place', async () => {
    const rectangles = readXml(await textOf(svg, shopGraph()), (find) => ({
      size: ['width', 'height'].map((name) => Number(attribute(find('/svg:svg')[0] as never, name))),
      boxes: find('//svg:a/svg:rect').map((box) =>
        ['x', 'y', 'width', 'height'].map((name) => Number(attribute(box, name))),
      ),
    }));
    const [width = 0, height = 0] = rectangles.size;
    expect(rectangles.boxes.length).toBe(26);
    for (const [i, [x = 0, y = 0, w = 0, h = 0]] of rectangles.boxes.entries()) {
      expect(x >= 0 && y >= 0 && x + w <= width && y + h <= height).toBe(true);
      for (const [x2 = 0, y2 = 0, w2 = 0, h2 = 0] of rectangles.boxes.slice(i + 1)) {
        expect(x + w <= x2 || x2 + w2 <= x || y + h <= y2 || y2 + h2 <= y).toBe(true);
      }
    }
  });

  it('leads every line from the edge of the box of its source to the edge of the box of its target', async () => {
    const { lines, boxes } = readXml(await textOf(svg, shopGraph()), (find) => ({
      boxes: find('//svg:a').map((link) => ({
        id: link.find('svg:title', { svg: 'http://www.w3.org/2000/svg' })[0]?.content ?? '',
        at: ['x', 'y', 'width', 'height'].map((name) =>
          Number(attribute(link.find('svg:rect', { svg: 'http://www.w3.org/2000/svg' })[0] as never, name)),
        ),
      })),
      lines: find('//svg:g[svg:title]').map((line) => {
        const svgNames = { svg: 'http://www.w3.org/2000/svg' };
        const [curve, head] = line.find('svg:path', svgNames).map((path) => attribute(path as never, 'd'));
        return { ends: line.find('svg:title', svgNames)[0]?.content.split('\n')[0]?.split(' ') ?? [], curve, head };
      }),
    }));
    const byId = new Map(boxes.map(({ id, at }) => [id, at]));
    const numbers = (path = '') => [...path.matchAll(/-?\d+(\.\d+)?/g)].map(([number]) => Number(number));
    expect(lines.length).toBeGreaterThan(20);
    for (const { ends, curve, head } of lines) {
      const [x = Number.NaN, y = Number.NaN, ...rest] = numbers(curve);
      expect(rest.length).toBeGreaterThanOrEqual(6);
      const tip = numbers(head).slice(2, 4) as [number, number];
      expect(distance(byId.get(ends[0] as string), [x, y])).toBeLessThan(4);
      expect(distance(byId.get(ends[2] as string), tip)).toBeLessThan(4);
    }
  });

  it('draws a graph of nothing, and many boxes without lines as a block', async () => {
    expect((await read(graphOf([]))).boxes).toEqual([]);
    const secrets = Array.from({ length: 100 }, (_, i) => resource(`Secret:shop/s${i}`));
    const size = readXml(await textOf(svg, graphOf(secrets)), (find) =>
      ['width', 'height'].map((name) => Number(attribute(find('/svg:svg')[0] as never, name))),
    );
    expect(Math.max(...size) / Math.min(...size)).toBeLessThan(3);
  });
});

/** Distance of a point from the edge of a box in pixels; large for a missing box. */
function distance(box: readonly number[] | undefined, [px, py]: readonly [number, number]): number {
  const [x = 0, y = 0, width = 0, height = 0] = box ?? [];
  if (box === undefined) return Number.POSITIVE_INFINITY;
  const outside = Math.hypot(Math.max(x - px, 0, px - x - width), Math.max(y - py, 0, py - y - height));
  const inside = Math.min(px - x, x + width - px, py - y, y + height - py);
  return outside > 0 ? outside : inside;
}
