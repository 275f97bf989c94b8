// The contract of a tool: what it is asked with, what its rows are, and in what order. Bytes are counted elsewhere.
import type { Static, TObject, TProperties } from 'typebox';
import type { Steps } from '../../../src/steps.ts';
import type { RouteContext } from '../../routes/route.ts';

export type Context = Pick<RouteContext, 'graph' | 'typesNamed' | 'history' | 'series' | 'now' | 'findings'>;

/** Flat, keys in one order, nothing absent as null. Texts of the cluster have been through `shown` or `shownId`. */
export interface Row {
  readonly [name: string]: string | number | boolean | readonly string[];
}

/** A call that goes on from an answer. */
export interface NextCall {
  readonly tool: string;
  readonly arguments: { readonly [name: string]: string | number };
  /** Words of ours alone. */
  readonly why: string;
}

/** What a tool found, at one revision: rows are made when they are wanted, as long as it is not released. */
export interface Found {
  readonly revision: number;
  readonly timestamp: string;
  /** JSON text. */
  readonly completeness: string;
  /** What the rows are of, before any of them: counts, what is worst, exceptions. Bounded by the tool. */
  readonly summary: { readonly [name: string]: Row[string] | { readonly [name: string]: number } };
  /** How many rows there are. */
  readonly total: number;
  row(index: number): Row;
  readonly next?: readonly NextCall[];
  release(): void;
}

export interface Tool {
  readonly name: string;
  readonly title: string;
  /** For a model: what it answers, and when to take it. */
  readonly description: string;
  /** Its parameters, besides those of every tool. */
  readonly parameters: TProperties;
  /** The fields of a row. */
  readonly row: TProperties;
  /** Bytes of an answer, where the call says no other number. */
  readonly budget: number;
  /** One line of text that says all that the row says, texts of the cluster in double quotes. */
  line(row: Row): string;
  /** In steps what is asked of the graph, as a promise what others find out. @throws Fault, for what cannot be answered. */
  answer(asked: unknown, context: Context): Steps<Found> | Promise<Found>;
}

/** A tool whose parameters are checked where it is defined. */
export function toolOf<P extends TProperties>(
  tool: Omit<Tool, 'answer' | 'parameters'> & {
    readonly parameters: P;
    answer(asked: Static<TObject<P>>, context: Context): Steps<Found> | Promise<Found>;
  },
): Tool {
  return { ...tool, answer: (asked, context) => tool.answer(asked as Static<TObject<P>>, context) };
}
