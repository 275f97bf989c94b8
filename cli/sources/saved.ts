// A saved graph, queried through a master's routes. It is returned as saved: nothing is inferred again, and selectors use
// labels and properties only.

import { createRetention } from '../../master/graph/revisions/retention.ts';
import type { Extra } from '../../master/history/extra.ts';
import { PastGraph } from '../../master/history/past-graph.ts';
import { takeApart } from '../../master/history/relation-text.ts';
import type { Chunk } from '../../master/history/segment-load.ts';
import { customKind } from '../../master/kinds/custom.ts';
import { kinds } from '../../master/kinds/index.ts';
import { rules } from '../../master/relations/index.ts';
import { virtualTypes } from '../../master/relations/virtual.ts';
import { createTypeNames } from '../../master/type-names.ts';
import { namespaceOf } from '../../master/views/parts/namespace.ts';
import { isRecord } from '../../src/fields.ts';
import type { Relation, Resource } from '../../src/model.ts';
import type { GraphAnswer } from '../forms.ts';
import { sourceOfGraph } from './in-process.ts';
import type { Source } from './source.ts';

export interface SavedOptions {
  readonly answer: GraphAnswer;
  /** The file, for messages. */
  readonly name: string;
  readonly version: string;
}

export function sourceOfAnswer({ answer, name, version }: SavedOptions): Source {
  const names = createTypeNames(kinds);
  for (const kind of kindsIn(answer.resources)) names.add(kind);
  return sourceOfGraph({ name, namespace: undefined, version, graph: { engine: graphOfAnswer(answer), names } });
}

function graphOfAnswer({ resources, relations, completeness }: GraphAnswer): PastGraph {
  const newest = resources.reduce((latest, { timestamp }) => (timestamp > latest ? timestamp : latest), '');
  const text = JSON.stringify(completeness ?? { complete: false, reason: 'the file does not say what was left out' });
  const graph = new PastGraph({
    moment: { revision: 1, timestamp: newest },
    completeness: { short: text, full: text },
    names: [],
    clusterName: resources.find(({ type }) => type === 'Cluster')?.annotations.label ?? 'saved',
    rules,
    virtualTypes: new Set(Object.keys(virtualTypes)),
    retention: createRetention(),
  });
  run(graph.add(chunkOf(resources, relations)));
  run(graph.link());
  return graph;
}

/** The command has no other work, so it need not pause. */
function run(steps: Iterable<undefined>): void {
  for (const _ of steps) continue;
}

function chunkOf(resources: readonly Resource[], relations: readonly Relation[]): Chunk {
  const bySource = Map.groupBy(relations, ({ source }) => source);
  const words: string[] = [];
  const numbers = new Map<string, number>();
  const numberOf = (word: string) => {
    const known = numbers.get(word);
    if (known !== undefined) return known;
    numbers.set(word, words.length);
    return words.push(word) - 1;
  };
  const outOf = ({ type, timestamp, source, target, annotations }: Relation) => {
    const { at, tail } = takeApart(
      type,
      source,
      target,
      JSON.stringify({ type, timestamp, source, target, annotations }),
    );
    return [numberOf(type), numberOf(target), numberOf(tail), at];
  };
  const rows = new Map(resources.map((each) => [each.id, each]))
    .values()
    .map((resource) => ({ ...rowOf(resource), out: (bySource.get(resource.id) ?? []).flatMap(outOf) }));
  return { words, rows: [...rows] };
}

function rowOf(resource: Resource): Omit<Chunk['rows'][number], 'out'> {
  const { id, type, timestamp, properties, annotations } = resource;
  const namespace = namespaceOf(id) ?? '';
  const before = JSON.stringify({ id, type, timestamp }).slice(0, -1);
  const said = JSON.stringify(properties ?? {});
  const from = Buffer.byteLength(before) + ',"properties":'.length;
  const text = `${before},"properties":${said},"annotations":${JSON.stringify(annotations)}}`;
  const extra: Extra = { ...extraOf(resource, namespace), properties: [from, from + Buffer.byteLength(said)] };
  return { place: { id, type, namespace }, text, extra: JSON.stringify(extra) };
}

function extraOf({ id, type, properties, annotations }: Resource, namespace: string): Omit<Extra, 'properties'> {
  const { metadata, spec, status } = isRecord(properties) ? properties : {};
  const inside = id.slice(type.length + 1 + (namespace === '' ? 0 : namespace.length + 1));
  const { missing, absent, unverified, label, alternateLabel, health, application } = annotations;
  const standing = missing ? 'missing' : (absent ?? (unverified ? 'unverified' : ''));
  return {
    name: inside,
    label,
    there: standing === '',
    ...(standing !== '' && { standing }),
    ...(alternateLabel !== undefined && { alternateLabel }),
    ...(isRecord(metadata) && isRecord(metadata.labels) && { labels: textsIn(metadata.labels) }),
    fields: textsIn({
      'metadata.name': inside,
      'metadata.namespace': namespace === '' ? undefined : namespace,
      'spec.nodeName': isRecord(spec) ? spec.nodeName : undefined,
      'status.phase': isRecord(status) ? status.phase : undefined,
    }),
    ...(health !== undefined && { health }),
    ...(application !== undefined && { application: application as Extra['application'] }),
  } as Omit<Extra, 'properties'>;
}

function textsIn(values: { readonly [name: string]: unknown }): { readonly [name: string]: string } {
  return Object.fromEntries(
    Object.entries(values).flatMap(([name, value]) => (typeof value === 'string' ? [[name, value]] : [])),
  );
}

/** Custom kinds that the answering master knew by discovery. */
function kindsIn(resources: readonly Resource[]) {
  const byType = new Map(resources.map((each) => [each.type, each]));
  return [...byType.values()].flatMap(({ id, type, properties }) => {
    const dot = type.indexOf('.');
    if (dot < 0) return [];
    const [kind, group] = [type.slice(0, dot), type.slice(dot + 1)];
    const version = isRecord(properties) ? String(properties.apiVersion ?? '').split('/')[1] : undefined;
    const namespaced = namespaceOf(id) !== undefined;
    return [customKind({ group, version: version ?? 'v1', kind, plural: `${kind.toLowerCase()}s`, namespaced })];
  });
}
