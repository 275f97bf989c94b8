// The contract of a command: its help and its action.
import type { Finding } from '../master/findings/contract.ts';
import type { OptionName, Values } from './arguments.ts';
import type { GraphAnswer } from './forms.ts';
import type { Output } from './print/output.ts';
import type { Source } from './sources/source.ts';

export interface Command {
  readonly name: string;
  /** Position in the help, lowest first. */
  readonly position: number;
  /** One line. */
  readonly summary: string;
  /** What follows its name. */
  readonly usage: string;
  /** Details beyond the summary, in lines of at most 100 columns. */
  readonly description: readonly string[];
  /** Its own options, besides the common ones. */
  readonly options: readonly OptionName[];
  /** Its options for the source, if not the usual ones. */
  readonly places?: readonly OptionName[];
  /** Descriptions of options with a special meaning here. */
  readonly words?: { readonly [name in OptionName]?: string };
  readonly examples: readonly { readonly line: string; readonly words: string }[];
  /** Resolves with the exit status. @throws Failure */
  run(call: Call): Promise<number>;
}

/**
 * How much of a cluster must be read for a question: the named namespaces and what they lead to (`within`), or also what
 * leads to them (`around`). `live` is `around`, kept up to date.
 */
export type Reach = 'within' | 'around' | 'live';

export interface Call {
  readonly values: Values;
  /** Words after the command's name. */
  readonly words: readonly string[];
  readonly output: Output;
  /** Messages for people, apart from the answer. */
  readonly warn: (line: string) => void;
  /** The source chosen by the options. */
  open(reach: Reach): Promise<Source>;
  /** The actor, for commands that send it actions. */
  openActor(): Promise<Source>;
  /** Standard input. */
  readonly input: AsyncIterable<Buffer>;
  /** The graph of a path or URL: a saved answer, files, a folder, `-`, a master. */
  graphNamed(name: string): Promise<GraphAnswer>;
  /** Its findings. */
  findingsNamed(name: string): Promise<readonly Finding[]>;
}
