// `image of Deployment changes`: a field's value changed. Values are stored in short form, for the rule's types only;
// `object` is everything except status and controllers' fields.
import { digestOf } from '../../../src/digest.ts';
import { isRecord } from '../../../src/fields.ts';
import { every, type Steps } from '../../../src/steps.ts';
import type { Vertex } from '../../graph/model/vertex.ts';
import { type Path, parsePath } from '../../relations/declared/path.ts';
import { rootOf } from '../../topology/root-of.ts';
import type { ParsedChange } from './change-rule.ts';
import type { ChangeWatch, WatchedGraph } from './watch.ts';

type FieldChangeRule = Extract<ParsedChange['change'], { what: 'field' }>;

/** Longer values are stored as digests, in characters. */
const longest = 400;
const mostValues = 50;
/** Maximum objects with stored values per rule. */
const mostObjects = 200_000;
const often = 32;

export function watchFields(
  graph: WatchedGraph,
  { type, field }: FieldChangeRule,
  isIn: (namespace: string) => boolean,
): ChangeWatch {
  const values = new Map<string, string>();
  const path = field === 'object' ? undefined : parsePath(field);
  const read = (vertex: Vertex) => valueOf(JSON.parse(graph.propertiesOf(vertex)), path);

  function note(id: string, value: string): void {
    if (values.size < mostObjects || values.has(id)) values.set(id, value);
  }

  return {
    *begin(): Steps<void> {
      const pause = every(often);
      for (const one of [...graph.counts().keys()].filter((each) => type(each))) {
        for (const namespace of [...graph.namespacesOf(one)].filter(isIn)) {
          for (const vertex of [...graph.members(one, namespace)]) {
            if (!values.has(vertex.id) && vertex.present) note(vertex.id, read(vertex));
            if (pause()) yield;
          }
        }
      }
    },
    isSo: () => true,
    take({ resources, removedResources }, tell) {
      for (const { id } of removedResources) values.delete(id);
      for (const { id, type: one, namespace } of resources) {
        if (!type(one) || !isIn(namespace)) continue;
        const vertex = graph.get(id);
        if (!vertex?.present) {
          values.delete(id);
          continue;
        }
        const before = values.get(id);
        const now = read(vertex);
        note(id, now);
        if (before === undefined || before === now) continue;
        const named = field === 'object' ? undefined : field;
        tell.begin({ on: rootOf(vertex), field: named, affected: [id], words: wordsOf(before, now) });
      }
    },
  };
}

function valueOf(object: unknown, path: Path | undefined): string {
  if (!path) return `#${digestOf(JSON.stringify(ownWords(object)))}`;
  const found: string[] = [];
  path.visit(object, ({ value }) => {
    if (found.length < mostValues) found.push(typeof value === 'string' ? value : JSON.stringify(value));
  });
  const text = found.join(', ');
  return text.length > longest ? `#${digestOf(text)}` : text;
}

function wordsOf(before: string, now: string): string {
  if (before.startsWith('#') || now.startsWith('#')) return 'it is another one';
  return `from ${before === '' ? 'nothing' : before} to ${now === '' ? 'nothing' : now}`;
}

/** Annotation domains of controllers. */
const noted =
  /^(deployment\.kubernetes\.io|autoscaling\.alpha\.kubernetes\.io|control-plane\.alpha\.kubernetes\.io|pv\.kubernetes\.io|volume\.(beta\.)?kubernetes\.io|endpoints\.kubernetes\.io|node\.alpha\.kubernetes\.io|csi\.volume\.kubernetes\.io|kubectl\.kubernetes\.io|meta\.helm\.sh|[\w.-]*argoproj\.io|[\w.-]*fluxcd\.io)\//;

/** The user-written part of an object, with sorted keys. */
function ownWords(object: unknown): unknown {
  if (!isRecord(object)) return object;
  const { status: _, metadata, ...rest } = object;
  if (!isRecord(metadata)) return sorted(rest);
  const { labels, annotations, ownerReferences, finalizers } = metadata;
  const own = isRecord(annotations) ? Object.entries(annotations).filter(([key]) => !noted.test(key)) : [];
  return sorted({ ...rest, metadata: { labels, ownerReferences, finalizers, annotations: Object.fromEntries(own) } });
}

function sorted(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(sorted);
  if (!isRecord(value)) return value;
  const entries = Object.entries(value).filter(([, each]) => each !== undefined);
  return Object.fromEntries(entries.toSorted(([a], [b]) => (a < b ? -1 : 1)).map(([key, each]) => [key, sorted(each)]));
}
