// The contract of a command: what its help says and what it does.
import type { Finding } from '../master/findings/contract.ts';
import type { OptionName, Values } from './arguments.ts';
import type { GraphAnswer } from './forms.ts';
import type { Output } from './print/output.ts';
import type { Source } from './sources/source.ts';

export interface Command {
  readonly name: string;
  /** Where the help lists it, the lowest first. */
  readonly position: number;
  /** One line. */
  readonly summary: string;
  /** What stands after its name. */
  readonly usage: string;
  /** What it does beyond the summary, in lines of at most 100 columns. */
  readonly description: readonly string[];
  /** Its own, besides those of every command. */
  readonly options: readonly OptionName[];
  /** Those that say where the answer comes from, where they are not the usual ones. */
  readonly places?: readonly OptionName[];
  /** Words for options whose meaning is the command's own. */
  readonly words?: { readonly [name in OptionName]?: string };
  readonly examples: readonly { readonly line: string; readonly words: string }[];
  /** Resolves with the exit status. @throws Failure */
  run(call: Call): Promise<number>;
}

/**
 * How much of a cluster a question is about, where it has to be read for it: what is in the namespaces that are named and
 * what that leads to, or also what leads to it, from wherever. `live` is the same as `around`, kept up to date.
 */
export type Reach = 'within' | 'around' | 'live';

export interface Call {
  readonly values: Values;
  /** The words after the command's name. */
  readonly words: readonly string[];
  readonly output: Output;
  /** For a person who watches, apart from the answer. */
  readonly warn: (line: string) => void;
  /** Where the answer comes from, as the options say. */
  open(reach: Reach): Promise<Source>;
  /** The actor, for the command that hands it actions. */
  openActor(): Promise<Source>;
  /** What is piped in. */
  readonly input: AsyncIterable<Buffer>;
  /** The graph that a path or a URL names: a saved answer, files, a folder, `-`, a master. */
  graphNamed(name: string): Promise<GraphAnswer>;
  /** What is wrong in it. */
  findingsNamed(name: string): Promise<readonly Finding[]>;
}
