// The contract of a view: what it asks the master, what it follows, and the scene that it makes of the answer.
import type { Answer, ClusterModel } from '../model.ts';
import type { Scene } from '../rollup/card.ts';
import type { ViewName, ViewState } from '../state/view-state.ts';

/** Asks the master. @throws ApiError. */
export type Ask = (path: string) => Promise<Answer>;

/** What an earlier scene of the same picture leaves for the next: see rollup/stacks.ts. */
export interface Memory {
  readonly drawn?: ReadonlyMap<string, string>;
}

export interface Seen {
  readonly scene: Scene;
  readonly memory: Memory;
}

export interface View {
  readonly name: ViewName;
  /** What the page is called, without the cluster. */
  readonly title: (state: ViewState) => string;
  /** The question whose answer the scene is made of: path and query, as one may ask it oneself. */
  readonly question: (state: ViewState) => string;
  /** Where one question does not do. */
  readonly load?: (state: ViewState, ask: Ask) => Promise<Answer>;
  /** Narrowing of the stream that tells of changes; undefined: the question is asked again from time to time. */
  readonly stream?: (state: ViewState) => string | undefined;
  /** Whether changes of the stream can be applied as they come. Else they say only that it is time to ask again. */
  readonly direct?: boolean;
  /** Whether the stream tells everything that is shown: then nothing is asked again while it lasts. */
  readonly whole?: boolean;
  readonly scene: (model: ClusterModel, state: ViewState, memory: Memory) => Seen;
  /** The same question for `kubectl insight`, its words; undefined where it has none. */
  readonly command?: (state: ViewState) => readonly string[] | undefined;
}

/** What cards and filters need of the properties, and no more. */
export const cardFields = '/properties/metadata/labels,/properties/metadata/creationTimestamp';

/** A question about a moment of the past; empty is now. */
export function momentOf(question: string, at: string): string {
  return at === '' ? question : `${question}${question.includes('?') ? '&' : '?'}${query({ at })}`;
}

/** What may be asked by hand for what is shown. */
export function questionOf(view: Pick<View, 'question'>, state: ViewState): string {
  return momentOf(view.question(state), state.at);
}

export function query(parameters: { readonly [name: string]: string | undefined }): string {
  const pairs = Object.entries(parameters).flatMap(([name, value]) =>
    value === undefined || value === '' ? [] : [[name, value]],
  );
  return new URLSearchParams(pairs).toString();
}
