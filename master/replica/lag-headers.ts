// Response headers that say how far an answer is behind its master.
import type { Member } from './member.ts';

/** For several clusters, the values of the one furthest behind. */
export function lagHeaders(members: readonly Pick<Member, 'replica'>[]): { readonly [name: string]: string } {
  const standings = members.map(({ replica }) => replica.standing());
  const lags = standings.flatMap(({ lag }) => lag ?? []);
  const [staleSince] = standings.flatMap((each) => each.staleSince ?? []).sort();
  return {
    ...(lags.length === 0 ? {} : { 'x-cluster-insight-lag': String(Math.round(Math.max(...lags))) }),
    ...(staleSince === undefined ? {} : { 'x-cluster-insight-stale-since': staleSince }),
  };
}
