// The whole cluster as tiles, one per group: namespaces, nodes, zones, types, applications or values of a label.
import type { Relation, Resource } from '../../src/model.ts';
import type { Answer } from '../model.ts';
import { type Card, type Line, mostCards } from '../rollup/card.ts';
import { cut } from '../rollup/rollup.ts';
import { inSections } from '../rollup/sections.ts';
import type { ViewState } from '../state/view-state.ts';
import { counted, groupKey, groupTitle, kindOf, type State, severity, states } from '../words.ts';
import { kindsText } from './applications.ts';
import { type Ask, query, type View } from './view.ts';

const tileHeight = 82;
/** Where there are more, the namespaces of the others take the rest of the picture. */
const mostApplications = 1000;
const prefix = 'ResourceGroup:';
export const labelPrefix = 'label:';
/** Requested one by one if the groups do not count states. */
const asked = ['failed', 'degraded', 'progressing'] as const;

interface GroupProperties {
  readonly key?: string;
  readonly resources?: number;
  readonly missing?: number;
  readonly types?: { readonly [type: string]: number };
  readonly health?: { readonly [state: string]: number };
}

export const wall = {
  name: 'wall',
  title: ({ by }) => `by ${by}`,
  question: ({ by }) => `cluster/groups?${query({ by, limit: limitOf(by) })}`,
  load,
  // Groups of images are counted at each question, and nothing tells of them.
  // Applications may be too many to follow: the worst are asked for again and again.
  stream: ({ by }) => (by === 'image' || limitOf(by) ? undefined : query({ groups: by })),
  direct: true,
  whole: true,
  scene(model, state) {
    const text = state.text.trim().toLowerCase();
    const groups = model.resources().filter(({ annotations }) => annotations.label.toLowerCase().includes(text));
    const cards = groups.map((group) => tileOf(group, state.by)).filter(({ state: its }) => passes(its, state.health));
    const lines = model.relations().flatMap(lineOf);
    const remaining = Number(model.rest['remaining'] ?? 0);
    const sections = (model.rest['sections'] ?? []) as readonly Resource[];
    const leftOut = remaining > 0 && sections.length === 0 ? [leftOutText(remaining)] : [];
    const lanes = [`By ${state.by.replace(labelPrefix, 'label ')}`];
    const all = [...inSections(cards), ...(isNarrowed(state) ? [] : sections.map(namespaceSection))];
    const remark = `Also ${counted(remaining, 'application')} that fare better or are smaller: in the namespaces at the end.`;
    const scene = cut({ form: 'grid', lanes, cards: all, lines, leftOut });
    return { scene: sections.length > 0 ? { ...scene, remark } : scene, memory: {} };
  },
} as const satisfies View;

function leftOutText(remaining: number): string {
  return `${counted(remaining, 'group')}, which fare better or are smaller`;
}

function isNarrowed({ text, health }: ViewState): boolean {
  return text !== '' || health.length > 0;
}

/** Stands for all applications of a namespace. */
function namespaceSection(group: Resource): Card {
  const tile = tileOf(group, 'namespace');
  const { title, order, members, opens } = tile;
  const own = tile.key === prefix ? opens : { view: 'applications', namespace: groupKey(group.id) };
  return {
    ...tile,
    key: `section:${members.join()}`,
    title: `${title} …`,
    order: `\u{10ffff}${order}`,
    opens: own ?? {},
  };
}

/** Undefined for groupings of which a picture shows all, or nearly. */
function limitOf(by: string): string | undefined {
  if (by === 'application') return String(mostApplications);
  return by.startsWith(labelPrefix) ? String(mostCards) : undefined;
}

async function load(state: ViewState, ask: Ask): Promise<Answer> {
  const { by } = state;
  const answer = await ask(wall.question(state));
  if (by === 'application' && Number(answer['remaining'] ?? 0) > 0) {
    const { resources } = await ask(`cluster/groups?${query({ by: 'namespace', relations: 'false' })}`);
    return { ...answer, sections: resources };
  }
  if (answer.resources.some(({ properties }) => (properties as GroupProperties).health !== undefined)) return answer;
  const counts = new Map<string, Map<string, number>>();
  for (const state of asked) {
    const part = await ask(`cluster/groups?${query({ by, health: state, relation: 'none' })}`);
    for (const { id, properties } of part.resources) {
      const known = counts.get(id) ?? new Map<string, number>();
      counts.set(id, known.set(state, (properties as GroupProperties).resources ?? 0));
    }
  }
  const resources = answer.resources.map((group) => ({
    ...group,
    properties: { ...(group.properties as object), health: Object.fromEntries(counts.get(group.id) ?? []) },
  }));
  return { ...answer, resources };
}

