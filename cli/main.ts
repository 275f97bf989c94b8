// Entry of `kubectl insight`: parses the command line, runs the command, and maps every outcome to an exit status.
import type { Writable } from 'node:stream';
import type { Environment } from '../master/sources/kubernetes/kubeconfig.ts';
import packageJson from '../package.json' with { type: 'json' };
import { noAudit } from '../src/audit/audit.ts';
import type { OpenAudit } from '../src/audit/open.ts';
import { didYouMean } from '../src/nearest.ts';
import { environment } from '../src/settings/environment.ts';
import { readArguments } from './arguments.ts';
import type { Command } from './command.ts';
import { commands } from './commands/index.ts';
import { exitStatus, Failure, reasonOf, usageFailure } from './failure.ts';
import { inTypedWords } from './flag-of-parameter.ts';
import { generalHelp, helpOf, optionsOf } from './help.ts';
import { insteadOfCommand } from './kubectl-habits.ts';
import { asOf } from './moment.ts';
import { findingsNamed, graphNamed, openActor, openSource } from './open.ts';
import { createOutput, shown } from './print/output.ts';
import { progressOn } from './print/progress.ts';

/** Where a command is run: it writes answers to one stream and messages to the other. */
export interface Terminal {
  readonly env: Environment;
  /** Standard input. */
  readonly input: AsyncIterable<Buffer>;
  readonly out: Writable;
  readonly err: { readonly isTTY?: boolean; readonly columns?: number; write(text: string): unknown };
  readonly colours: boolean;
  /** Undefined without a terminal. */
  readonly columns: number | undefined;
}

export async function main(argv: readonly string[]): Promise<void> {
  // A reader that stops early, such as `head`, is no failure.
  process.stdout.on('error', (error: NodeJS.ErrnoException) =>
    process.exit(error.code === 'EPIPE' ? 0 : exitStatus.failed),
  );
  if (argv[0] === '__complete') await completed(argv.slice(1));
  else if (argv[0] === 'export') process.exitCode = await exported(argv);
  else process.exitCode = asksAboutExport(argv) ? await exported(['export', '--help']) : await statusOf(argv, here());
}

function here(): Terminal {
  const { stdin: input, stdout: out, stderr: err } = process;
  return { env: environment, input, out, err, colours: hasColours(), columns: out.isTTY ? out.columns : undefined };
}

const asksAboutExport = ([first, second]: readonly string[]): boolean => first === 'help' && second === 'export';

/** Uses the program's flags, not the command's. */
async function exported(argv: readonly string[]): Promise<number> {
  const { exportFromHere } = await import('./export.ts');
  return exportFromHere(argv);
}

/** For shells, which cannot show an error here. */
async function completed(line: readonly string[]): Promise<void> {
  const { complete } = await import('./completion/complete.ts');
  const quiet = { warn: () => undefined, progress: () => undefined };
  const surroundings = { env: environment, input: process.stdin, ...quiet, audit: noAudit };
  process.stdout.write(await complete(line, surroundings));
}

/** Runs a command line to its end, and says by which exit status. */
export async function statusOf(argv: readonly string[], terminal: Terminal): Promise<number> {
  const warn = (line: string): void => void terminal.err.write(`${shown(line)}\n`);
  try {
    return await run(argv, terminal, warn);
  } catch (error) {
    warn(`error: ${reasonOf(error)}`);
    return error instanceof Failure ? error.status : exitStatus.failed;
  }
}

async function run(
  argv: readonly string[],
  { env, input, out, err, colours, columns }: Terminal,
  warn: (line: string) => void,
): Promise<number> {
  const { values, words } = readArguments(argv);
  const [name, ...rest] = words;
  if (values.version === true || name === 'version') {
    out.write(`cluster-insight ${packageJson.version}\n`);
    return exitStatus.answered;
  }
  const command = commandNamed(name === 'help' ? rest[0] : name);
  if (command === undefined || values.help || name === 'help') {
    out.write(command === undefined ? generalHelp() : helpOf(command));
    return command === undefined && argv.length === 0 ? exitStatus.usage : exitStatus.answered;
  }
  checkOptions(command, Object.keys(values));
  const progress = progressOn(err);
  const { audit, close } = await openedAudit(env);
  const surroundings = { env, input, warn, progress, audit };
  try {
    return await command.run({
      values,
      words: rest,
      output: createOutput(out, colours, columns),
      warn,
      open: async (reach) => asOf(await openSource(values, rest, reach, surroundings), values.at),
      openActor: () => openActor(values, surroundings),
      input,
      graphNamed: (place) => graphNamed(place, values, surroundings),
      findingsNamed: (place) => findingsNamed(place, values, surroundings),
    });
  } catch (error) {
    throw inTypedWords(error, values);
  } finally {
    await close();
  }
}

/** Standard output is for the answer: logs go to standard error. */
async function openedAudit(env: Environment): Promise<OpenAudit> {
  const { CLUSTER_INSIGHT_AUDIT: audit = 'off', CLUSTER_INSIGHT_OTLP_ENDPOINT: otlpEndpoint } = env;
  if ((audit === 'off' || audit === '') && !otlpEndpoint) return { audit: noAudit, close: async () => {} };
  const { openAudit } = await import('../src/audit/open.ts');
  const { createLogger, errorOutput } = await import('../src/logger.ts');
  const { CLUSTER_INSIGHT_OTLP_TOKEN_FILE: otlpTokenFile } = env;
  const config = { ...(otlpEndpoint && { otlpEndpoint }), ...(otlpTokenFile && { otlpTokenFile }) };
  const logger = createLogger({ level: 'info', format: 'json', destination: errorOutput() });
  return openAudit({ mode: 'command', audit: audit || 'off', config, logger });
}

/** @throws Failure of status 2 */
function commandNamed(name: string | undefined): Command | undefined {
  const command = commands.find((each) => each.name === name);
  if (command !== undefined || name === undefined) return command;
  if (name === 'export')
    throw usageFailure('export has options of its own, which follow it: kubectl insight export --help lists them');
  const names = [...commands.map((each) => each.name), 'export', 'help', 'version'];
  throw usageFailure(
    `unknown command ${JSON.stringify(name)}${insteadOfCommand(name) || didYouMean(name, names) || `; the commands are ${names.join(', ')}`}`,
  );
}

function checkOptions(command: Command, given: readonly string[]): void {
  const allowed: readonly string[] = optionsOf(command);
  const strange = given.find((name) => !allowed.includes(name));
  if (strange !== undefined)
    throw usageFailure(
      `${command.name} takes no --${strange}${didYouMean(strange, allowed)}; kubectl insight ${command.name} --help lists what it takes`,
    );
}

/** https://no-color.org */
function hasColours(): boolean {
  return process.stdout.isTTY === true && !environment.NO_COLOR && environment.TERM !== 'dumb';
}
