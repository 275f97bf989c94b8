// The settings: one schema, read once, the only reader of the environment. Flags override the environment, which overrides
// a folder of files, which overrides defaults. To add one, add it to the schema; the table of docs/settings.md is generated.
import type { Static, TProperties, TSchema } from 'typebox';
import { badSetting } from '../errors.ts';
import { valueOf } from '../flat-values.ts';
import { Type } from '../schema.ts';
import { checkTogether } from './config-checks.ts';
import { environment } from './environment.ts';
import { exportSettings } from './export-settings.ts';
import { gatewaySettings } from './gateway-settings.ts';
import { prometheusSettings } from './prometheus-settings.ts';
import { formats, type KindChoice, type MinionChoice } from './setting-formats.ts';
import { bytes, file, flag, format, list, milliseconds, pause, text, word } from './setting-schemas.ts';
import { textsGiven } from './setting-sources.ts';
import { shippingSettings } from './shipping-settings.ts';
import { streamSettings } from './stream-settings.ts';

export const modes = ['master', 'minion', 'demo', 'export', 'replica', 'gateway', 'actor'] as const;
export const logLevels = ['trace', 'debug', 'info', 'warn', 'error', 'fatal', 'silent'] as const;

/** Without Intl.ListFormat, which takes 15 ms of each start to load. */
function eachOf(words: readonly string[]): string {
  const quoted = words.map((word) => `\`${word}\``);
  return `${quoted.slice(0, -1).join(', ')} or ${quoted.at(-1)}`;
}

