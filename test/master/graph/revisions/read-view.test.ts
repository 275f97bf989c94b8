import fc from 'fast-check';
import { describe, expect, it, vi } from 'vitest';
import type { Engine } from '../../../../master/graph/engine/engine.ts';
import { compileSelector } from '../../../../master/graph/model/label-selector.ts';
import { around } from '../../../../master/graph/questions/around.ts';
import { createCursors } from '../../../../master/graph/questions/cursors.ts';
import { groupsOf } from '../../../../master/graph/questions/groups.ts';
import { pathsBetween } from '../../../../master/graph/questions/path.ts';
import type { Query } from '../../../../master/graph/questions/query.ts';
import { select } from '../../../../master/graph/questions/select.ts';
import type { Selection } from '../../../../master/graph/questions/selection.ts';
import { along } from '../../../../master/graph/questions/traverse.ts';
import { parseWildcards } from '../../../../master/graph/questions/wildcard.ts';
import { withReadView } from '../../../../master/graph/revisions/read-view.ts';
import { capture, chunksOf, entriesOf } from '../../../../master/graph/revisions/snapshot.ts';
import { keyingOf } from '../../../../master/topology/groupings.ts';
import { impactOf } from '../../../../master/topology/impact.ts';
import { zonesOfNodes } from '../../../../master/topology/zone-of.ts';
import type { Steps } from '../../../../src/steps.ts';
import { createGraph } from '../../../support/random-cluster.ts';
import { createWorld, type Step, step } from '../../../support/random-steps.ts';
import { finish, given } from '../../../support/steps.ts';

// Small graphs are read in a few steps: here every possible pause is one.
vi.mock(import('../../../../src/steps.ts'), async (load) => ({ ...(await load()), every: () => () => true }));

const often = {
  depth: fc.constantFrom(1, 2, Number.POSITIVE_INFINITY),
  nths: fc.array(fc.nat(100), { minLength: 2, maxLength: 2 }),
};
const wildcards = (list: string | undefined) => (list === undefined ? undefined : parseWildcards(list, 'test'));
const some = <T>(...values: T[]) => fc.constantFrom(undefined, ...values);

const query = fc.record({
  text: some('a', 'n1', 'pod'),
  labels: some(compileSelector({ matchLabels: { app: 'x' } })),
  type: some('Pod,Node', '!Pod'),
  missing: some(true, false),
  stale: some(false),
  relation: some('!contains', 'runs,contains'),
  neighbours: fc.boolean(),
  direction: some('up' as const, 'down' as const, 'both' as const),
  ...often,
});

function queryOf(said: typeof query extends fc.Arbitrary<infer T> ? T : never, ids: readonly string[]): Query {
  const { text, labels, type, missing, stale, relation, neighbours, direction, depth } = said;
  return {
    resource: { text, labels, type: wildcards(type), missing, stale },
    relation: wildcards(relation),
    neighbours,
    walk: direction && { roots: ids, direction, depth },
  };
}

/** A question's result with everything it returns. */
interface Found {
  readonly selection?: Selection;
  readonly more?: unknown;
}
type Question = (engine: Engine, ids: readonly string[]) => Steps<Found>;

const by = fc.constantFrom('namespace', 'type', 'node', 'zone', 'image', 'app', 'label:app') as fc.Arbitrary<'node'>;
const questions: { readonly [name: string]: fc.Arbitrary<Question> } = {
  'a selection': query.map(
    (said) =>
      function* (engine, ids) {
        return { selection: yield* select(engine, queryOf(said, ids)) };
      },
  ),
  groups: fc.tuple(fc.option(query, { freq: 1 }), by).map(
    ([said, grouping]) =>
      function* (engine, ids) {
        const asked = said ? queryOf(said, ids) : {};
        const { selection, ...more } = yield* groupsOf(engine, asked, {
          by: grouping,
          keying: keyingOf(grouping),
          relations: true,
          zonesOf: zonesOfNodes,
        });
        return { selection, more };
      },
  ),
  'an impact': fc.record({ depth: often.depth }).map(
    ({ depth }) =>
      function* (engine, ids) {
        const { selection, distances } = yield* impactOf(engine, ids, { depth });
        return { selection, more: [...distances()] };
      },
  ),
  paths: some(2, 4).map(
    (length) =>
      function* (engine, ids) {
        const step = along('both');
        const ends = [ids[0], ids[1]] as [string, string];
        const { selection, ...more } = yield* pathsBetween(engine, ends, { step, back: step, length, most: 20 });
        return { selection, more };
      },
  ),
  'what is around one': fc.constant(function* (engine, [id]) {
    const { selection, piece } = yield* around(engine, id as string);
    return { selection, more: Buffer.concat([...chunksOf([piece])]).toString() };
  }),
  pages: query.map(
    (said) =>
      function* (engine, ids) {
        const pages = createCursors({ graph: engine, random: () => 'a-walk-of-its-own' });
        const texts: unknown[] = [];
        try {
          let page = yield* pages.begin(yield* select(engine, queryOf(said, ids)), '', { limit: 3 });
          for (;;) {
            const { next, release, size, remaining, selection } = page;
            try {
              yield;
              texts.push(textOf(page), next, size, remaining, selection.revision);
            } finally {
              release();
            }
            if (next === undefined) return { more: texts };
            page = (yield* pages.proceed(next, '', { limit: 3 })) ?? page;
          }
        } finally {
          pages.close();
        }
      },
  ),
};

