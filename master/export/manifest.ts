// What came of each type in one run: sent along with the commit, and said in one line of the log.
import type { Timestamp } from '../../src/model.ts';

export type TypeState = 'complete' | 'failed' | 'forbidden';

export interface TypeOutcome {
  readonly state: TypeState;
  /** Objects that were sent. Of a type that is not complete none is. */
  readonly objects: number;
  /** Why it is not complete, for a person. */
  readonly reason?: string;
}

export interface Oversize {
  readonly id: string;
  readonly bytes: number;
}

export interface Manifest {
  readonly format: 'cluster-insight-export/1';
  readonly run: string;
  readonly cluster: { readonly id: string; readonly uid: string };
  readonly started: Timestamp;
  readonly finished: Timestamp;
  /** Every type is, every group said what it serves, and nothing was too large. */
  readonly complete: boolean;
  readonly pages: number;
  /** Where the graph was sent. */
  readonly relations?: number;
  /** Of the graph that was sent: what changes follow. */
  readonly revision?: number;
  readonly types: { readonly [type: string]: TypeOutcome };
  /** By `group/version`: why it did not say what it serves. */
  readonly unknown: { readonly [group: string]: string };
  /** Too large for a page: not sent. */
  readonly oversize: readonly Oversize[];
}

export function isComplete({ types, unknown, oversize }: Pick<Manifest, 'types' | 'unknown' | 'oversize'>): boolean {
  const states = Object.values(types).every(({ state }) => state === 'complete');
  return states && Object.keys(unknown).length === 0 && oversize.length === 0;
}

/** Types that could not be read though they are there: an endpoint that is not told takes them for gone. */
export function failedTypes({ types, unknown }: Pick<Manifest, 'types' | 'unknown'>): string[] {
  const failed = Object.entries(types).filter(([, { state }]) => state === 'failed');
  return [...failed.map(([type]) => type), ...Object.keys(unknown)];
}

/** So many are named in the log; the manifest names all. */
const mostNamed = 5;

/** One sentence: what was sent, and what was not. */
export function sentenceOf({ types, unknown, oversize, pages, relations }: Manifest): string {
  const all = Object.entries(types);
  const complete = all.filter(([, { state }]) => state === 'complete');
  const objects = complete.reduce((sum, [, one]) => sum + one.objects, 0);
  const graph = relations === undefined ? '' : ` and ${relations} relations`;
  const sent = `${objects} objects of ${complete.length} types${graph} sent in ${pages} pages`;
  const gaps = [
    ...(['forbidden', 'failed'] as const).map((state) =>
      listed(
        state,
        all.filter(([, one]) => one.state === state).map(([type]) => type),
      ),
    ),
    listed('not discovered', Object.keys(unknown)),
    listed(
      'too large',
      oversize.map(({ id }) => id),
    ),
  ].filter((text) => text !== '');
  return gaps.length === 0 ? `${sent}, nothing left out` : `${sent}; not sent: ${gaps.join('; ')}`;
}

function listed(word: string, names: readonly string[]): string {
  if (names.length === 0) return '';
  const more = names.length > mostNamed ? ` and ${names.length - mostNamed} more` : '';
  return `${word}: ${names.slice(0, mostNamed).join(', ')}${more}`;
}