function passes(state: State, wanted: readonly string[]): boolean {
  return wanted.length === 0 || wanted.includes(state);
}

function tileOf({ id, annotations, properties }: Resource, by: string): Card {
  const { key = groupKey(id), types = {}, health = {}, missing = 0, resources = 0 } = properties as GroupProperties;
  const bar = new Map<State, number>();
  for (const state of states) if (Number(health[state]) > 0) bar.set(state, Number(health[state]));
  if (missing > 0) bar.set('missing', missing);
  const told = [...bar.values()].reduce((sum, count) => sum + count, 0);
  if (told < resources) bar.set('none', (bar.get('none') ?? 0) + resources - told);
  const sorted = new Map([...bar].sort(([a], [b]) => severity(a) - severity(b)));
  // Missing resources are often intended: alone they do not make a group failed, nor does anything say that it is ok.
  const worstOf = [...sorted.keys()].find((state) => state !== 'none' && state !== 'missing');
  return {
    key: id,
    lane: 0,
    title: groupTitle(id, annotations.label, by),
    kind: by,
    members: [id],
    state: worstOf ?? 'none',
    note: notesOf(types),
    bar: sorted,
    height: tileHeight,
    order: key === '' ? '~' : key,
    opens: isBareCluster(by, types) ? { view: 'around', ...centred(`Cluster:${key}`) } : opened(key, by),
  };
}

const workloads = /^(Pod|Deployment|Service|StatefulSet|DaemonSet|Job|Ingress)$/;

function notesOf(types: { readonly [type: string]: number }): string {
  const all = Object.entries(types).map(([type, count]) => [kindOf(type), count] as const);
  const known = all.filter(([kind]) => workloads.test(kind));
  return kindsText(known.length > 0 ? known : all, 2);
}

/** A cluster that others speak of, or that is called otherwise by who serves it: there is no page of it. */
function isBareCluster(by: string, types: { readonly [type: string]: number }): boolean {
  return by === 'cluster' && Object.keys(types).join() === 'Cluster';
}

function opened(key: string, by: string): { readonly [name: string]: unknown } {
  if (by.startsWith(labelPrefix)) {
    const label = by.slice(labelPrefix.length);
    return { view: 'selection', selector: key === '' ? `!${label}` : `${label}=${key}` };
  }
  if (by === 'namespace' && key === '') return { view: 'selection', fieldSelector: 'metadata.namespace=' };
  // What is on no node is no place of its own: the tile only counts it.
  if (key === '') return {};
  if (by === 'cluster') return { cluster: key };
  if (by === 'type') return { view: 'selection', type: key };
  if (by === 'node') return { view: 'around', ...centred(`Node:${key}`) };
  if (by === 'zone') return { view: 'around', ...centred(`Zone:${key}`) };
  return by === 'application' ? applicationOpened(key) : namespaceOpened(key);
}

function centred(id: string): { readonly id: string; readonly focus: string } {
  return { id, focus: id };
}

/** Among several clusters each name starts with its own. */
function namespaceOpened(key: string): { readonly [name: string]: unknown } {
  const slash = key.lastIndexOf('/');
  if (slash < 0) return { view: 'namespace', namespace: key };
  return { cluster: key.slice(0, slash), view: 'namespace', namespace: key.slice(slash + 1) };
}

function applicationOpened(key: string): { readonly [name: string]: unknown } {
  const parts = key.split('/');
  const [name = '', namespace = ''] = [parts.pop(), parts.pop()];
  const cluster = parts.join('/');
  return { ...(cluster === '' ? {} : { cluster }), view: 'lanes', namespace, application: name };
}

function lineOf({ source, target, type, annotations }: Relation): Line[] {
  // Everything is connected with ungrouped resources: such lines are omitted.
  if (source === prefix || target === prefix) return [];
  const count = Number(annotations['count'] ?? 1);
  return [{ key: `${source}\n${type}\n${target}`, source, target, type, family: 'other', count, missing: false }];
}
