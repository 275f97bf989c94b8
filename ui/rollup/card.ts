// The drawing: cards in lanes, and lines between them. Every view makes a scene; layout, map, table and panel read it.
import type { Family } from '../families.ts';
import type { State } from '../words.ts';

export interface Card {
  /** Constant for the same thing: owner and kind if several resources share the card. */
  readonly key: string;
  readonly lane: number;
  readonly title: string;
  readonly kind: string;
  /** Ids of its resources; at least one. */
  readonly members: readonly string[];
  readonly state: State;
  /** Reason for the state, or a remark beside the kind. */
  readonly note: string;
  /** In a scene with wide cards: the relation and field by which it is there. */
  readonly reason?: string;
  /** Members by state, if it has several. */
  readonly bar?: ReadonlyMap<State, number>;
  /** Not part of the view's subject, but connected with it. */
  readonly outside?: boolean;
  /** Its change, in a picture of differences. */
  readonly fate?: 'added' | 'removed' | 'changed';
  readonly height: number;
  /** Sort key for cards without lines, and in lists. */
  readonly order: string;
  /** Target of Enter, if not the surroundings: changes to the page's state. */
  readonly opens?: { readonly [name: string]: unknown };
}

export interface Line {
  readonly key: string;
  readonly source: string;
  readonly target: string;
  readonly type: string;
  readonly family: Family;
  /** Number of its relations. */
  readonly count: number;
  readonly missing: boolean;
}

export interface Scene {
  readonly form: 'lanes' | 'list' | 'grid';
  readonly lanes: readonly string[];
  readonly cards: readonly Card[];
  /** Includes disabled families: a focused card shows all its lines. */
  readonly lines: readonly Line[];
  /** Omissions in words; empty if none. */
  readonly leftOut: readonly string[];
  /** What else is to be said of it. */
  readonly remark?: string;
  /** Cards have a third line: their relation. */
  readonly wide?: true;
  /** Everything is connected with one card: lines of a family run together. */
  readonly trunks?: true;
}

export const cardHeight = 50;
/** Maximum cards in a picture: the excess is counted. */
export const mostCards = 1500;
export const mostLines = 3000;
