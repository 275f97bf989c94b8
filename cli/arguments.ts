// The command line: one table of options, with kubectl's parsing rules.
import { parseArgs } from 'node:util';
import { didYouMean } from '../src/nearest.ts';
import { usageFailure } from './failure.ts';
import { insteadOfOption } from './kubectl-habits.ts';

interface Option {
  readonly type: 'string' | 'boolean';
  readonly short?: string;
  readonly multiple?: true;
  /** Placeholder of its value in the help. */
  readonly value?: string;
  readonly words: string;
}

export const options = {
  namespace: {
    type: 'string',
    short: 'n',
    value: 'NAME',
    words: "Namespace of names that say none; the context's if not given",
  },
  'all-namespaces': { type: 'boolean', short: 'A', words: 'Every namespace' },
  selector: {
    type: 'string',
    short: 'l',
    value: 'SELECTOR',
    words: 'Label selector, set-based too: app=web,tier in (a,b)',
  },
  'field-selector': {
    type: 'string',
    value: 'F=V',
    words: 'By metadata.name, metadata.namespace, spec.nodeName or status.phase: status.phase!=Running',
  },
  health: {
    type: 'string',
    value: 'LIST',
    words: 'States of health, such as failed,degraded or !ok,!done; what has none is left out',
  },
  class: {
    type: 'string',
    value: 'LIST',
    words: 'Classes of findings: broken, risk, advice, or *; broken,risk if not given',
  },
  severity: {
    type: 'string',
    value: 'LIST',
    words: 'Severities of findings: critical, high, medium, low, info, or >=high',
  },
  findings: {
    type: 'string',
    multiple: true,
    value: 'PATH',
    words: 'Files or folders that say what is accepted, for what is read here; see docs/findings.md',
  },
  at: {
    type: 'string',
    value: 'MOMENT',
    words: 'As it was then: -15m, 2026-11-20T03:12:00Z, or epoch-revision; a master that keeps history is asked',
  },
  since: { type: 'string', value: 'AGE', words: 'How far back to look: 5m, 2h, 1d, or a moment as --at takes it' },
  from: { type: 'string', value: 'MOMENT', words: 'The first moment, as --at takes it' },
  to: { type: 'string', value: 'MOMENT', words: 'The last moment; now if not given' },
  watch: { type: 'boolean', short: 'w', words: 'Keep watching, and print a line for each change' },
  'no-headers': { type: 'boolean', words: 'Print the table without its headings' },
  output: { type: 'string', short: 'o', value: 'FORM', words: '' },
  depth: { type: 'string', value: 'N', words: 'How many relations away to go' },
  direction: { type: 'string', value: 'WAY', words: 'down (from source to target), up, or both' },
  parts: { type: 'boolean', words: 'All containers and their processes too, which go with their Pods' },
  hubs: { type: 'boolean', words: 'Go through Namespaces, Nodes and the like as through anything else' },
  length: {
    type: 'string',
    value: 'N',
    words: 'Every path with at most this many relations; only the shortest if not given',
  },
  relation: { type: 'string', value: 'LIST', words: 'Relations to follow, such as owns,mounts; * and ! as wildcards' },
  'fail-on': {
    type: 'string',
    multiple: true,
    value: 'LIST',
    words: 'Fail only on these: added|removed|changed|missing, a colon, a relation or type; * as wildcard',
  },
  ignore: {
    type: 'string',
    multiple: true,
    value: 'FIELDS',
    words: 'Fields whose changes are ignored, each with everything below it: status,metadata.generation',
  },
  filename: {
    type: 'string',
    short: 'f',
    multiple: true,
    value: 'PATH',
    words: 'Files: manifests, kubectl get -o json or yaml, cluster-info dump; folders; - for stdin',
  },
  rules: {
    type: 'string',
    multiple: true,
    value: 'PATH',
    words: 'Files or folders with relations of your own kinds, for what is read here; see docs/rules.md',
  },
  cluster: { type: 'string', value: 'NAME', words: 'Of a gateway at --server: the cluster that is meant' },
  approve: { type: 'boolean', words: 'Carry it out, and wait for the result' },
  context: { type: 'string', value: 'NAME', words: 'Context of the kubeconfig' },
  kubeconfig: { type: 'string', value: 'FILE', words: 'Kubeconfig to use' },
  server: { type: 'string', value: 'URL', words: 'A running master to ask, such as http://localhost:5555' },
  token: {
    type: 'string',
    value: 'TOKEN',
    words: "Bearer token for the master; a file keeps it out of the shell's history",
  },
  'token-file': { type: 'string', value: 'FILE', words: 'File with the bearer token for the master' },
  'certificate-authority': {
    type: 'string',
    value: 'FILE',
    words: 'CA that the certificate of --server is checked against',
  },
  'insecure-skip-tls-verify': { type: 'boolean', words: 'Accept any certificate of --server' },
  service: {
    type: 'string',
    value: 'NS/NAME',
    words: 'Service of the master in the cluster, where it is not found by its labels',
  },
  'service-account': {
    type: 'string',
    value: 'NS/NAME',
    words: 'Ask the master as this ServiceAccount, with a token of ten minutes',
  },
  direct: { type: 'boolean', words: 'Read the cluster directly even if a master runs in it' },
  help: { type: 'boolean', short: 'h', words: 'Show this help' },
  version: { type: 'boolean', words: 'Show the version' },
} as const satisfies { readonly [name: string]: Option };

