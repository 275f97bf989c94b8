// What a caller may know of the state of a source. Pure.
import type { SourceState } from '../../../src/model.ts';
import { cutFamily } from '../../graph/engine/cut-relations.ts';
import type { Rights } from '../auth/rights.ts';

/** The reason shown for a kind that this caller sees in part. */
const inPart = 'as far as the caller may list it';
const notAtAll = 'the caller may not list it';
/** The cluster's own reader may not list it either. */
const notByUs = 'it may not be listed';
/** The API server tells every known caller what it serves. */
const ofTheApi: ReadonlySet<string> = new Set(['groups', 'leftOut']);

/** Sources of resources other than the API server reveal where the cluster runs. Each graph says itself what it cut. */
export function mayKnowSources(family: string, rights: Rights): boolean {
  if (family === cutFamily) return false;
  return family === 'kinds' || ofTheApi.has(family) || seesNodes(rights);
}

/** Call for families that the caller may know. */
export function visibleState(family: string, name: string, state: SourceState, rights: Rights): SourceState {
  if (family === 'kinds') return stateOfKind(name, state, rights);
  return ofTheApi.has(family) ? withoutReason(state, rights) : state;
}

function stateOfKind(type: string, state: SourceState, rights: Rights): SourceState {
  const extent = rights.extentOf(type);
  if (extent === 'all' || state.state === 'absent' || state.state === 'excluded') return state;
  if (extent === 'none')
    return { state: 'forbidden', since: state.since, reason: state.state === 'forbidden' ? notByUs : notAtAll };
  // The cluster's own reason may name namespaces.
  return { state: state.state, since: state.since, reason: inPart };
}

/** Error messages may contain addresses and users. */
function withoutReason({ state, since, reason }: SourceState, rights: Rights): SourceState {
  return seesNodes(rights) && reason !== undefined ? { state, since, reason } : { state, since };
}

function seesNodes(rights: Rights): boolean {
  return rights.extentOf('Node') === 'all';
}
