// The boxes, frames and lines of a graph's picture, before layout.
import type { Relation, Resource } from '../../../src/model.ts';
import type { Plan } from '../layout/layout.ts';
import { displayLabel } from '../parts/display.ts';
import { type HealthMark, healthMark } from '../parts/health.ts';
import { namespaceOf } from '../parts/namespace.ts';
import type { ViewGraph } from '../view.ts';
import { fitted, widthOf } from './text.ts';

export interface Box {
  readonly resource: Resource;
  /** The line above the name. */
  readonly caption: string;
  readonly label: string;
  readonly width: number;
  readonly height: number;
  /** Set if there is a problem. */
  readonly health: HealthMark | undefined;
}

export interface Frame {
  readonly namespace: string;
  readonly boxes: readonly number[];
}

export interface Line {
  readonly relation: Relation;
  readonly from: number;
  readonly to: number;
  readonly label: string;
}

export interface Scene {
  readonly boxes: readonly Box[];
  readonly frames: readonly Frame[];
  readonly lines: readonly Line[];
}

// With more labels the lines are hidden by words.
const mostLabels = 150;

/** A Namespace whose frame shows all its relations has no box. */
export function sceneOf({ resources, relations }: ViewGraph): Scene {
  const framed = new Set(resources.map(({ id }) => namespaceOf(id)));
  const shown = relations.filter((relation) => !isFrame(relation, framed));
  const ends = new Set(shown.filter((relation) => !isClusterOf(relation, framed)).flatMap(endsOf));
  const boxed = resources.filter(({ id }) => !framed.has(namespaceNamed(id)) || ends.has(id));
  const indexes = new Map(boxed.map(({ id }, i) => [id, i]));
  const drawn = shown.filter(({ source, target }) => indexes.has(source) && indexes.has(target));
  return {
    boxes: boxed.map(boxOf),
    frames: framesOf(boxed),
    lines: drawn.map((relation) => ({
      relation,
      from: indexes.get(relation.source) as number,
      to: indexes.get(relation.target) as number,
      label: drawn.length > mostLabels ? '' : fitted(relation.type, 24),
    })),
  };
}

export function planOf({ boxes, frames, lines }: Scene): Plan {
  return {
    boxes: boxes.map(({ width, height }) => ({ width, height })),
    frames: frames.map(({ namespace, boxes }) => ({ titleLength: namespace.length, boxes })),
    lines: lines.map(({ from, to, label }) => ({ from, to, labelLength: label.length })),
  };
}

function isFrame({ source, type, target }: Relation, framed: ReadonlySet<string | undefined>): boolean {
  const namespace = namespaceNamed(source);
  return type === 'contains' && framed.has(namespace) && namespaceOf(target) === namespace;
}

function isClusterOf({ source, type, target }: Relation, framed: ReadonlySet<string | undefined>): boolean {
  return type === 'contains' && source.startsWith('Cluster:') && framed.has(namespaceNamed(target));
}

/** The namespace in a Namespace's id; for other ids an impossible name. */
function namespaceNamed(id: string): string {
  return id.startsWith('Namespace:') ? id.slice('Namespace:'.length) : '/';
}

function endsOf({ source, target }: Relation): [string, string] {
  return [source, target];
}

function framesOf(boxed: readonly Resource[]): Frame[] {
  const members = new Map<string, number[]>();
  for (const [i, { id }] of boxed.entries()) {
    const namespace = namespaceOf(id);
    if (namespace === undefined) continue;
    const list = members.get(namespace);
    if (list) list.push(i);
    else members.set(namespace, [i]);
  }
  return [...members].sort(([a], [b]) => (a < b ? -1 : 1)).map(([namespace, boxes]) => ({ namespace, boxes }));
}

function stateOf({ missing, absent, unverified }: Resource['annotations']): string {
  if (missing) return ', missing';
  if (absent) return `, not there (${absent})`;
  return unverified ? ', not looked for' : '';
}

function boxOf(resource: Resource): Box {
  const { type, annotations } = resource;
  const state = stateOf(annotations);
  const health = state ? undefined : healthMark(resource);
  const word = health ? `, ${fitted(health.word, 36)}` : '';
  const caption = `${fitted(type, 36)}${state}${word}${annotations.stale ? ', stale' : ''}`;
  const label = fitted(displayLabel(annotations), 36);
  const width = Math.max(72, Math.ceil(Math.max(widthOf(caption, 9.5), widthOf(label, 12.5)) + 22));
  return { resource, caption, label, width, height: 36, health };
}
