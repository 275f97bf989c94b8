// How far an answer is behind its master, in its headers.
import type { Member } from './member.ts';

/** Of several clusters those of the one that is furthest behind. */
export function lagHeaders(members: readonly Pick<Member, 'replica'>[]): { readonly [name: string]: string } {
  const standings = members.map(({ replica }) => replica.standing());
  const lags = standings.flatMap(({ lag }) => lag ?? []);
  const [staleSince] = standings.flatMap((each) => each.staleSince ?? []).sort();
  return {
    ...(lags.length === 0 ? {} : { 'x-cluster-insight-lag': String(Math.round(Math.max(...lags))) }),
    ...(staleSince === undefined ? {} : { 'x-cluster-insight-stale-since': staleSince }),
  };
}