const properties = {
  mode: word(modes, {
    default: 'master',
    description: `${eachOf(modes)}; the first argument wins`,
  }),
  configDir: Type.Optional(
    text({
      description:
        'Folder with a file for each setting, such as a mounted ConfigMap; a file has the name of the flag without its leading dashes',
    }),
  ),
  host: text({ default: '127.0.0.1', description: 'Address to listen on' }),
  port: Type.Optional(
    Type.Integer({
      minimum: 0,
      maximum: 65535,
      shown: '`5555`, minion `4243`, actor `4245`',
      description: 'Port to listen on; 0 takes a free one and logs it',
    }),
  ),
  kubeconfig: Type.Optional(
    text({
      variable: 'KUBECONFIG',
      shown: 'as kubectl',
      description: 'Kubeconfig files, as kubectl reads them',
    }),
  ),
  context: Type.Optional(text({ shown: "the kubeconfig's current", description: 'Context of the kubeconfig to use' })),
  clusterName: Type.Optional(text({ shown: 'context name', description: "The Cluster resource's name" })),
  refresh: milliseconds({
    default: '10s',
    description: 'How often container runtimes are read, and kinds that cannot be watched',
  }),
  verify: format<number>('period', {
    default: '6h',
    description: 'How often each kind is compared with the API server by names, UIDs and versions; `off` for never',
  }),
  minions: format<MinionChoice>('minions', {
    default: 'auto',
    description: '`auto` finds minion pods by their label; `off`; or `node=url,node=url`',
  }),
  minionCaFile: Type.Optional(
    file({ description: "CA certificates that a minion's TLS certificate is checked against" }),
  ),
  minionCertFile: Type.Optional(file({ description: 'Client certificate of the master for minions; needs the key' })),
  minionKeyFile: Type.Optional(file({ description: 'Private key of that certificate' })),
  minionServerName: Type.Optional(
    text({
      shown: 'its address',
      description: "Name that a minion's certificate must have, since addresses of Pods are not known beforehand",
    }),
  ),
  metricsPeriod: milliseconds({
    default: '60s',
    description: 'How often the probes of minions, kubelets and metrics-server are read',
  }),
  metricsFrom: word(['metrics-server', 'kubelet', 'off'], {
    default: 'metrics-server',
    description:
      'Where numbers of nodes and containers come from if no minion has them: `metrics-server` (last values, if installed), `kubelet` (each through the API server; the right it needs opens far more, see docs/telemetry.md) or `off`',
  }),
  connectionsFile: Type.Optional(
    file({
      description:
        'File that names the Prometheus and the agents from which observed connections are read, see docs/telemetry.md; read again when it changes',
    }),
  ),
  seriesMemory: bytes({
    default: '64Mi',
    description: 'Memory limit for the numbers of the last hour; `0` keeps none',
  }),
  minionDropAfter: milliseconds({
    default: '5m',
    description: 'How long the last data of a silent minion is kept, marked stale',
  }),
  namespaces: list({ shown: 'all', description: 'Namespaces to read: needs a Role in each instead of a ClusterRole' }),
  kinds: format<KindChoice>('kinds', {
    default: '',
    shown: 'none',
    description: 'Kinds to add to the default, or to exclude: `+Event,-Secret`',
  }),
  rules: list({
    shown: 'none',
    description: 'Files and folders with relations of your own kinds, see docs/rules.md; read again when they change',
  }),
  argoLabel: Type.Optional(
    text({
      description: 'Label by which Argo CD marks what it deploys, if `application.instanceLabelKey` changes it',
    }),
  ),
  alerts: Type.Optional(
    file({
      description: 'File with receivers and rules of alerts, see docs/alerts.md; read again when it changes',
    }),
  ),
  findings: list({
    shown: 'none',
    description:
      'Files and folders with accepted findings and allowed registries, see docs/findings.md; read again when they change',
  }),
  runtimeSocket: Type.Optional(
    text({
      shown: 'found',
      description: "Minion: the container runtime's socket; Docker, Podman and CRI are told apart by asking it",
    }),
  ),
  nodeName: Type.Optional(text({ shown: 'host name', description: 'Minion: name of the node it runs on' })),
  probes: list({
    shown: 'none',
    description:
      'Minion: probes to run, of `cgroup`, `cloud`, `delays`, `disks`, `logs`, `network`, `node`, `oom`, `processes`, `tcp`',
  }),
  hostRoot: text({
    default: '/',
    description: "Minion: folder below which the node's file system is mounted for probes",
  }),
  probePrefix: text({
    default: '',
    shown: 'none',
    description: "Minion: prefix of the probes' metrics, in case another agent uses the same names",
  }),
  auth: word(['none', 'token', 'kubernetes'], {
    default: 'none',
    description: 'How clients of the master authenticate; `none` is allowed on loopback addresses only',
  }),
  authorizer: word(['auto', 'rbac', 'any'], {
    default: 'auto',
    description:
      'With `auth` `kubernetes`: namespaces in which the rights of a caller are reviewed. `rbac`: those with a RoleBinding for them; `any`: all; `auto` finds out which is needed',
  }),
  allowedHosts: list({
    shown: 'none',
    description:
      'Host names under which the service may be called without authentication, in addition to `localhost` and its address; requests for any other name are refused',
  }),
  allowAnonymous: flag({ default: 'false', description: 'Allow any address to be listened on without authentication' }),
  tokenFile: Type.Optional(
    file({
      description:
        "File with the token from which the master and each minion derive that minion's token; read again when it changes",
    }),
  ),
  minionToken: word(['node', 'shared'], {
    default: 'node',
    description:
      "`node`: each minion takes a token of its own, made of the file's and its node's name; `shared`: the master sends the file's and minions take both, while not all of them are upgraded",
  }),
  minionTls: word(['required', 'offered'], {
    default: 'required',
    description:
      '`required`: where minions have certificates, nothing is asked or answered without TLS; `offered`: the master asks a minion whose Pod serves plain HTTP so, and minions answer both, while not all of them are upgraded',
  }),
  authTokensFile: Type.Optional(
    file({
      shown: '`CLUSTER_INSIGHT_TOKEN_FILE`',
      description: 'Tokens of clients where authentication is `token`, one a line',
    }),
  ),
  tlsCertFile: Type.Optional(file({ description: 'Certificate to serve HTTPS with; needs the key' })),
  tlsKeyFile: Type.Optional(file({ description: 'Private key of the certificate' })),
  tlsClientCaFile: Type.Optional(
    file({ description: 'CA certificates; clients without a certificate of theirs are refused' }),
  ),
  cors: list({ shown: 'none', description: 'Origins whose pages may read answers and embed pictures' }),
  rateLimit: Type.Integer({
    minimum: 0,
    maximum: 65535,
    default: 600,
    description:
      'Requests per minute that one caller may make to `/cluster` and `/debug`; 0 for no limit, and there is none on loopback',
  }),
  scopeMemory: bytes({
    default: '256Mi',
    description: 'Memory limit for the graphs of restricted callers: a copy of what each may see, and 1 MiB for each',
  }),
  keepValues: flag({
    default: 'false',
    description: 'Keep environment values, arguments and annotations that may hold secrets instead of redacting them',
  }),
  history: format<number>('retention', {
    default: '7d',
    description: 'How long the past of the graph is kept; `off` keeps none',
  }),
  historySize: bytes({
    default: '1Gi',
    description:
      'Size limit of the history, if it is reached before the age limit; in memory 64Mi, or more for a large graph',
  }),
  historyDir: Type.Optional(
    text({
      shown: 'in memory',
      description: 'Folder of the history, for one cluster only; there it survives a restart',
    }),
  ),
  historyShared: Type.Optional(
    text({
      description:
        'Folder that several processes share: finished parts of the history are copied there, and what is missing in `CLUSTER_INSIGHT_HISTORY_DIR` is taken from there at the start, see docs/fleet.md',
    }),
  ),
  historyValues: flag({
    default: 'false',
    description: 'With `CLUSTER_INSIGHT_KEEP_VALUES`: also write values to the folder of the history',
  }),
  cacheSize: bytes({ default: '192Mi', description: 'Memory limit for the cache of compressed answers' }),
  drain: milliseconds({
    default: '20s',
    description:
      'How long open requests may take to finish when the process ends; slow readers are disconnected after half of it',
  }),
  shutdownDelay: Type.Optional(
    pause({
      shown: '`10s` in a Pod, else `0s`',
      description:
        'Master: how long it keeps answering, with 503 on `/readyz`, before it ends, so that Services stop sending requests to it',
    }),
  ),
  demoLife: flag({ default: 'true', description: 'Demo: objects change while it runs' }),
  logLevel: word(logLevels, { default: 'info', description: 'Lowest level that is logged' }),
  logFormat: word(['text', 'json'], {
    default: 'text',
    description: 'Log for people (`text`) or for collectors (`json`)',
  }),
  podName: Type.Optional(
    text({ description: "Name of this process's own Pod: `/version` tells its image as the cluster knows it" }),
  ),
  podNamespace: Type.Optional(
    text({ shown: '`cluster-insight`', description: 'Namespace of that Pod: minions are looked for there alone' }),
  ),
  version: Type.Optional(text({ shown: 'of package.json', description: 'Version of the image, set by its build' })),
  revision: Type.Optional(text({ description: 'Source revision of the image, set by its build' })),
  buildDate: Type.Optional(text({ description: 'Date of the image, set by its build' })),
  ...streamSettings,
  ...exportSettings,
  ...gatewaySettings,
  ...shippingSettings,
  ...prometheusSettings,
} as const satisfies TProperties;

