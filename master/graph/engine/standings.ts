// Whether what is named but not there is missing, or not known to be: that depends on how its kind stands.
import type { EngineOptions } from '../contract.ts';
import type { Vertex } from '../model/vertex.ts';
import type { Standing } from './json.ts';
import type { States } from './states.ts';
import { isSure } from './states.ts';

export interface Standings {
  of(vertex: Vertex): Standing;
  /** The types whose absence the kind answers for: its own, and those that have no list of their own. */
  answeredBy(type: string): readonly string[];
}

export function createStandings(options: EngineOptions, states: States): Standings {
  const { virtualTypes, hidden, namespaces, answersFor = {} } = options;
  return {
    of(vertex) {
      if (vertex.present || virtualTypes.has(vertex.type)) return '';
      if (hidden?.(vertex)) return 'unverified';
      if (vertex.namespace && namespaces && !namespaces.has(vertex.namespace)) return 'unverified';
      const state = states.of('kinds').get(answersFor[vertex.type] ?? vertex.type)?.state;
      return isSure(state) ? 'missing' : 'unverified';
    },
    answeredBy: (type) => [type, ...Object.keys(answersFor).filter((part) => answersFor[part] === type)],
  };
}
