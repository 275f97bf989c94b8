// Whether an absent resource is missing or unverified: the state of its kind decides.
import type { EngineOptions } from '../contract.ts';
import type { Vertex } from '../model/vertex.ts';
import type { RemovedResource } from '../revisions/changes.ts';
import type { Absences } from './absences.ts';
import type { Presence, Standing } from './json.ts';
import type { States } from './states.ts';
import { isSure } from './states.ts';

export interface Standings {
  of(vertex: Vertex): Standing;
  /** Ignores whether its absence is expected. */
  presenceOf(vertex: Vertex): Presence;
  /** Whether everything of that type there is known. */
  isKnown(type: string, namespace: string): boolean;
  /** Types whose absence the kind decides: its own, and those without a list of their own. */
  answeredBy(type: string): readonly string[];
}

export function createStandings(options: EngineOptions, states: States, absences: Pick<Absences, 'of'>): Standings {
  const { virtualTypes, hidden, namespaces, answersFor = {} } = options;

  function isSeen(place: RemovedResource): boolean {
    const { type, namespace } = place;
    if (hidden?.(place)) return false;
    if (namespace && namespaces && !namespaces.has(namespace)) return false;
    return isSure(states.of('kinds').get(answersFor[type] ?? type)?.state);
  }

  function presenceOf(vertex: Vertex): Presence {
    if (vertex.present || virtualTypes.has(vertex.type)) return '';
    return isSeen(vertex) ? 'missing' : 'unverified';
  }

  return {
    presenceOf,
    of(vertex) {
      const presence = presenceOf(vertex);
      return presence === 'missing' ? (absences.of(vertex) ?? presence) : presence;
    },
    isKnown: (type, namespace) => isSeen({ type, namespace, id: '' }),
    answeredBy: (type) => [type, ...Object.keys(answersFor).filter((part) => answersFor[part] === type)],
  };
}
