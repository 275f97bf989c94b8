// Help texts, generated from the tables that parse the command line.
import { type OptionName, options } from './arguments.ts';
import type { Command } from './command.ts';
import { commands } from './commands/index.ts';
import { formWords } from './forms.ts';

const program = 'kubectl insight';
const everywhere: readonly OptionName[] = [
  'filename',
  'rules',
  'server',
  'token',
  'token-file',
  'certificate-authority',
  'insecure-skip-tls-verify',
  'context',
  'kubeconfig',
  'service',
  'service-account',
  'direct',
  'help',
];

export function generalHelp(): string {
  const width = Math.max(...commands.map(({ name }) => name.length));
  return text([
    'A Kubernetes cluster as a graph: what is connected to what, and which field says so.',
    '',
    'Usage:',
    `  ${program} COMMAND [NAME ...] [options]`,
    '',
    'Commands:',
    ...commands.map(({ name, summary }) => `  ${name.padEnd(width)}   ${summary}`),
    `  ${'export'.padEnd(width)}   Sends everything to an endpoint, a folder or S3; export --help says how`,
    '',
    'Where answers come from:',
    '  The cluster of the kubeconfig: a master that runs in it, through the API server; without one the',
    '  cluster is read here, once, with the rights of the user. --server asks a master at a URL, and -f files.',
    '',
    'Exit status:',
    '  0 answered, an empty list too; 1 a difference (diff), or no resource of that name, or no connection;',
    '  2 invalid command line; 3 what is asked cannot be read or reached',
    '',
    `${program} COMMAND --help says more, with examples.`,
  ]);
}

export function helpOf(command: Command): string {
  const { name, summary, usage, description, examples } = command;
  return text([
    `${summary}.`,
    ...description,
    '',
    'Usage:',
    `  ${program} ${name} ${usage} [options]`,
    '',
    'Examples:',
    ...examples.flatMap(({ line, words }) => [`  # ${words}`, `  ${program} ${line}`]),
    '',
    'Options:',
    ...optionLines(command.options, command),
    '',
    'Where the answer comes from:',
    ...optionLines(placesOf(command), command),
  ]);
}

/** The options of a command. */
export function optionsOf(command: Command): readonly OptionName[] {
  return [...command.options, ...placesOf(command)];
}

function placesOf({ places }: Command): readonly OptionName[] {
  return places ?? everywhere;
}

function optionLines(names: readonly OptionName[], command: Command): string[] {
  const lines = names.map((name) => [flagOf(name), wordsOf(name, command)] as const);
  const width = Math.max(...lines.map(([flag]) => flag.length));
  return lines.map(([flag, words]) => `  ${flag.padEnd(width)}   ${words}`);
}

function flagOf(name: OptionName): string {
  const option = options[name];
  const short = 'short' in option ? `-${option.short}, ` : '    ';
  return `${short}--${name}${'value' in option ? ` ${option.value}` : ''}`;
}

function wordsOf(name: OptionName, { words }: Command): string {
  return words?.[name] ?? (name === 'output' ? formWords : options[name].words);
}

function text(lines: readonly string[]): string {
  return `${lines.join('\n')}\n`;
}
