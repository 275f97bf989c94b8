import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Edge, Vertex } from '../../../../master/graph/model/vertex.ts';
import { capture, entriesOf } from '../../../../master/graph/revisions/snapshot.ts';
import { createGraph } from '../../../support/random-cluster.ts';
import { createWorld, step } from '../../../support/random-steps.ts';

type Engine = ReturnType<typeof createGraph>['engine'];

/** A relation without its claims, which are compared separately. */
const saidBy = ({ row, type, source, target, timestamp }: Edge) => ({ row, type, source, target, timestamp });

/** Everything that readers look at, deeply copied. */
function facts(vertex: Vertex, standing: string, claims: (edge: Edge) => readonly unknown[]) {
  const { id, type, namespace, name, present, label, alternateLabel, labels, fields, annotations, version } = vertex;
  const of = (edges: Iterable<Edge>) =>
    Array.from(edges, (edge) => ({ edge: saidBy(edge), claims: [...claims(edge)] }));
  return {
    ...{ id, type, namespace, name, present, label, alternateLabel, labels, fields, annotations, version, standing },
    in: of(vertex.in),
    out: of(vertex.out.flatMap(({ edges }) => edges)),
  };
}

const everything = ({ engine }: { readonly engine: Engine }): Vertex[] => {
  const snapshot = capture(engine);
  const all = [...entriesOf(snapshot)].map(({ vertex }) => vertex);
  snapshot.release();
  return all;
};

describe('the undo log', () => {
  it('shows the state at its opening, whatever happens afterwards', () => {
    let changed = 0;
    const some = fc.array(step, { minLength: 1, maxLength: 25 });
    fc.assert(
      fc.property(fc.boolean(), fc.nat(2), fc.tuple(some, some, some), some, (recording, ended, between, after) => {
        const graph = createGraph();
        const { engine } = graph;
        if (recording) engine.changes.record();
        const world = createWorld(graph);
        const opened = between.map((steps) => {
          for (const each of steps) world.run(each);
          // The snapshot must keep the lists of relations.
          const [snapshot, undoLog] = [capture(engine), engine.undoLogs.open()];
          const seen = everything(graph).map((vertex) => {
            const was = facts(vertex, engine.standingOf(vertex), ({ claims }) => claims);
            return { vertex, was, list: vertex.in, edges: Array.from(vertex.in, saidBy) };
          });
          return { snapshot, undoLog, seen };
        });
        // One reader ends before the others: what they keep stays whole.
        const [gone] = opened.splice(ended, 1);
        gone?.undoLog.close();
        gone?.snapshot.release();
        for (const each of after) world.run(each);
        for (const { snapshot, undoLog, seen } of opened) {
          for (const { vertex, was, list, edges } of seen) {
            expect(facts(undoLog.of(vertex), undoLog.standingOf(vertex), undoLog.claimsOf)).toEqual(was);
            // A caller may keep what it got.
            expect(Array.from(list, saidBy)).toEqual(edges);
            if (undoLog.of(vertex) !== vertex) changed++;
          }
          undoLog.close();
          snapshot.release();
        }
      }),
      { numRuns: 300 },
    );
    expect(changed).toBeGreaterThan(500);
  });

  it('costs nothing once it is closed', () => {
    const graph = createGraph();
    const world = createWorld(graph);
    for (const each of fc.sample(step, { seed: 7, numRuns: 60 })) world.run(each);
    const undoLog = graph.engine.undoLogs.open();
    undoLog.close();
    const all = everything(graph);
    for (const each of fc.sample(step, { seed: 8, numRuns: 60 })) world.run(each);
    for (const vertex of all) expect(undoLog.of(vertex)).toBe(vertex);
  });
});
