// Table-driven tests of findings: objects, and what must be found. In addition each proof is checked against the graph, each
// field is replaced by something malformed, and the object is examined alone, with nothing else known.
import { describe, expect, test } from 'vitest';
import type { Finding } from '../../master/findings/contract.ts';
import type { FindingRule } from '../../master/findings/finding-rule.ts';
import type { KubernetesObject } from '../../src/model.ts';
import { type FindingGraph, type FindingGraphOptions, findingGraph } from './finding-graph.ts';

export interface FindingCase extends FindingGraphOptions {
  /** A sentence: what is found, or why nothing is. */
  readonly says: string;
  readonly objects: readonly KubernetesObject[];
  /** Runs after the first round. */
  readonly afterwards?: (graph: FindingGraph) => void;
  /** Ids of the resources with findings; empty if there must be none. */
  readonly finds: readonly string[];
  /** Further fields of the first finding. */
  readonly and?: Partial<Pick<Finding, 'severity' | 'class' | 'field' | 'possibly'>> & { readonly sentence?: RegExp };
}

export interface FindingCases {
  /** The object itself is sufficient proof: it is found even if nothing else is known. */
  readonly alone?: true;
}

export function findingCases(rule: FindingRule, cases: readonly FindingCase[], { alone }: FindingCases = {}): void {
  const firing = cases.filter(({ finds }) => finds.length > 0);

  describe(rule.name, () => {
    test.each(cases)('$says', (one) => {
      const graph = lookedAt(rule, one);
      const found = graph.found();
      expect(found.map(({ resource }) => resource)).toEqual(one.finds);
      if (one.and) {
        const { sentence, ...rest } = one.and;
        expect(found[0]).toMatchObject(rest);
        if (sentence) expect(found[0]?.sentence).toMatch(sentence);
      }
      expect(graph.problems).toEqual([]);
      for (const finding of found) expect(unprovenOf(finding, graph)).toEqual([]);
    });

    test('has a case in which it is found, and one in which it is not', () => {
      expect(firing.length).toBeGreaterThan(0);
      expect(cases.length).toBeGreaterThan(firing.length);
    });

    test('stands any field of another shape', () => {
      const [one] = firing;
      if (!one) return;
      const graph = lookedAt(rule, one);
      for (const object of one.objects) {
        for (const odd of misshapen(object)) {
          graph.put(odd);
          graph.renew();
        }
        graph.put(object);
      }
      expect(graph.problems).toEqual([]);
      graph.renew();
      for (const finding of graph.found()) expect(unprovenOf(finding, graph)).toEqual([]);
    });

    test(
      alone
        ? 'is found of an object alone: what it says itself is the proof'
        : 'says nothing of what is alone in a graph of which nothing else is known',
      () => {
        const found = firing.flatMap((one) =>
          one.objects.flatMap((object) => lookedAt(rule, { ...one, objects: [object], unknown: 'all others' }).found()),
        );
        if (alone) expect(found.length).toBeGreaterThan(0);
        else expect(found).toEqual([]);
      },
    );
  });
}

function lookedAt(rule: FindingRule, { objects, afterwards, ...options }: FindingCase): FindingGraph {
  const graph = findingGraph(objects, { ...options, rules: [rule] });
  if (afterwards) {
    afterwards(graph);
    graph.renew();
  }
  return graph;
}

/** Steps of its proof that are no relations of the graph, or name another field. */
export function unprovenOf({ path }: Finding, { graph: { engine } }: FindingGraph): unknown[] {
  return path.filter(({ from, to, type, field }) => {
    const edges = engine.get(from)?.out.flatMap(({ edges }) => edges) ?? [];
    const edge = edges.find((each) => each.type === type && each.target.id === to);
    return !edge || (field !== undefined && !engine.edgeText(edge).includes(JSON.stringify(field).slice(1, -1)));
  });
}

const odd: readonly unknown[] = [null, 7, 'text', [null, 7], { name: 7 }];

/** Copies of the object, each with one field replaced by a value of another kind. */
function* misshapen(object: KubernetesObject): Generator<KubernetesObject> {
  let at = 0;
  for (const path of paths(object, [])) {
    if (['kind', 'apiVersion'].includes(path[0] as string) || isIdentity(path)) continue;
    const copy = structuredClone(object);
    const last = path.at(-1) as string;
    const holder = path.slice(0, -1).reduce<Fields>((value, step) => value[step] as Fields, copy as unknown as Fields);
    holder[last] = odd[at++ % odd.length];
    yield copy;
  }
}

function isIdentity(path: readonly string[]): boolean {
  return path[0] === 'metadata' && (path.length === 1 || ['name', 'namespace', 'uid'].includes(path[1] as string));
}

type Fields = { [field: string]: unknown };

function* paths(value: unknown, path: readonly string[]): Generator<readonly string[]> {
  if (path.length > 0) yield path;
  if (typeof value !== 'object' || value === null) return;
  for (const key of Object.keys(value)) yield* paths((value as Fields)[key], [...path, key]);
}
