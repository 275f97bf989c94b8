// The page's state in the hash of its URL: view, subject, focus, scroll, filters. The same link shows the same picture.
import { type Family, families, usualFamilies } from '../families.ts';
import type { Filter } from '../filter.ts';

export const viewNames = [
  'wall',
  'namespace',
  'applications',
  'lanes',
  'around',
  'impact',
  'path',
  'changes',
  'selection',
  'findings',
  'actions',
] as const;
export type ViewName = (typeof viewNames)[number];

export interface ViewState extends Filter {
  readonly view: ViewName;
  /** Grouping of the wall. */
  readonly by: string;
  readonly namespace: string;
  readonly application: string;
  /** The view's resource. */
  readonly id: string;
  /** The other end of a path. */
  readonly to: string;
  /** Key of the focused card. */
  readonly focus: string;
  /** Id of the resource in the panel, if its card has several. */
  readonly member: string;
  readonly table: boolean;
  readonly families: readonly Family[];
  /** Nodes, volumes, images and other cluster-scoped resources. */
  readonly infrastructure: boolean;
  readonly size: 'full' | 'name' | 'dot';
  readonly x: number;
  readonly y: number;
  /** A past moment; empty for now. */
  readonly at: string;
  /** Two marks, to show their difference. */
  readonly since: string;
  readonly until: string;
  /** Type of the resources of a selection, and selectors of their labels and fields. */
  readonly type: string;
  readonly selector: string;
  readonly fieldSelector: string;
  /** Classes and severities of findings; empty for the usual ones. */
  readonly classes: readonly string[];
  readonly severities: readonly string[];
  /** Names of findings; `*` stands for anything. */
  readonly finding: string;
  /** `true`: only accepted findings; `false`: none. */
  readonly accepted: string;
  /** Grouping of a list. */
  readonly group: string;
}

export const start: ViewState = {
  view: 'wall',
  by: 'namespace',
  namespace: '',
  application: '',
  id: '',
  to: '',
  focus: '',
  member: '',
  table: false,
  families: usualFamilies,
  infrastructure: false,
  size: 'full',
  x: 0,
  y: 0,
  at: '',
  since: '',
  until: '',
  type: '',
  selector: '',
  fieldSelector: '',
  classes: [],
  severities: [],
  finding: '',
  accepted: '',
  group: '',
  kinds: [],
  health: [],
  namespaces: [],
  label: '',
  text: '',
};

const texts = [
  'by',
  'namespace',
  'application',
  'id',
  'to',
  'focus',
  'member',
  'at',
  'since',
  'until',
  'label',
  'text',
  'type',
  'selector',
  'fieldSelector',
  'finding',
  'accepted',
  'group',
] as const;
const lists = ['kinds', 'health', 'namespaces', 'classes', 'severities'] as const;

/** Writes only what differs from the default. */
export function printState(state: ViewState): string {
  const query = new URLSearchParams();
  for (const name of texts) if (state[name] !== start[name]) query.set(name, state[name]);
  for (const name of lists) for (const each of state[name]) query.append(name, each);
  if (state.families.join() !== usualFamilies.join()) query.set('families', state.families.join() || 'none');
  if (state.table) query.set('table', '1');
  if (state.infrastructure) query.set('infrastructure', '1');
  if (state.size !== start.size) query.set('size', state.size);
  if (state.x > 0 || state.y > 0) query.set('scroll', `${state.x},${state.y}`);
  const text = query.toString();
  return `#/${state.view}${text === '' ? '' : `?${text}`}`;
}

/** Invalid parts get defaults: future and foreign links still open something. */
export function parseState(hash: string): ViewState {
  const [path = '', ...rest] = hash.replace(/^#\/?/, '').split('?');
  const query = new URLSearchParams(rest.join('?'));
  const view = viewNames.find((name) => name === path) ?? start.view;
  const read: { -readonly [name in keyof ViewState]?: ViewState[name] } = { view };
  for (const name of texts) read[name] = query.get(name) ?? start[name];
  for (const name of lists) read[name] = query.getAll(name).filter((each) => each !== '');
  const chosen = query.get('families');
  if (chosen !== null) {
    const wanted = chosen.split(',');
    read.families = families.filter((family) => wanted.includes(family));
  }
  const [x, y] = (query.get('scroll') ?? '').split(',').map(pixels);
  const size = query.get('size');
  return {
    ...start,
    ...read,
    table: query.get('table') === '1',
    infrastructure: query.get('infrastructure') === '1',
    size: size === 'name' || size === 'dot' ? size : 'full',
    x: x ?? 0,
    y: y ?? 0,
  };
}

function pixels(text: string): number {
  const number = Math.round(Number(text));
  return number > 0 && number < 1e7 ? number : 0;
}

/** Identifies the picture, whatever the focus: positions are kept for each. */
export function pictureOf(state: ViewState): string {
  return JSON.stringify([
    subjectOf({ ...state, at: '' }),
    state.kinds,
    state.health,
    state.namespaces,
    state.label,
    state.text,
    state.infrastructure,
  ]);
}

/** What is requested from the master. */
export function subjectOf(state: ViewState): string {
  const { view, by, namespace, application, id, to, at, since, until, type, selector, fieldSelector } = state;
  // Findings are narrowed by the master: they may be many.
  const { classes, severities, finding, accepted, kinds, namespaces } = view === 'findings' ? state : start;
  const narrowed = [type, selector, fieldSelector, classes, severities, finding, accepted, kinds, namespaces];
  return JSON.stringify([view, by, namespace, application, id, to, at, since, until, ...narrowed]);
}
