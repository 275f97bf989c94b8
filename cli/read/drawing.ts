// Parses a saved drawing back into its graph: DOT, GEXF and GraphML as written by the master's views. Drawings have no
// properties; GEXF and GraphML have annotations, DOT only the state.
import type { AbstractGraph, Attributes, GraphConstructor } from 'graphology-types';
import { type HealthState, healthStates } from '../../src/health-state.ts';
import { parseId } from '../../src/ids.ts';
import type { Relation, RelationAnnotations, Resource, ResourceAnnotations } from '../../src/model.ts';
import { failed, reasonOf } from '../failure.ts';
import type { GraphAnswer } from '../forms.ts';

type Parse = (constructor: GraphConstructor, text: string, options?: { addMissingNodes?: boolean }) => AbstractGraph;

type Form = 'dot' | 'gexf' | 'graphml';

const parsers = {
  dot: async () => (await import('graphology-dot')).parse as Parse,
  gexf: async () => (await import('graphology-gexf')).parse as Parse,
  graphml: async () => (await import('graphology-graphml')).parse as Parse,
} as const satisfies { readonly [form in Form]: () => Promise<Parse> };

/** By its start, which also works for standard input. Undefined if it is no drawing. */
export function formOfDrawing(text: string): Form | undefined {
  const start = text.slice(0, 1000).trimStart();
  if (/^(strict\s+)?(di)?graph(\s+("[^"]*"|[\w.-]+))?\s*\{/i.test(start)) return 'dot';
  if (!start.startsWith('<')) return undefined;
  if (/<gexf[\s>]/.test(start)) return 'gexf';
  return /<graphml[\s>]/.test(start) ? 'graphml' : undefined;
}

/** @throws Failure if it is unreadable or not from a master. */
export async function graphOfDrawing(text: string, form: Form, path: string): Promise<GraphAnswer> {
  // The parsers print complaints about truncated texts to the console.
  if (!/(\}|<\/(gexf|graphml)>)\s*$/.test(text)) throw failed(`${path}: it is a part of a drawing: its end is missing`);
  const [parse, { MultiDirectedGraph, MultiGraph }] = await Promise.all([parsers[form](), import('graphology')]);
  // GEXF without edges does not tell its direction.
  const constructor = form === 'gexf' ? MultiGraph : MultiDirectedGraph;
  const graph = readBy(() => parse(constructor, text, { addMissingNodes: false }), form, path);
  const ids = new Map(graph.mapNodes((key, attributes) => [key, idOf(key, attributes)] as const));
  const strange = [...ids.values()].find((id) => parseId(id).type === '');
  if (strange !== undefined)
    throw failed(
      `${path}: this ${form} is not a drawing of a graph: ${JSON.stringify(strange)} is not an id of a resource`,
    );
  return {
    resources: graph.mapNodes((key, attributes) => resourceOf(ids.get(key) ?? key, attributes)),
    relations: graph.mapEdges((_, attributes, source, target) =>
      relationOf(attributes, ids.get(source) ?? source, ids.get(target) ?? target),
    ),
    drawn: true,
  };
}

function readBy(parse: () => AbstractGraph, form: Form, path: string): AbstractGraph {
  try {
    return parse();
  } catch (error) {
    throw failed(`${path}: it cannot be read as ${form}: ${reasonOf(error)}`, error);
  }
}

/** In GraphML keys of nodes are numbers. */
function idOf(key: string, { id }: Attributes): string {
  return typeof id === 'string' ? id : key;
}

function resourceOf(id: string, { timestamp, ...attributes }: Attributes): Resource {
  const { type, path } = parseId(id);
  const name = path.slice(path.lastIndexOf('/') + 1);
  const annotations = {
    ...standingIn(attributes.tooltip),
    ...notesOf(attributes, ofDrawing.node),
    label: name,
  } as ResourceAnnotations;
  return { id, type, timestamp: timeOf(timestamp), properties: {}, annotations };
}

function relationOf({ timestamp, type, label, ...attributes }: Attributes, source: string, target: string): Relation {
  const named = String(type ?? label ?? '');
  const annotations = { ...tooltipNotes(attributes.tooltip), ...notesOf(attributes, ofDrawing.edge), label: named };
  return {
    type: named,
    timestamp: timeOf(timestamp),
    source,
    target,
    annotations: { rule: '', field: '', ...annotations } satisfies RelationAnnotations,
  };
}

/** Attributes for drawing only, or separate from annotations. */
const ofDrawing = {
  node: new Set(
    ['id', 'type', 'label', 'namespace', 'color', 'size', 'x', 'y', 'z', 'shape', 'style', 'tooltip', 'URL'].concat([
      'fontname',
      'fontcolor',
      'fillcolor',
      'peripheries',
    ]),
  ),
  edge: new Set(['kind', 'color', 'tooltip', 'style', 'fontname', 'fontsize', 'fontcolor', 'weight', 'constraint']),
};

/** Lists and objects are stored as JSON. */
function notesOf(attributes: Attributes, without: ReadonlySet<string>): { readonly [name: string]: unknown } {
  return Object.fromEntries(
    Object.entries(attributes).flatMap(([name, value]) => (without.has(name) ? [] : [[name, valueOf(value)]])),
  );
}

function valueOf(value: unknown): unknown {
  if (typeof value !== 'string' || !/^[[{]/.test(value)) return value;
  try {
    return JSON.parse(value) as unknown;
  } catch {
    return value;
  }
}

/** A DOT tooltip has lines for missing and health. */
function standingIn(tooltip: unknown): Partial<ResourceAnnotations> {
  const lines = String(tooltip ?? '').split('\n');
  const [, state, reason, , field] = lines.map((line) => healthLine.exec(line)).find((found) => found) ?? [];
  return {
    ...(lines.includes('missing') && { missing: true as const }),
    ...(isHealthState(state) && { health: { state, reason: reason ?? '', field: field ?? '' } }),
  };
}

const healthLine = /^([a-z]+): (.*?)( \(([^()]*)\))?$/;

/** The second line of an edge's tooltip has rule and field. */
function tooltipNotes(tooltip: unknown): { readonly rule?: string; readonly field?: string } {
  const [, rule, field] = /\n([\w-]+): (.+)/.exec(String(tooltip ?? '')) ?? [];
  return rule === undefined || field === undefined ? {} : { rule, field };
}

function timeOf(timestamp: unknown): string {
  return typeof timestamp === 'string' && !Number.isNaN(Date.parse(timestamp)) ? timestamp : new Date(0).toISOString();
}

function isHealthState(word: string | undefined): word is HealthState {
  return (healthStates as readonly (string | undefined)[]).includes(word);
}
