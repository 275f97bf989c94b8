// The contract of a view: its query, its stream, and the scene made of the answer.
import type { Answer, ClusterModel } from '../model.ts';
import type { Scene } from '../rollup/card.ts';
import type { ViewName, ViewState } from '../state/view-state.ts';

/** Queries the master. @throws ApiError. */
export type Ask = (path: string) => Promise<Answer>;

/** State passed from one scene of a picture to the next: see rollup/stacks.ts. */
export interface Memory {
  readonly drawn?: ReadonlyMap<string, string>;
}

export interface Seen {
  readonly scene: Scene;
  readonly memory: Memory;
}

export interface View {
  readonly name: ViewName;
  /** Title of the page, without the cluster. */
  readonly title: (state: ViewState) => string;
  /** Path and query of the answer for the scene, which users may request too. */
  readonly question: (state: ViewState) => string;
  /** If one query does not suffice. */
  readonly load?: (state: ViewState, ask: Ask) => Promise<Answer>;
  /** Filter of the change stream; undefined: polls. */
  readonly stream?: (state: ViewState) => string | undefined;
  /** Whether stream changes are applied directly. Otherwise they only trigger a reload. */
  readonly direct?: boolean;
  /** Whether the stream tells everything that is shown: then nothing is asked again while it lasts. */
  readonly whole?: boolean;
  /** Read in rows (see lists/), and not drawn as cards. */
  readonly rows?: true;
  readonly scene: (model: ClusterModel, state: ViewState, memory: Memory) => Seen;
  /** Words of the same query for `kubectl insight`; undefined if there is none. */
  readonly command?: (state: ViewState) => readonly string[] | undefined;
}

/** The properties needed by cards and filters. */
export const cardFields = '/properties/metadata/labels,/properties/metadata/creationTimestamp';

/** A query about a past moment; empty for now. */
export function momentOf(question: string, at: string): string {
  return at === '' ? question : `${question}${question.includes('?') ? '&' : '?'}${query({ at })}`;
}

/** The query that users may repeat. */
export function questionOf(view: Pick<View, 'question'>, state: ViewState): string {
  return momentOf(view.question(state), state.at);
}

export function query(parameters: { readonly [name: string]: string | undefined }): string {
  const pairs = Object.entries(parameters).flatMap(([name, value]) =>
    value === undefined || value === '' ? [] : [[name, value]],
  );
  return new URLSearchParams(pairs).toString();
}
