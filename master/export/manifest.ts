// The result of each type in a run: sent with the commit, and summarized in the log.
import type { Timestamp } from '../../src/model.ts';

export type TypeState = 'complete' | 'failed' | 'forbidden';

export interface TypeOutcome {
  readonly state: TypeState;
  /** Objects sent; none for an incomplete type. */
  readonly objects: number;
  /** Why it is incomplete, in words. */
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
  /** All types are complete, all groups answered, and nothing was too large. */
  readonly complete: boolean;
  readonly pages: number;
  /** Set if the graph was sent. */
  readonly relations?: number;
  /** Revision of the graph: changes follow it. */
  readonly revision?: number;
  readonly types: { readonly [type: string]: TypeOutcome };
  /** By `group/version`: why it could not be asked what it serves. */
  readonly unknown: { readonly [group: string]: string };
  /** Too large for a page, not sent. */
  readonly oversize: readonly Oversize[];
}

export function isComplete({ types, unknown, oversize }: Pick<Manifest, 'types' | 'unknown' | 'oversize'>): boolean {
  const states = Object.values(types).every(({ state }) => state === 'complete');
  return states && Object.keys(unknown).length === 0 && oversize.length === 0;
}

/** Existing types that could not be read: otherwise an endpoint would consider them deleted. */
export function failedTypes({ types, unknown }: Pick<Manifest, 'types' | 'unknown'>): string[] {
  const failed = Object.entries(types).filter(([, { state }]) => state === 'failed');
  return [...failed.map(([type]) => type), ...Object.keys(unknown)];
}

/** Maximum named in the log; the manifest has all. */
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