export type { KindChoice, MinionChoice };
export type Mode = (typeof modes)[number];
type Settings = Static<ReturnType<typeof Type.Object<typeof properties>>>;
/** Frozen. Durations are milliseconds, sizes bytes; `modeGiven` is false if the mode is the default. */
export type Config = Readonly<
  Omit<Settings, 'port' | 'shutdownDelay'> & { port: number; shutdownDelay: number; modeGiven: boolean }
>;

/** A setting as in its tables. */
export interface SettingInfo {
  readonly key: keyof Settings;
  readonly variable: string;
  /** Without leading dashes. */
  readonly flag: string;
  readonly default: string;
  readonly description: string;
  /** A flag without a value. */
  readonly isSwitch: boolean;
}

interface SettingSchema extends TSchema {
  readonly description: string;
  readonly type: string;
  readonly default?: string | boolean | number;
  readonly variable?: string;
  readonly shown?: string;
  readonly enum?: readonly string[];
}

const schemas = Object.entries<SettingSchema>(properties as unknown as { [key: string]: SettingSchema });

export const settings: readonly SettingInfo[] = schemas.map(([key, { description, variable, ...schema }]) => ({
  key: key as keyof Settings,
  variable: variable ?? `CLUSTER_INSIGHT_${key.replace(/[A-Z]/g, '_$&').toUpperCase()}`,
  flag: key.replace(/[A-Z]/g, '-$&').toLowerCase(),
  default: schema.shown ?? (schema.default === undefined ? 'none' : `\`${schema.default}\``),
  description,
  isSwitch: schema.type === 'boolean',
}));

/**
 * The settings of this process. `argv`: arguments after the script's name, a mode word and flags.
 * @throws Fault `bad_setting` with the setting and its allowed values.
 */
export function readConfig(
  env: NodeJS.ProcessEnv = environment,
  argv: readonly string[] = process.argv.slice(2),
): Config {
  const given = textsGiven(env, argv, settings);
  const read = validated(given);
  const port = read.port ?? portOf[read.mode] ?? 5555;
  const shutdownDelay = read.shutdownDelay ?? usualShutdownDelay(read.mode, env);
  const config = { ...read, port, shutdownDelay, modeGiven: given['mode'] !== undefined };
  checkTogether(config);
  return Object.freeze(config);
}

const portOf: { readonly [mode in Mode]?: number } = { minion: 4243, actor: 4245 };

/** Milliseconds. In a container, where kubelet sets the API server's address, endpoints must first forget the process. */
function usualShutdownDelay(mode: Mode, env: NodeJS.ProcessEnv): number {
  return mode === 'master' && env['KUBERNETES_SERVICE_HOST'] !== undefined ? 10_000 : 0;
}

function validated(given: Record<string, string>): Settings {
  const read = schemas.map(([key, schema]) => [key, settingOf(key, schema, given[key])] as const);
  return Object.fromEntries(read.filter(([, value]) => value !== undefined)) as Settings;
}

/** The setting's value or default; undefined if it has neither. */
function settingOf(key: string, schema: SettingSchema, given: string | undefined): unknown {
  if (given === undefined && typeof schema.default !== 'string') return schema.default;
  const text = given ?? String(schema.default);
  const format = formatOf(schema);
  const value = format ? format.parse(text) : valueOf(schema, text);
  if (value !== undefined) return value;
  const { variable = '' } = settings.find((one) => one.key === key) ?? {};
  throw badSetting(variable, `must be ${allowed(schema)}, not ${JSON.stringify(text)}`);
}

function formatOf(schema: SettingSchema): (typeof formats)[string] | undefined {
  return formats[Object.keys(formats).find((name) => name in schema) ?? ''];
}

function allowed(schema: SettingSchema): string {
  const format = formatOf(schema);
  if (format !== undefined) return format.allowed;
  if (schema.enum !== undefined) return `one of ${schema.enum.join(', ')}`;
  return schema.type === 'boolean' ? 'true or false' : 'a whole number from 0 to 65535';
}
