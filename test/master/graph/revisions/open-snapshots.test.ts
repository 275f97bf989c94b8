import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Block } from '../../../../master/graph/engine/edges.ts';
import type { Version } from '../../../../master/graph/model/vertex.ts';
import { createOpenSnapshots, type OpenSnapshot } from '../../../../master/graph/revisions/open-snapshots.ts';
import { createRetention } from '../../../../master/graph/revisions/retention.ts';
import { capture, entriesOf } from '../../../../master/graph/revisions/snapshot.ts';
import { createGraph } from '../../../support/random-cluster.ts';
import { createWorld, step } from '../../../support/random-steps.ts';

interface Text {
  readonly generation: number;
  readonly bytes: number;
}

const places = 4;

const doing = fc.oneof(
  {
    weight: 4,
    arbitrary: fc.record({ do: fc.constant('write' as const), place: fc.nat(places - 1), bytes: fc.nat(9) }),
  },
  { weight: 2, arbitrary: fc.record({ do: fc.constant('open' as const) }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('release' as const), nth: fc.nat(9) }) },
);

const sum = (texts: Iterable<Text>) => [...texts].reduce((total, { bytes }) => total + bytes, 0);

function lengthOf(text: Version | Block): number {
  return 'edges' in text ? (text.piece?.length ?? 0) : text.length;
}

describe('what readers of the past hold', () => {
  it('is every text that was replaced and that one of them began with, once, whatever order they come and go in', () => {
    let most = 0;
    fc.assert(
      fc.property(fc.array(doing, { maxLength: 80 }), (all) => {
        const openSnapshots = createOpenSnapshots(createRetention());
        const now: Text[] = Array.from({ length: places }, () => ({ generation: 0, bytes: 1 }));
        const open: { readonly capture: OpenSnapshot; readonly texts: readonly Text[] }[] = [];
        for (const one of all) {
          if (one.do === 'open') open.push({ capture: openSnapshots.open(), texts: [...now] });
          else if (one.do === 'release') open.splice(one.nth % (open.length || 1), 1)[0]?.capture.release();
          else {
            const before = now[one.place] as Text;
            openSnapshots.supersede(before.generation, before.bytes);
            now[one.place] = { generation: openSnapshots.generation, bytes: one.bytes };
          }
          const retention = (texts: readonly Text[]) => texts.filter((text) => !now.includes(text));
          expect(openSnapshots.held()).toBe(sum(new Set(open.flatMap(({ texts }) => retention(texts)))));
          for (const { capture, texts } of open) expect(capture.held()).toBe(sum(retention(texts)));
          expect(openSnapshots.readers).toBe(open.length);
          most = Math.max(most, open.length);
        }
      }),
      { numRuns: 500 },
    );
    expect(most).toBeGreaterThan(4);
  });

  it('is no more than a part of the graph has, for a reader of that part', () => {
    const openSnapshots = createOpenSnapshots(createRetention());
    const part = openSnapshots.open();
    openSnapshots.supersede(0, 70);
    part.narrow(() => 100);
    expect([part.held(), openSnapshots.held()]).toEqual([70, 70]);
    openSnapshots.supersede(0, 70);
    expect([part.held(), openSnapshots.held()]).toEqual([100, 100]);
    part.release();
    expect(openSnapshots.held()).toBe(0);
  });

  it('closes when too much is held, and notifies late listeners at once', () => {
    const openSnapshots = createOpenSnapshots(createRetention({ most: 10 }));
    const one = openSnapshots.open();
    const heard: string[] = [];
    one.onCut(() => heard.push('no more'))();
    one.onCut(() => heard.push('early'));
    openSnapshots.supersede(0, 11);
    openSnapshots.retention.look();
    one.onCut(() => heard.push('late'));
    one.narrow(() => 11);
    expect(heard).toEqual(['early', 'late']);
    expect([openSnapshots.held(), openSnapshots.readers]).toEqual([0, 0]);
  });

  it('is nothing of what came after them', () => {
    const openSnapshots = createOpenSnapshots(createRetention());
    openSnapshots.open();
    openSnapshots.supersede(openSnapshots.generation, 70);
    expect(openSnapshots.held()).toBe(0);
  });

  it('is in the graph what its readers began with and what stands there no more', () => {
    let held = 0;
    fc.assert(
      fc.property(fc.array(fc.tuple(step, fc.boolean()), { maxLength: 60 }), (steps) => {
        const graph = createGraph();
        const world = createWorld(graph);
        const { engine } = graph;
        const open: { release(): void; readonly texts: ReadonlySet<Version | Block> }[] = [];
        const texts = () => {
          const snapshot = capture(engine);
          const all = new Set([...entriesOf(snapshot)].flatMap(({ version, out }) => [version, ...out]));
          return { texts: all, release: snapshot.release };
        };
        for (const [n, [each, reads]] of steps.entries()) {
          if (reads) open.push(texts());
          if (n % 5 === 4) open.shift()?.release();
          world.run(each);
        }
        const present = texts();
        present.release();
        const retention = new Set(open.flatMap((one) => [...one.texts]));
        const gone = [...retention].filter((text) => !present.texts.has(text));
        expect(engine.openSnapshots.held()).toBe(gone.reduce((total, text) => total + lengthOf(text), 0));
        held = Math.max(held, engine.openSnapshots.held());
      }),
      { numRuns: 100 },
    );
    expect(held).toBeGreaterThan(1000);
  });
});
