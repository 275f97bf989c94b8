// Joins the gaps in the histories of several clusters.
import type { SourceState } from '../../src/model.ts';
import type { HistoryOverview } from '../history/history.ts';
import type { Gap } from '../history/records.ts';
import type { Told } from './ask-members.ts';

/** The gaps of all clusters, each with its cluster. Clusters that could not answer have a gap of the whole span. */
export function gapsOf(
  found: readonly Told<{ readonly gaps: readonly Gap[] }>[],
  from: string,
  to: string,
): readonly Gap[] {
  return found.flatMap((each): readonly Gap[] => {
    const { cluster } = each;
    if ('told' in each) return each.told.gaps.map((gap) => ({ ...gap, cluster }));
    return [{ from, to, reason: 'not_kept', cluster }];
  });
}

/** The gaps of clusters that have no graph of that moment. */
export function unkept(clusters: ReadonlyMap<string, SourceState>, from: string, to: string): readonly Gap[] {
  const unknown = [...clusters].filter(([, { state }]) => state !== 'synced');
  return unknown.map(([cluster]) => ({ from, to, reason: 'not_kept', cluster }));
}

/** The gap before the recording of a cluster began. */
export function beginning(cluster: string, from: string, { oldestAvailable: to }: HistoryOverview): readonly Gap[] {
  return to !== undefined && to > from ? [{ from, to, reason: 'not_kept', cluster }] : [];
}

/** Each gap once, sorted by its start. */
export function distinct(gaps: readonly Gap[]): readonly Gap[] {
  const known = new Map(gaps.map((gap) => [JSON.stringify(gap), gap]));
  return [...known.values()].sort((a, b) => (a.from < b.from ? -1 : 1));
}
