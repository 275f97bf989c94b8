import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { FiledSet } from '../../../../master/graph/engine/filed-sets.ts';
import { Selectors } from '../../../../master/graph/engine/selectors.ts';
import { compileSelector } from '../../../../master/graph/model/label-selector.ts';
import type { Vertex } from '../../../../master/graph/model/vertex.ts';
import type { KindEnd, LabelsEnd } from '../../../../master/relations/relation.ts';
import type { LabelSelector } from '../../../../src/model.ts';

const namespace = fc.constantFrom('n1', 'n2', 'n3');
const key = fc.constantFrom('app', 'tier', 'team');
const value = fc.constantFrom('x', 'y', 'z');
const labels = fc.dictionary(key, value, { maxKeys: 3, noNullPrototype: true });
const expression = fc.record({
  key,
  operator: fc.constantFrom('In', 'In', 'NotIn', 'Exists', 'DoesNotExist'),
  values: fc.array(value, { minLength: 1, maxLength: 2 }),
});
const selector: fc.Arbitrary<LabelSelector> = fc
  .record({ matchLabels: labels, matchExpressions: fc.array(expression, { maxLength: 2 }) }, { requiredKeys: [] })
  .map(({ matchExpressions = [], ...rest }) => ({
    ...rest,
    matchExpressions: matchExpressions.map(({ values, ...one }) =>
      one.operator.endsWith('In') ? { ...one, values } : one,
    ),
  }));
const namespaces = fc.oneof(
  fc.record({ in: fc.array(namespace, { maxLength: 2 }) }),
  fc.constant({ all: true } as const),
  fc.record({ labels: selector }),
  fc.record({
    labels: fc.record({ matchLabels: fc.record({ 'kubernetes.io/metadata.name': namespace }) }),
  }),
);
const yes = fc.constantFrom(true as const, undefined);
const type = fc.constantFrom('Pod', 'Service');
const end: fc.Arbitrary<LabelsEnd | KindEnd> = fc.oneof(
  { weight: 5, arbitrary: fc.record({ by: fc.constant('labels' as const), type, namespaces, selector }) },
  {
    weight: 5,
    arbitrary: fc
      .record({
        selector,
        namespaces,
        templates: yes,
        orphansOnly: yes,
        phaseNot: fc.constantFrom(['Failed'], undefined),
        names: fc.constantFrom(['a'], undefined, undefined),
        notNames: fc.constantFrom(['b'], undefined, undefined),
      })
      .map((fields) => ({ by: 'labels', type: 'Pod', ...fields }) as LabelsEnd),
  },
  { weight: 1, arbitrary: fc.record({ by: fc.constant('kind' as const), type, namespaces }) },
);
const more = fc.record({
  controlled: fc.boolean(),
  fields: fc.constantFrom({ 'status.phase': 'Running' }, { 'status.phase': 'Failed' }),
});
const step = fc.oneof(
  fc.record({ do: fc.constant('set' as const), end }),
  fc.record({ do: fc.constant('withdraw' as const), nth: fc.nat(9) }),
  fc.record({ do: fc.constant('put' as const), type, namespace, name: fc.constantFrom('a', 'b'), labels, more }),
  fc.record({ do: fc.constant('template' as const), nth: fc.nat(5), labels: fc.option(labels, { nil: undefined }) }),
  fc.record({ do: fc.constant('drop' as const), nth: fc.nat(9) }),
  fc.record({ do: fc.constant('label' as const), namespace, labels: fc.option(labels, { nil: undefined }) }),
);

type Step = typeof step extends fc.Arbitrary<infer T> ? T : never;

/** The owner of a set. */
interface Owner {
  readonly end: LabelsEnd | KindEnd;
}

