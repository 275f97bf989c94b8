// Merges the states of several clusters' sources. Each kind gets the worst state of all clusters, with that cluster's name and
// reason; minions and other sources are listed under their cluster's name.
import type { SourceState } from '../../src/model.ts';
import type { GraphReader } from '../graph/engine/engine.ts';

interface Source {
  readonly cluster: string;
  readonly graph: Pick<GraphReader, 'families' | 'sources' | 'order'>;
}

type State = SourceState['state'];

/** Worst first. What is not known to be read cannot be called missing. */
const worst: readonly State[] = [
  'syncing',
  'stale',
  'unknown',
  'forbidden',
  'partly',
  'excluded',
  'polled',
  'synced',
  'absent',
];

export function mergedStates(sources: readonly Source[]): Map<string, Map<string, SourceState>> {
  const merged = new Map<string, Map<string, SourceState>>();
  const inOrder = sources.toSorted((a, b) => (a.cluster < b.cluster ? -1 : 1));
  for (const { cluster, graph } of inOrder)
    for (const family of graph.families()) {
      const states = merged.get(family) ?? new Map<string, SourceState>();
      merged.set(family, states);
      for (const [name, state] of graph.sources(family)) {
        if (family !== 'kinds') states.set(`${cluster}/${name}`, state);
        else states.set(name, worseOf(states.get(name), of(cluster, state)));
      }
    }
  const kinds = merged.get('kinds');
  for (const [name, state] of kinds ?? [])
    for (const each of inOrder) kinds?.set(name, worseOf(kinds.get(name), said(each, name, state)));
  return merged;
}

/** The state of the kind in this cluster. If it does not read the kind: unknown where its resources name it, otherwise absent. */
function said({ cluster, graph }: Source, type: string, { since }: SourceState): SourceState {
  const known = graph.sources('kinds').get(type);
  if (known) return of(cluster, known);
  const isNamed = isHeld(graph, type);
  return {
    state: isNamed ? 'unknown' : 'absent',
    since,
    ...(isNamed ? { reason: `${cluster}: it is not read there` } : {}),
  };
}

/** Whether the graph has or names a resource of the type. */
export function isHeld({ order }: Pick<GraphReader, 'order'>, type: string): boolean {
  return order.types().some((each) => each.type === type && each.leaves.some(({ entries }) => entries.length > 0));
}

function of(cluster: string, { state, since, reason }: SourceState): SourceState {
  return { state, since, ...(reason === undefined ? {} : { reason: `${cluster}: ${reason}` }) };
}

function worseOf(a: SourceState | undefined, b: SourceState): SourceState {
  return a === undefined || worst.indexOf(b.state) < worst.indexOf(a.state) ? b : a;
}
