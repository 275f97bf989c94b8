// Asks the histories of several clusters one question.
import { Fault, fault } from '../../src/errors.ts';
import type { History } from '../history/history.ts';

/** A served cluster and its past; undefined if none is kept. */
export interface MemberPast {
  readonly cluster: string;
  readonly history: History | undefined;
}

/** A cluster's answer, or why there is none. */
export type Told<T> = { readonly cluster: string } & ({ readonly told: T } | { readonly problem: Fault });

/** Faults of a cluster that knows nothing of the moment; the other clusters still answer. */
const leftOut: ReadonlySet<string> = new Set(['history_off', 'history_expired', 'history_damaged']);

/** Asks all clusters at once. @throws Fault of the first if none can answer. */
export async function askMembers<T>(
  members: readonly MemberPast[],
  question: (history: History, cluster: string) => Promise<T>,
): Promise<readonly Told<T>[]> {
  const found = await Promise.all(
    members.map(async ({ cluster, history }): Promise<Told<T>> => {
      try {
        if (history) return { cluster, told: await question(history, cluster) };
        return { cluster, problem: fault('history_off', { reason: `none of ${cluster} is kept here` }) };
      } catch (error) {
        if (error instanceof Fault && leftOut.has(error.code)) return { cluster, problem: error };
        throw error;
      }
    }),
  );
  const problems = found.flatMap((each) => ('problem' in each ? [each.problem] : []));
  if (problems.length === found.length)
    throw problems[0] ?? fault('history_off', { reason: 'no cluster is served yet' });
  return found;
}