export type OptionName = keyof typeof options;

/** An option as errors name it, with the letter that may have been typed instead: `--selector (-l)`. */
export function optionNamed(name: OptionName): string {
  const option: Option = options[name];
  return option.short === undefined ? `--${name}` : `--${name} (-${option.short})`;
}

export type Values = {
  readonly [name in OptionName]?: (typeof options)[name] extends { readonly multiple: true }
    ? readonly string[]
    : (typeof options)[name] extends { readonly type: 'boolean' }
      ? boolean
      : string;
};

export interface Arguments {
  readonly values: Values;
  readonly words: readonly string[];
}

/** @throws Failure of status 2. */
export function readArguments(given: readonly string[]): Arguments {
  const argv = withAges(given);
  const { values, positionals } = parsed(argv);
  const once = new Set<string>();
  for (const { name } of namesIn(argv)) {
    if (once.has(name) && !('multiple' in options[name as OptionName]))
      throw usageFailure(`${optionNamed(name as OptionName)} is given twice`);
    once.add(name);
  }
  return {
    values: Object.fromEntries(Object.entries(values).map(([name, value]) => [name, plain(value, name)])),
    words: positionals,
  };
}

const momentOptions: ReadonlySet<string> = new Set(['--at', '--since', '--from', '--to']);

/** `--at -15m` is an age, not an option: rewritten to `--at=-15m`. */
function withAges(argv: readonly string[]): string[] {
  const joined: string[] = [];
  for (const word of argv) {
    const before = joined.at(-1) ?? '';
    if (momentOptions.has(before) && /^-\d/.test(word)) joined.splice(-1, 1, `${before}=${word}`);
    else joined.push(word);
  }
  return joined;
}

function parsed(argv: readonly string[]) {
  try {
    return parseArgs({ args: [...argv], options, allowPositionals: true });
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException;
    const unknown = code === 'ERR_PARSE_ARGS_UNKNOWN_OPTION' ? /'(-[^']*)'/.exec(message)?.[1] : undefined;
    if (unknown === undefined) throw usageFailure(wrongValue(message));
    const flags = Object.keys(options).map((name) => `--${name}`);
    const meant = unknown.toLowerCase() === '-v' ? '; did you mean --version?' : didYouMean(unknown, flags);
    throw usageFailure(`unknown option ${unknown}${insteadOfOption(unknown) || meant || '; --help lists the options'}`);
  }
}

/** Of an option that is known. */
function wrongValue(message: string): string {
  const [, option = ''] = /'(?:-\w, )?(--?[\w-]+)/.exec(message) ?? [];
  const { value } = (options as { readonly [name: string]: Option })[option.slice(2)] ?? {};
  if (message.includes('ambiguous'))
    return `${option} needs a value; write ${option}=VALUE for one that begins with "-"`;
  if (value !== undefined) return `${option} needs a value: ${option} ${value}`;
  return option === '' ? `${message.split(/\. |\n/)[0]}; --help lists the options` : `${option} takes no value`;
}

function namesIn(argv: readonly string[]): readonly { readonly name: string }[] {
  const { tokens } = parseArgs({ args: [...argv], options, allowPositionals: true, tokens: true });
  return tokens.filter((token) => token.kind === 'option');
}

/** Like kubectl, accepts `-o=json` and `-ojson`. */
function plain(value: unknown, option = ''): unknown {
  if (Array.isArray(value)) return value.map((each) => plain(each));
  if (typeof value !== 'string') return value;
  const text = value.startsWith('=') ? value.slice(1) : value;
  // Forms are known in any case: `-o JSON`.
  return option === 'output' ? text.replace(/^[^=]*/, (form) => form.toLowerCase()) : text;
}
