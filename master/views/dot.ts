// The graph as DOT for Graphviz: the statements and colours of 2015, one per line, with a frame per namespace.
// graphology-dot writes no subgraphs and does not quote reserved words; tests only use it to parse the result.
import type { Relation, Resource } from '../../src/model.ts';
import { printable } from '../../src/printable.ts';
import { groupedInSteps } from '../../src/steps.ts';
import { displayLabel, fieldOf, titleOf } from './parts/display.ts';
import { healthMark, healthSentence } from './parts/health.ts';
import { keysOf } from './parts/keys.ts';
import { resourceUrl } from './parts/link.ts';
import { namespaceOf } from './parts/namespace.ts';
import { colourOf } from './parts/palette.ts';
import type { Pieces, View, ViewGraph, ViewOptions } from './view.ts';

export const dot = {
  name: 'dot',
  preference: 1,
  mediaTypes: ['text/vnd.graphviz'],
  extension: 'dot',
  limit: { resources: 20_000, relations: 60_000 },
  *write(graph: ViewGraph, options: ViewOptions = {}): Pieces {
    const keys = yield* keysOf(graph.resources.map(({ id }) => id));
    yield 'digraph {\n';
    yield `graph [label=${text(captionOf(graph))},rankdir=LR,newrank=true,overlap=prism,tooltip=" "]\n`;
    yield 'node [fontname="Helvetica",shape=box,style=rounded]\n';
    yield 'edge [fontname="Helvetica",fontsize=10]\n';
    const byNamespace = yield* groupedInSteps(graph.resources, ({ id }) => namespaceOf(id));
    for (const resource of byNamespace.get(undefined) ?? []) yield nodeStatement(resource, keys, options);
    for (const namespace of [...byNamespace.keys()].filter((name) => name !== undefined).sort()) {
      yield `subgraph ${quoted(`cluster_${namespace}`)} {\ngraph [label=${text(namespace)}]\n`;
      for (const resource of byNamespace.get(namespace) ?? []) yield nodeStatement(resource, keys, options);
      yield '}\n';
    }
    for (const relation of graph.relations) yield edgeStatement(relation, keys);
    yield '}\n';
  },
} as const satisfies View;

function captionOf({ clusterName, timestamp, revision, note }: ViewGraph): string {
  return `${clusterName ? `${clusterName}, ` : ''}revision ${revision}, ${timestamp}${note ? `\n${note}` : ''}`;
}

function nodeStatement(resource: Resource, keys: ReadonlyMap<string, string>, { baseUrl }: ViewOptions): string {
  const { id, type, annotations } = resource;
  const health = healthMark(resource);
  const said = healthSentence(resource);
  const attributes = [
    `label=${text(health ? `${titleOf(resource)}\n${health.word}` : titleOf(resource))}`,
    `color=${colour(colourOf(type))}`,
    `tooltip=${text(`${type} ${displayLabel(annotations)}\n${id}${annotations.missing ? '\nmissing' : annotations.absent ? `\n${annotations.absent}, not there` : ''}${said ? `\n${said}` : ''}`)}`,
    `URL=${text(resourceUrl(id, baseUrl))}`,
  ];
  if (annotations.missing || annotations.absent) attributes.push('style="rounded,dashed"');
  else if (annotations.unverified) attributes.push('style="rounded,dotted"');
  else if (health)
    attributes.push('style="rounded,filled"', `fillcolor="${health.tint}"`, `fontcolor="${health.colour}"`);
  return `${quoted(keys.get(id) ?? id)}[${attributes.join(',')}]\n`;
}

function edgeStatement(relation: Relation, keys: ReadonlyMap<string, string>): string {
  const { source, target, type, annotations } = relation;
  const { rule, missing, unverified } = annotations;
  const attributes = [
    `label=${text(type)}`,
    `tooltip=${text(`${source} ${type} ${target}\n${rule}: ${fieldOf(relation)}`)}`,
  ];
  if (missing) attributes.push('style=dashed');
  else if (unverified) attributes.push('style=dotted');
  return `${quoted(keys.get(source) ?? source)}->${quoted(keys.get(target) ?? target)}[${attributes.join(',')}]\n`;
}

/** An ID. Graphviz keeps both backslashes of a pair; a single one could hide the closing quote. */
function quoted(id: string): string {
  return `"${id.replace(/[\\"]/g, '\\$&')}"`;
}

/** Displayed text: escapes `\N` and `&lt;`, which have a meaning there. Line ends stay. */
function text(value: string): string {
  const lines = value.split('\n').map((line) => printable(line).replace(/[\\"]/g, '\\$&'));
  return `"${lines.join('\\n').replace(/&(?=#?[A-Za-z0-9]+;)/g, '&amp;')}"`;
}

function colour(name: string): string {
  return name.startsWith('#') ? `"${name}"` : name;
}