function textOf(source: Pick<Selection, 'resources' | 'relations'>): string[] {
  return [source.resources(), source.relations()].map((pieces) =>
    Buffer.concat([...chunksOf(given(pieces))]).toString(),
  );
}

/** The complete result of a question, with an action between any two steps. */
function answer(steps: Steps<Found>, between: () => void) {
  const { selection, more } = finish(steps, between);
  if (!selection) return more;
  const { revision, timestamp, completeness } = selection;
  const size = finish(selection.size(), between);
  between();
  const texts = textOf(selection);
  selection.release();
  return { revision, timestamp, completeness, size, texts, more };
}

function grown(steps: readonly Step[], recording: boolean) {
  const graph = createGraph();
  const world = createWorld(graph);
  if (recording) graph.engine.changes.record();
  for (const each of steps) world.run(each);
  return { ...graph, world };
}

function idsIn(engine: Engine, nths: readonly number[]): string[] {
  const snapshot = capture(engine);
  const all = [...entriesOf(snapshot)].map(({ id }) => id);
  snapshot.release();
  return all.length === 0 ? [] : nths.map((nth) => all[nth % all.length] as string);
}

describe.each(Object.keys(questions))('%s, interrupted', (name) => {
  it('answers from one revision, whatever changes meanwhile', () => {
    let changes = 0;
    fc.assert(
      fc.property(
        fc.array(step, { minLength: 5, maxLength: 30 }),
        questions[name] as fc.Arbitrary<Question>,
        often.nths,
        fc.array(step, { minLength: 5, maxLength: 40 }),
        fc.boolean(),
        (before, question, nths, meanwhile, recording) => {
          const [graph, twin] = [grown(before, recording), grown(before, recording)];
          const ids = idsIn(graph.engine, nths);
          fc.pre(ids.length > 0);
          const expected = answer(question(twin.engine, ids), () => undefined);
          const left = [...meanwhile];
          const found = answer(question(graph.engine, ids), () => {
            const next = left.shift();
            if (next) graph.world.run(next);
          });
          expect(found).toEqual(expected);
          expect(graph.engine.openSnapshots.readers).toBe(0);
          changes += meanwhile.length - left.length;
        },
      ),
      { numRuns: 60 },
    );
    expect(changes).toBeGreaterThan(300);
  });

  it('lets go of everything when it is given up', () => {
    let given = 0;
    fc.assert(
      fc.property(
        fc.array(step, { minLength: 5, maxLength: 30 }),
        questions[name] as fc.Arbitrary<Question>,
        fc.nat(30),
        (before, question, after) => {
          const { engine } = grown(before, false);
          const ids = idsIn(engine, [3, 4]);
          fc.pre(ids.length > 0);
          const steps = question(engine, ids);
          for (let i = 0; i < after; i++) if (steps.next().done) return;
          steps.return(undefined as never);
          expect(engine.openSnapshots.readers).toBe(0);
          given++;
        },
      ),
      { numRuns: 20 },
    );
    expect(given).toBeGreaterThan(5);
  });
});

describe('a look', () => {
  it('that fails lets go of everything', () => {
    const { engine } = createGraph();
    const failing = withReadView(engine, function* () {
      yield;
      throw new Error('no');
    });
    expect(() => finish(failing)).toThrow('no');
    expect(engine.openSnapshots.readers).toBe(0);
  });

  it('that is cut off for what it holds of the past ends, since that changes now', () => {
    const { engine } = createGraph();
    let ended = 0;
    const endless = withReadView(engine, function* () {
      try {
        for (;;) yield;
      } finally {
        ended++;
      }
    });
    let steps = 0;
    const cutting = () => {
      if (++steps < 3) return;
      engine.openSnapshots.supersede(0, engine.openSnapshots.retention.most + 1);
      engine.openSnapshots.retention.look();
    };
    expect(() => finish(endless, cutting)).toThrow('too much changed while the answer was made');
    expect([steps, ended, engine.openSnapshots.readers]).toEqual([3, 1, 0]);
  });
});

describe('a page', () => {
  it('stays what it is though its walk is let go while it is made and read', () => {
    const { engine, world } = grown(fc.sample(step, { seed: 7, numRuns: 60 }), true);
    const pages = createCursors({ graph: engine, random: () => 'a-walk-of-its-own' });
    // The second page has relations, which are counted first.
    const limit = engine.order.size;
    const first = finish(pages.begin(finish(select(engine, {})), '', { limit }));
    const twin = finish(pages.proceed(first.next as string, '', { limit }));
    const expected = twin && textOf(twin);
    for (const each of [first, twin]) each?.release();
    const later = fc.sample(step, { seed: 8, numRuns: 60 });
    const page = finish(pages.proceed(first.next as string, '', { limit }), () => {
      pages.close();
      const next = later.pop();
      if (next) world.run(next);
    });
    for (const each of later) world.run(each);
    expect(pages.size()).toBe(0);
    expect(page && textOf(page)).toEqual(expected);
    expect(engine.openSnapshots.readers).toBe(1);
    page?.release();
    expect(engine.openSnapshots.readers).toBe(0);
  });
});
