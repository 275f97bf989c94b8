import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Engine } from '../../../../master/graph/engine/engine.ts';
import { readings } from '../../../../master/graph/kept/readings.ts';
import { SearchIndex } from '../../../../master/graph/kept/search-index.ts';
import { namedTypesIn, scanFor, scanOrder } from '../../../../master/graph/kept/search-scan.ts';
import { isTypoOf, rankOf, ranks, textsOf } from '../../../../master/graph/kept/search-terms.ts';
import type { Vertex } from '../../../../master/graph/model/vertex.ts';
import { capture, entriesOf } from '../../../../master/graph/revisions/snapshot.ts';
import { findKind } from '../../../../master/kinds/index.ts';
import { typeOfKind } from '../../../../master/kinds/lookup.ts';
import { createGraph } from '../../../support/random-cluster.ts';
import { createWorld, step } from '../../../support/random-steps.ts';
import { finish } from '../../../support/steps.ts';

const typesNamed = (name: string) => {
  const kind = findKind(name);
  return kind ? [typeOfKind(kind)] : [];
};

/** The results of a full scan, sorted by quality of the match. */
function scanned(engine: Engine, question: string, accepts: (vertex: Vertex) => boolean): string[] {
  const snapshot = capture(engine);
  const all = [...entriesOf(snapshot)].map(({ vertex }) => vertex);
  snapshot.release();
  const found = new Set<string>();
  const colon = question.indexOf(':');
  const asId = `${typesNamed(question.slice(0, colon))[0] ?? question.slice(0, colon)}:${question.slice(colon + 1)}`;
  for (const vertex of all) if (vertex.id === asId && accepts(vertex)) found.add(vertex.id);
  for (const reading of readings(question, { accepts, typesNamed })) {
    for (const rank of ranks)
      for (const place of ['name', 'address', 'label', 'uid'] as const) {
        const hits = all.flatMap((vertex) => {
          if (!reading.accepts(vertex)) return [];
          const texts =
            reading.key === undefined
              ? textsOf(vertex)[place]
              : place === 'label'
                ? Object.entries(vertex.labels ?? {}).flatMap(([key, value]) =>
                    key.toLowerCase() === reading.key ? [value.toLowerCase()] : [],
                  )
                : [];
          return texts.flatMap((text) => (rankIn(text, reading.text, place) === rank ? [{ text, id: vertex.id }] : []));
        });
        hits.sort(
          (a, b) =>
            (place === 'uid' ? 0 : a.text.length - b.text.length || compare(a.text, b.text)) || compare(a.id, b.id),
        );
        for (const { id } of hits) found.add(id);
      }
  }
  return [...found];
}

/** Scans each resource separately, as without an index. */
function scannedOneByOne(engine: Engine, question: string, accepts: (vertex: Vertex) => boolean): string[] {
  const matchOf = scanFor(question, namedTypesIn(question, typesNamed));
  const snapshot = capture(engine);
  const found = [...entriesOf(snapshot)].flatMap(({ vertex }) => (accepts(vertex) ? (matchOf(vertex) ?? []) : []));
  snapshot.release();
  return found.sort(scanOrder).map(({ id }) => id);
}

function rankIn(text: string, asked: string, place: string) {
  if (place !== 'uid') return rankOf(text, asked) ?? (isTypoOf(text, asked) ? 'typo' : undefined);
  if (asked.length < 8 || !text.startsWith(asked)) return undefined;
  return text === asked ? 'exact' : 'prefix';
}

const compare = (a: string, b: string) => (a < b ? -1 : a > b ? 1 : 0);

function searched(index: SearchIndex, question: string, accepts: (vertex: Vertex) => boolean, limit: number) {
  const { hits, more } = finish(index.find(question, { limit, accepts, typesNamed }));
  return { ids: hits.map(({ vertex }) => vertex.id), more };
}

const question = fc.oneof(
  fc.constantFrom(
    'a',
    'w',
    'we',
    'web',
    'n1',
    'pod:n1/a',
    'po:a',
    'n1/a',
    'app=x',
    'x',
    'c',
    'n1 web',
    'uid-1',
    'image',
  ),
  fc.string({ unit: fc.constantFrom('a', 'b', 'e', 'w', 'x', '1', '-', '/', ':', '='), minLength: 1, maxLength: 6 }),
);

