// Words and marks for states and families: colour is never the only sign.
import type { Resource } from '../src/model.ts';

export const states = [
  'failed',
  'missing',
  'degraded',
  'progressing',
  'unknown',
  'unverified',
  'ok',
  'idle',
  'done',
  'absent',
  'none',
] as const;
/** Worst first. */
export type State = (typeof states)[number];

export const marks: { readonly [state in State]: string } = {
  failed: '✕',
  missing: '∅',
  degraded: '▲',
  progressing: '◔',
  unknown: '?',
  unverified: '~',
  ok: '✓',
  idle: '○',
  done: '■',
  absent: '◌',
  none: '',
};

const known = new Set<string>(states);

export function stateOf({ annotations }: Pick<Resource, 'annotations'>): State {
  if (annotations.missing) return 'missing';
  if (annotations.absent) return 'absent';
  if (annotations.unverified) return 'unverified';
  const state = annotations.health?.state ?? 'none';
  return known.has(state) ? (state as State) : 'unknown';
}

export function severity(state: State): number {
  return states.indexOf(state);
}

export function worst(all: Iterable<State>): State {
  let found: State = 'none';
  for (const state of all) if (severity(state) < severity(found)) found = state;
  return found;
}

/** `HTTPRoute` for `HTTPRoute.gateway.networking.k8s.io`: users know kinds without groups. */
export function kindOf(type: string): string {
  // With several clusters an id starts with its cluster, before the colon.
  const own = type.startsWith('@') ? type.slice(type.indexOf('/') + 1) : type;
  return own.split('.', 1)[0] || own;
}

const uncountable = /(Endpoints|Ingress)$/;

/** `3 Pods`, `2 Ingresses`, `1 Pod`. */
const groupPrefix = 'ResourceGroup:';

/** The key of a group by its id. */
export function groupKey(id: string): string {
  return id.slice(groupPrefix.length);
}

/** What a group is called; that of resources without the property by what they lack. */
export function groupTitle(id: string, label: string, by: string): string {
  if (groupKey(id) !== '') return label || groupKey(id);
  if (by === 'cluster') return 'Shared by clusters';
  return by === 'namespace' ? 'Outside of namespaces' : `No ${by.replace('label:', 'label ')}`;
}

export function counted(count: number, kind: string): string {
  if (count === 1) return `1 ${kind}`;
  if (kind.endsWith('Endpoints')) return `${count} ${kind}`;
  if (uncountable.test(kind) || /(s|x|ch|sh)$/.test(kind)) return `${count} ${kind}es`;
  return /[^aeiou]y$/.test(kind) ? `${count} ${kind.slice(0, -1)}ies` : `${count} ${kind}s`;
}

/** The namespace in an id; empty if cluster-scoped. */
export function namespaceOf(id: string): string {
  const rest = id.slice(id.indexOf(':') + 1);
  const slash = rest.indexOf('/');
  return slash < 0 || id.startsWith('Image:') ? '' : rest.slice(0, slash);
}

/** The last part of an id, its usual name. */
export function nameOf(id: string): string {
  const rest = id.slice(id.indexOf(':') + 1);
  return rest.slice(rest.indexOf('/') + 1) || id;
}

/** The cluster in an id of a fleet; empty if there is only one. */
export function clusterOf(id: string): string {
  const part = id.startsWith('@') ? id.slice(1, id.indexOf('/')) : '';
  try {
    return decodeURIComponent(part);
  } catch {
    return part;
  }
}
