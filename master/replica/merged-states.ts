// How the sources of several clusters stand, as one: of a kind the state of the cluster where it stands worst, with its name
// and reason; minions and others under the name of their cluster.
import type { SourceState } from '../../src/model.ts';
import type { GraphReader } from '../graph/engine/engine.ts';

interface Source {
  readonly cluster: string;
  readonly graph: Pick<GraphReader, 'families' | 'sources' | 'order'>;
}

type State = SourceState['state'];

/** The worst first: of what is not known nothing can be said to be missing. */
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

/** A kind that one cluster has and another does not, and names all the same: there nobody looked. */
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

/** Whether it holds any of that type, or names one. */
export function isHeld({ order }: Pick<GraphReader, 'order'>, type: string): boolean {
  return order.types().some((each) => each.type === type && each.leaves.some(({ entries }) => entries.length > 0));
}

function of(cluster: string, { state, since, reason }: SourceState): SourceState {
  return { state, since, ...(reason === undefined ? {} : { reason: `${cluster}: ${reason}` }) };
}

function worseOf(a: SourceState | undefined, b: SourceState): SourceState {
  return a === undefined || worst.indexOf(b.state) < worst.indexOf(a.state) ? b : a;
}
