// What `gateway` does in place of serving: `enroll`, `revoke`, `list`, `log-level`. A gateway that runs looks at the folder every few
// seconds; it needs not be asked.
import { readFileSync } from 'node:fs';
import { badSetting, fault } from '../../src/errors.ts';
import { type Config, logLevels } from '../../src/settings/config.ts';
import { enrolmentManifest } from './enrolment-manifest.ts';
import type { Enrolments } from './enrolments.ts';

interface Command {
  /** Its arguments, for people. */
  readonly takes: readonly string[];
  /** Comes to what is printed. */
  readonly run: (config: Config, enrolments: Enrolments, words: readonly string[]) => string;
}

const commands: { readonly [name: string]: Command } = {
  enroll: { takes: ['CLUSTER'], run: (config, enrolments, [cluster = '']) => enrol(config, enrolments, cluster) },
  revoke: {
    takes: ['CLUSTER'],
    run(_, enrolments, [cluster = '']) {
      enrolments.revoke(cluster);
      return `${cluster} may call in no longer\n`;
    },
  },
  list: { takes: [], run: (_, enrolments) => listed(enrolments) },
  'log-level': {
    takes: ['CLUSTER', 'LEVEL'],
    run: (_, enrolments, [cluster = '', level = '']) => setLevel(enrolments, cluster, level),
  },
};

/** Comes to what is printed on standard output. @throws Fault where it is not understood, or cannot be done. */
export function runCommand(config: Config, enrolments: Enrolments): string {
  const [name = '', ...words] = config.gatewayCommand;
  const command = Object.hasOwn(commands, name) ? commands[name] : undefined;
  if (command?.takes.length !== words.length)
    throw badSetting(`gateway ${config.gatewayCommand.join(' ')}`, `is none of: ${usage()}`);
  return command.run(config, enrolments, words);
}

function usage(): string {
  return Object.entries(commands)
    .map(([name, { takes }]) => [name, ...takes].join(' '))
    .join(', ');
}

function enrol(config: Config, enrolments: Enrolments, cluster: string): string {
  const { gateway: url, gatewayAccount: account, gatewayPrint, gatewayImage: image, gatewayCaFile } = config;
  const isManifest = gatewayPrint === 'manifest';
  if (isManifest && url === undefined)
    throw badSetting('CLUSTER_INSIGHT_GATEWAY', 'must be the wss:// URL that the cluster is to call, for its manifest');
  const ca = gatewayCaFile === undefined ? undefined : read(gatewayCaFile);
  const { secret } = enrolments.enrol(cluster, account);
  return isManifest ? enrolmentManifest({ url: url ?? '', account, cluster, secret, image, ca }) : `${secret}\n`;
}

function read(file: string): string {
  try {
    return readFileSync(file, 'utf8');
  } catch (error) {
    throw fault('credentials_unreadable', { file, reason: String((error as NodeJS.ErrnoException).code) }, error);
  }
}

/** A line a cluster: its account, how many secrets count, whether one was used, and the log level it is told. */
function listed(enrolments: Enrolments): string {
  const { enrolments: all, faults } = enrolments.list();
  const lines = all.map((one) => {
    const good = enrolments.secretsOf(one);
    const used = good.some((secret) => secret.used !== undefined);
    const state = good.length === 0 ? 'ended' : used ? 'in use' : 'not used yet';
    return [one.cluster, one.account, state, `${good.length} secrets`, one.logLevel ?? '-'].join('\t');
  });
  return [...lines, ...faults.map((name) => `${name}\tcannot be read`)].map((line) => `${line}\n`).join('');
}

function setLevel(enrolments: Enrolments, cluster: string, level: string): string {
  if (level !== 'own' && !(logLevels as readonly string[]).includes(level))
    throw fault('bad_request', { reason: `${JSON.stringify(level)} is not a level: ${logLevels.join(', ')}, own` });
  enrolments.setLogLevel(cluster, level === 'own' ? undefined : level);
  return level === 'own' ? `${cluster} logs at its own level\n` : `${cluster} logs ${level} and above\n`;
}