/** The indexes, with plain lists of everything they were given. */
function createWorld() {
  const vertices = new Map<string, Vertex>();
  const spaces = new Map<string, Vertex>();
  const templates = new Map<Vertex, Vertex['labels']>();
  const sets: FiledSet<Owner>[] = [];
  const all = () => [...vertices.values(), ...spaces.values()];
  const within = (type: string, place: string) =>
    all().filter((vertex) => vertex.type === type && vertex.namespace === place);
  const selectors = new Selectors<Owner>({
    in: within,
    namespacesOf: (type) => new Set(all().flatMap((vertex) => (vertex.type === type ? [vertex.namespace] : []))),
  });

  function renew(of: Map<string, Vertex>, id: string, vertex: Vertex | undefined): void {
    const before = of.get(id);
    if (before) {
      selectors.leave(before);
      selectors.setTemplate(before, undefined);
      templates.delete(before);
    }
    if (vertex) of.set(id, vertex);
    else of.delete(id);
    if (vertex) selectors.enter(vertex);
  }

  function chooses({ owner: { end } }: FiledSet<Owner>, place: string): boolean {
    const wanted = end.namespaces;
    if ('in' in wanted) return wanted.in.includes(place);
    if (!('labels' in wanted)) return true;
    const space = spaces.get(place);
    const named = { 'kubernetes.io/metadata.name': place };
    if (space) return compileSelector(wanted.labels).matches({ ...space.labels, ...named });
    // Of an unseen Namespace only the name is known, and no other label.
    const { matchLabels = {}, matchExpressions = [] } = wanted.labels;
    const keys = [...Object.keys(matchLabels), ...matchExpressions.map(({ key }) => key)];
    return keys.every((key) => key in named) && compileSelector(wanted.labels).matches(named);
  }

  function selects({ owner: { end } }: FiledSet<Owner>, vertex: Vertex): boolean {
    if (end.by === 'kind') return end.type === vertex.type;
    if (end.orphansOnly && vertex.controlled) return false;
    if (!(end.names ?? [vertex.name]).includes(vertex.name) || end.notNames?.includes(vertex.name)) return false;
    const { matches } = compileSelector(end.selector);
    if (end.templates) return templates.has(vertex) && matches(templates.get(vertex));
    return (
      end.type === vertex.type && !end.phaseNot?.includes(vertex.fields['status.phase'] ?? '') && matches(vertex.labels)
    );
  }

  return { selectors, vertices, spaces, templates, sets, renew, chooses, selects, within };
}

function vertexOf(type: string, place: string, name: string, labels: Vertex['labels'], more?: object): Vertex {
  const vertex = {
    id: `${type}:${place}/${name}`,
    type,
    namespace: place,
    name,
    labels,
    present: true,
    controlled: false,
    fields: {},
  };
  return { ...vertex, ...more } as Vertex;
}

const ids = (found: Iterable<Vertex>) => Array.from(found, ({ id }) => id).sort();

function run(world: ReturnType<typeof createWorld>, one: Step): void {
  const { selectors, vertices, spaces, templates, sets, renew, chooses } = world;
  if (one.do === 'set') {
    sets.push(selectors.add(one.end, { end: one.end }));
  } else if (one.do === 'withdraw') {
    for (const set of sets.splice(one.nth, 1)) selectors.remove(set);
  } else if (one.do === 'put') {
    const vertex = vertexOf(one.type, one.namespace, one.name, one.labels, one.more);
    renew(vertices, vertex.id, vertex);
  } else if (one.do === 'template') {
    const vertex = [...vertices.values()][one.nth];
    if (!vertex) return;
    selectors.setTemplate(vertex, one.labels);
    if (one.labels) templates.set(vertex, one.labels);
    else templates.delete(vertex);
  } else if (one.do === 'drop') {
    const id = [...vertices.keys()][one.nth];
    if (id) renew(vertices, id, undefined);
  } else {
    const before = sets.map((set) => chooses(set, one.namespace));
    renew(spaces, one.namespace, one.labels && vertexOf('Namespace', '', one.namespace, one.labels));
    const changed = selectors.rechoose(one.namespace, one.labels);
    sets.forEach((set, i) => {
      const now = chooses(set, one.namespace);
      expect(changed.get(set)).toBe(now === before[i] ? undefined : now);
    });
  }
}

describe('the indexes of selectors', () => {
  it('find the same as trying every set on every vertex, after any steps', () => {
    fc.assert(
      fc.property(fc.array(step, { maxLength: 40 }), (steps) => {
        const world = createWorld();
        for (const each of steps) run(world, each);
        const { selectors, vertices, sets, chooses, selects, within } = world;
        for (const vertex of vertices.values()) {
          const found = selectors.setsOf(vertex);
          expect(new Set(found).size).toBe(found.length);
          const plain = sets.filter((set) => selects(set, vertex) && chooses(set, vertex.namespace));
          expect(new Set(found)).toEqual(new Set(plain.map(({ owner }) => owner)));
        }
        for (const set of sets) {
          const all = [...vertices.values()].filter((vertex) => selects(set, vertex));
          expect(ids(selectors.matchesOf(set))).toEqual(ids(all.filter((each) => chooses(set, each.namespace))));
          for (const place of ['n1', 'n2', 'n3']) {
            const here = ['Pod', 'Service'].flatMap((type) => within(type, place)).filter((each) => selects(set, each));
            expect(ids(selectors.matchesIn(set, place))).toEqual(ids(here));
          }
        }
      }),
      { numRuns: 1000 },
    );
  });
});