describe('the search index', () => {
  it('finds what a scan finds, in the same order, whatever changes', () => {
    fc.assert(
      fc.property(
        fc.array(step, { maxLength: 30 }),
        fc.array(fc.tuple(step, question), { maxLength: 12 }),
        fc.integer({ min: 1, max: 8 }),
        fc.option(fc.constantFrom('Pod', 'Container'), { nil: undefined }),
        (before, after, limit, type) => {
          const graph = createGraph();
          const world = createWorld(graph);
          for (const each of before) world.run(each);
          const index = new SearchIndex(graph.engine);
          const steps = index.make();
          for (let made = steps.next(), n = 0; !made.done; made = steps.next(), n++) {
            const next = after[n]?.[0];
            if (next) world.run(next);
          }
          const accepts = (vertex: Vertex) => type === undefined || vertex.type === type;
          for (const [each, asked] of after) {
            world.run(each);
            const expected = scanned(graph.engine, asked, accepts);
            const found = searched(index, asked, accepts, limit);
            expect(found.ids).toEqual(expected.slice(0, limit));
            expect(found.more).toBe(expected.length > limit);
            expect(scannedOneByOne(graph.engine, asked, accepts)).toEqual(expected);
          }
          index.close();
        },
      ),
      { numRuns: 200 },
    );
  });

  const graph = createGraph();
  const world = createWorld(graph);
  const put = (type: string, name: string, namespace: string | undefined, more: object = {}) => {
    const { labels, ...rest } = more as { labels?: object };
    const metadata = {
      name,
      uid: `${name}-0123456789`,
      ...(namespace ? { namespace } : {}),
      ...(labels ? { labels } : {}),
    };
    world.run({ do: 'put', write: { type, object: { apiVersion: 'v1', kind: type, metadata, ...rest } } as never });
  };
  put('Pod', 'frontend-5c677f5fb-lbhf9', 'shop', {
    status: { podIP: '10.1.2.3', podIPs: [{ ip: '10.1.2.3' }, { ip: 'fd00::7' }] },
  });
  put('Service', 'frontend', 'shop', { spec: { clusterIP: '10.96.0.10', clusterIPs: ['10.96.0.10'] } });
  put('Service', 'frontend-canary', 'shop', { labels: { tier: 'edge', team: 'Checkout' } });
  put('Service', 'my-frontend', 'other');
  put('Node', 'node-a', undefined, { status: { addresses: [{ type: 'InternalIP', address: '192.0.2.9' }] } });
  const index = new SearchIndex(graph.engine);
  finish(index.make());
  const first = (asked: string) => {
    const [hit] = finish(index.find(asked, { limit: 20, typesNamed })).hits;
    return hit && `${hit.vertex.id} ${hit.rank} ${hit.in}`;
  };

  it.each([
    ['frontend', 'Service:shop/frontend exact name'],
    ['FRONT', 'Service:shop/frontend prefix name'],
    ['canary', 'Service:shop/frontend-canary word name'],
    ['ontend', 'Service:shop/frontend part name'],
    ['fronted', 'Service:shop/frontend typo name'],
    ['frontned', 'Service:shop/frontend typo name'],
    ['forntend', 'Service:shop/frontend typo name'],
    ['frontend-canery', 'Service:shop/frontend-canary typo name'],
    ['10.1.2.3', 'Pod:shop/frontend-5c677f5fb-lbhf9 exact address'],
    ['fd00::7', 'Pod:shop/frontend-5c677f5fb-lbhf9 exact address'],
    ['10.96.0', 'Service:shop/frontend prefix address'],
    ['192.0.2.9', 'Node:node-a exact address'],
    ['checkout', 'Service:shop/frontend-canary exact label'],
    ['team=check', 'Service:shop/frontend-canary prefix label'],
    ['tier=check', undefined],
    ['svc:shop/frontend', 'Service:shop/frontend exact id'],
    ['other/front', 'Service:other/my-frontend word name'],
    ['other frontend', 'Service:other/my-frontend word name'],
    ['node-a-01', 'Node:node-a prefix uid'],
    ['zzz', undefined],
  ])('finds by %s: %s', (asked, expected) => {
    expect(first(asked)).toBe(expected);
  });
});
