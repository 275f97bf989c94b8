// What is drawn: cards in lanes, lines between them. Every view makes a scene; layout, map, table and panel read it.
import type { Family } from '../families.ts';
import type { State } from '../words.ts';

export interface Card {
  /** The same for the same thing at all times: owner and kind where several are one card. */
  readonly key: string;
  readonly lane: number;
  readonly title: string;
  readonly kind: string;
  /** Ids of the resources that it stands for; at least one. */
  readonly members: readonly string[];
  readonly state: State;
  /** Why it is in that state, or what is to say beside the kind. */
  readonly note: string;
  /** Of a scene with wide cards: by which relation and field it is there. */
  readonly reason?: string;
  /** Members by state, where it stands for several. */
  readonly bar?: ReadonlyMap<State, number>;
  /** Not part of what the view is about, but connected with it. */
  readonly outside?: boolean;
  /** What it was before, in a picture of differences. */
  readonly fate?: 'added' | 'removed' | 'changed';
  readonly height: number;
  /** Cards without lines, and those of views that are lists, stand in this order. */
  readonly order: string;
  /** Where Enter leads, if elsewhere than around it: changes of the state of the page. */
  readonly opens?: { readonly [name: string]: unknown };
}

export interface Line {
  readonly key: string;
  readonly source: string;
  readonly target: string;
  readonly type: string;
  readonly family: Family;
  /** How many relations it stands for. */
  readonly count: number;
  readonly missing: boolean;
}

export interface Scene {
  readonly form: 'lanes' | 'list' | 'grid';
  readonly lanes: readonly string[];
  readonly cards: readonly Card[];
  /** Also those of families that are switched off: a card that is looked at shows all of its own. */
  readonly lines: readonly Line[];
  /** What was left out, for a person; empty where nothing was. */
  readonly leftOut: readonly string[];
  /** Its cards have a third line: by what they are related. */
  readonly wide?: true;
}

export const cardHeight = 50;
/** No picture has more: what is beyond is counted on the screen. */
export const mostCards = 1500;
export const mostLines = 3000;
