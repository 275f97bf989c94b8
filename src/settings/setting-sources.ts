// Where settings are said: in the environment and on the command line. Both give texts by the setting's key.
import { parseArgs } from 'node:util';
import { badSetting } from '../errors.ts';

/** What is needed of a setting to find it. */
interface Named {
  readonly key: string;
  readonly variable: string;
  readonly flag: string;
  /** A switch: a flag that needs no value. */
  readonly isSwitch: boolean;
}

type Texts = Record<string, string>;

/** An empty variable counts as one that is not set: manifests and image builds leave such behind. */
export function fromEnvironment(env: NodeJS.ProcessEnv, settings: readonly Named[]): Texts {
  const found = settings.map(({ key, variable }) => [key, env[variable] ?? ''] as const);
  return Object.fromEntries(found.filter(([, value]) => value !== '' && !isServiceLink(value)));
}

/** Kubernetes gives pods beside a Service `cluster-insight` the variable CLUSTER_INSIGHT_PORT=tcp://…, which is not ours. */
function isServiceLink(value: string): boolean {
  return /^(tcp|udp|sctp):\/\//.test(value);
}

/** A mode word, and flags as `--name value`, `--name=value` or, for switches, `--name`. The word wins over `--mode`. */
export function fromArguments(argv: readonly string[], settings: readonly Named[]): Texts {
  const tokens = tokensOf(argv, settings);
  const [mode, surplus] = tokens.flatMap((token) => (token.kind === 'positional' ? [token.value] : []));
  if (surplus !== undefined) throw badSetting(surplus, 'is one word too many: a mode word and flags are expected');
  const flags = tokens.filter((token) => token.kind === 'option').map((token) => flagText(token, settings));
  return { ...Object.fromEntries(flags), ...(mode === undefined ? {} : { mode }) };
}

/** `--help` or `-h` is asked for. */
export function wantsHelp(argv: readonly string[]): boolean {
  return argv.includes('--help') || argv.includes('-h');
}

function tokensOf(argv: readonly string[], settings: readonly Named[]) {
  const type = (setting: Named) => ({ type: setting.isSwitch ? ('boolean' as const) : ('string' as const) });
  const options = Object.fromEntries(settings.map((setting) => [setting.flag, type(setting)]));
  return parseArgs({ args: [...argv], options, strict: false, allowPositionals: true, tokens: true }).tokens;
}

function flagText(token: { name: string; rawName: string; value?: string | undefined }, settings: readonly Named[]) {
  const setting = settings.find(({ flag }) => flag === token.name);
  if (setting === undefined) throw badSetting(token.rawName, 'is not a flag of this program; --help lists them');
  return [setting.key, flagValue(token, setting)] as const;
}

function flagValue({ rawName, value }: { rawName: string; value?: string | undefined }, { isSwitch }: Named): string {
  if (value === undefined && isSwitch) return 'true';
  // Not strict, the parser takes a following flag for the value.
  if (value === undefined || /^--\w/.test(value)) throw badSetting(rawName, 'needs a value');
  return value;
}
