// The contract of a tool: parameters, rows and their order. Size limits are applied elsewhere.
import type { Static, TObject, TProperties } from 'typebox';
import type { Steps } from '../../../src/steps.ts';
import type { Running } from '../../routes/in-turns.ts';
import type { RouteContext } from '../../routes/route.ts';

export type Context = Pick<
  RouteContext,
  'graph' | 'typesNamed' | 'history' | 'series' | 'prometheus' | 'clusters' | 'now' | 'findings'
>;

/** Flat, with a fixed order of keys; absent values are null. Cluster texts have passed `shown` or `shownId`. */
export interface Row {
  readonly [name: string]: string | number | boolean | readonly string[];
}

/** A follow-up call. */
export interface NextCall {
  readonly tool: string;
  readonly arguments: { readonly [name: string]: string | number };
  /** Our own words only. */
  readonly why: string;
}

/** A tool's result at one revision: rows are made on demand until it is released. */
export interface Found {
  readonly revision: number;
  readonly timestamp: string;
  /** JSON text. */
  readonly completeness: string;
  /** About all rows: counts, worst, exceptions. The tool limits its size. */
  readonly summary: { readonly [name: string]: Row[string] | { readonly [name: string]: number } };
  /** Total number of rows. */
  readonly total: number;
  row(index: number): Row;
  readonly next?: readonly NextCall[];
  release(): void;
}

export interface Tool {
  readonly name: string;
  readonly title: string;
  /** For a model: what it answers, and when to use it. */
  readonly description: string;
  /** Its parameters besides the common ones. */
  readonly parameters: TProperties;
  /** The fields of a row. */
  readonly row: TProperties;
  /** Default bytes of an answer. */
  readonly budget: number;
  /** The whole row as one line of text, with cluster texts in double quotes. */
  line(row: Row): string;
  /** As steps for questions to the graph, or as a promise. @throws Fault if it cannot be answered. */
  answer(asked: unknown, context: Context, running: Running): Steps<Found> | Promise<Found>;
}

/** A tool with type-checked parameters. */
export function toolOf<P extends TProperties>(
  tool: Omit<Tool, 'answer' | 'parameters'> & {
    readonly parameters: P;
    answer(asked: Static<TObject<P>>, context: Context, running: Running): Steps<Found> | Promise<Found>;
  },
): Tool {
  const answer: Tool['answer'] = (asked, ...about) => tool.answer(asked as Static<TObject<P>>, ...about);
  return { ...tool, answer };
}
