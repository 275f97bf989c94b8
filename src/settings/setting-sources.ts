// Sources of settings: a folder of files, the environment, the command line. Each yields texts by the setting's key.
import { readdirSync, readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { badSetting } from '../errors.ts';
import { didYouMean } from '../nearest.ts';

/** What is needed to find a setting. */
interface Named {
  readonly key: string;
  readonly variable: string;
  readonly flag: string;
  /** A flag without a value. */
  readonly isSwitch: boolean;
}

type Texts = Record<string, string>;

/** All given settings: flags override the environment, which overrides the folder; either may name the folder. */
export function textsGiven(env: NodeJS.ProcessEnv, argv: readonly string[], settings: readonly Named[]): Texts {
  const said = { ...fromEnvironment(env, settings), ...fromArguments(argv, settings) };
  const { configDir } = said;
  return configDir === undefined ? said : { ...fromFolder(configDir, settings), ...said };
}

/** An empty variable counts as unset: manifests and image builds leave such variables. */
function fromEnvironment(env: NodeJS.ProcessEnv, settings: readonly Named[]): Texts {
  const found = settings.map(({ key, variable }) => [key, env[variable] ?? ''] as const);
  return Object.fromEntries(found.filter(([, value]) => value !== '' && !isServiceLink(value)));
}

/**
 * One file per setting, named like its flag. In a mounted ConfigMap, whose own files start with two dots. The final line
 * end is ignored.
 * @throws Fault `bad_setting` if the folder does not exist or a file is no setting.
 */
function fromFolder(folder: string, settings: readonly Named[]): Texts {
  const names = namesIn(folder).filter((name) => !name.startsWith('..'));
  const texts = names.map((name) => {
    const setting = settings.find(({ flag }) => flag === name && flag !== 'config-dir');
    if (setting === undefined)
      throw badSetting(join(folder, name), 'is not a setting: a file is called as its flag is');
    return [setting.key, contentOf(join(folder, name))] as const;
  });
  return Object.fromEntries(texts.filter(([, text]) => text !== ''));
}

function namesIn(folder: string): string[] {
  try {
    return readdirSync(folder);
  } catch (error) {
    throw badSetting(
      'CLUSTER_INSIGHT_CONFIG_DIR',
      `names no folder that can be read: ${resolve(folder)} (${String((error as NodeJS.ErrnoException).code)})`,
    );
  }
}

function contentOf(file: string): string {
  try {
    return readFileSync(file, 'utf8').trim();
  } catch (error) {
    throw badSetting(file, `cannot be read: ${String((error as NodeJS.ErrnoException).code)}`);
  }
}

/** Variables that look like settings but are unknown, one sentence each. */
export function unknownVariables(env: NodeJS.ProcessEnv, settings: readonly Pick<Named, 'variable'>[]): string[] {
  const known = settings.map(({ variable }) => variable);
  const strange = Object.keys(env).filter(
    (name) => name.startsWith(prefix) && !known.includes(name) && !own.has(name) && !serviceVariable.test(name),
  );
  return strange.map((name) => `${name} is not a setting of this program and is ignored${didYouMean(name, known)}`);
}

const prefix = 'CLUSTER_INSIGHT_';
/** Used by the program itself. */
const own: ReadonlySet<string> = new Set(['CLUSTER_INSIGHT_STARTED_ANEW']);
/** Kubernetes tells Pods the addresses of Services, ours and any of a similar name. */
const serviceVariable = /_(SERVICE_(HOST|PORT(_\w+)?)|PORT_\d+_(TCP|UDP|SCTP)(_(PROTO|PORT|ADDR))?|PORT)$/;

/** For a Service `cluster-insight` Kubernetes sets CLUSTER_INSIGHT_PORT=tcp://…, which is not our setting. */
function isServiceLink(value: string): boolean {
  return /^(tcp|udp|sctp):\/\//.test(value);
}

/**
 * A mode word, and flags as `--name value`, `--name=value` or, for switches, `--name`. The word overrides `--mode`; after
 * `gateway` further words are its command.
 */
function fromArguments(argv: readonly string[], settings: readonly Named[]): Texts {
  const all = [...settings, ...shortened(settings, argv)];
  const tokens = tokensOf(argv, all);
  // An unknown flag leaves its value behind as a word: report the flag.
  const flags = tokens.filter((token) => token.kind === 'option').map((token) => flagText(token, all));
  const [mode, ...words] = tokens.flatMap((token) => (token.kind === 'positional' ? [token.value] : []));
  const given = { ...Object.fromEntries(flags), ...(mode === undefined ? {} : { mode }) };
  if (mode === 'gateway' && words.length > 0) return { ...given, gatewayCommand: words.join(',') };
  const [surplus] = words;
  if (surplus !== undefined) throw badSetting(surplus, 'is one word too many: a mode word and flags are expected');
  return given;
}

/** Modes with their own settings. */
const withOwn = ['export', 'gateway'];

/** Flags of the mode without its prefix, unless another setting has that name. */
function shortened(settings: readonly Named[], argv: readonly string[]): Named[] {
  return withOwn
    .filter((mode) => argv.includes(mode))
    .flatMap((mode) => settings.filter(({ flag }) => flag.startsWith(`${mode}-`)).map((one) => withoutMode(one, mode)))
    .filter(({ flag }) => settings.every((other) => other.flag !== flag));
}

function withoutMode(setting: Named, mode: string): Named {
  return { ...setting, flag: setting.flag.slice(mode.length + 1) };
}

/** Whether `--help` or `-h` is given. */
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
  if (setting === undefined) {
    const meant = didYouMean(
      token.rawName,
      settings.map(({ flag }) => `--${flag}`),
    );
    throw badSetting(token.rawName, `is not a flag of this program${meant === '' ? '; --help lists them' : meant}`);
  }
  return [setting.key, flagValue(token, setting)] as const;
}

function flagValue({ rawName, value }: { rawName: string; value?: string | undefined }, { isSwitch }: Named): string {
  if (value === undefined && isSwitch) return 'true';
  // In non-strict mode the parser takes a following flag as the value.
  if (value === undefined || /^--\w/.test(value)) throw badSetting(rawName, 'needs a value');
  return value;
}
