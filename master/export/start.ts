// The mode `export`: reads like the master and sends the result. One run with an exit status, or following until the
// process ends.
import { randomUUID } from 'node:crypto';
import { tmpdir } from 'node:os';
import type { Writable } from 'node:stream';
import packageJson from '../../package.json' with { type: 'json' };
import { openAudit } from '../../src/audit/open.ts';
import { createBackoff, sleep } from '../../src/backoff.ts';
import { badSetting } from '../../src/errors.ts';
import type { Logger } from '../../src/logger.ts';
import type { Running, Start, StartOptions } from '../../src/mode.ts';
import { redactText } from '../../src/redact.ts';
import type { Config } from '../../src/settings/config.ts';
import { environment } from '../../src/settings/environment.ts';
import { calmGarbageCollection } from '../garbage-collection.ts';
import { isSure } from '../graph/engine/states.ts';
import { explain } from '../sources/kubernetes/api-failure.ts';
import { type Client, loadClient } from '../sources/kubernetes/client.ts';
import { discover, type Served } from '../sources/kubernetes/discover.ts';
import { type Choice, createChoice, graphTypes, type Plan, planOf } from './choice.ts';
import type { Destination } from './destinations/destination.ts';
import { openDestination } from './destinations/open.ts';
import { SendFailure } from './failure.ts';
import { follow } from './follow.ts';
import { checkGatewayExport, exportToGateway } from './gateway-export.ts';
import { exportGraph } from './graph-export.ts';
import { type GraphSource, graphHere, graphOfMaster, readHere } from './graph-source.ts';
import { uidOf, uidOfMaster, unknownUid } from './identity.ts';
import { exportObjects } from './objects-export.ts';
import { helmReleases } from './releases/helm.ts';
import { roleOf } from './role.ts';
import { type ExitStatus, exitStatus, runOnce } from './run.ts';
import { Spool } from './spool.ts';

export interface ExportOptions extends StartOptions {
  readonly output?: Writable;
}

export const start: Start = async (options: ExportOptions) => {
  const { config, logger, signal } = options;
  const stop = new AbortController();
  signal?.addEventListener('abort', () => stop.abort(), { once: true });
  const parts = prepared(options, stop.signal);
  const ended = statusOf(parts, logger).finally(() => parts.destination?.close());
  return {
    url: '',
    ended,
    async close() {
      stop.abort();
      const status = await ended;
      if (status === exitStatus.failed && !config.exportFollow)
        throw new Error('the export ended before it was through');
    },
  } satisfies Running;
};

interface Parts {
  readonly config: Config;
  readonly logger: Logger;
  readonly choice: Choice;
  /** Undefined when only the role is printed. */
  readonly destination: Destination | undefined;
  readonly output: Writable;
  readonly signal: AbortSignal;
}

/** @throws Fault `bad_setting` before anything is requested or sent. */
function prepared({ config, logger, output = process.stdout }: ExportOptions, signal: AbortSignal): Parts {
  checkTogether(config);
  const choice = createChoice(config.exportTypes, config.exportScope);
  if (config.gateway !== undefined) checkGatewayExport(config);
  const isElsewhere = config.exportRole || config.gateway !== undefined;
  const destination = isElsewhere ? undefined : openDestination({ config, output, signal });
  return { config, logger, choice, destination, output, signal };
}

function checkTogether(config: Config): void {
  const {
    exportProtocol: protocol,
    exportFollow,
    exportFrom,
    exportRelations,
    exportDryRun,
    exportClusterId: id,
  } = config;
  const variable = 'CLUSTER_INSIGHT_EXPORT_PROTOCOL';
  if (protocol === 'collector' && exportFollow)
    throw badSetting(variable, 'is `collector`, which knows no changes: follow with `ndjson`');
  if (protocol === 'collector' && exportFrom !== undefined)
    throw badSetting(variable, 'is `collector`, which is made of objects: it reads the API server, not a master');
  if (protocol === 'collector' && id !== undefined && !/^[a-z0-9_-]+$/.test(id))
    throw badSetting(
      'CLUSTER_INSIGHT_EXPORT_CLUSTER_ID',
      'must be of lower-case letters, digits, `-` and `_` in the protocol `collector`',
    );
  if (!exportRelations && (exportFollow || exportFrom !== undefined))
    throw badSetting('CLUSTER_INSIGHT_EXPORT_RELATIONS', 'is false, which goes with one run from the API server alone');
  if (exportDryRun && exportFollow)
    throw badSetting('CLUSTER_INSIGHT_EXPORT_FOLLOW', 'and a dry run exclude each other');
}

/** Never rejects: errors become a log line and the exit status. */
async function statusOf(parts: Parts, logger: Logger): Promise<ExitStatus> {
  try {
    return await exported(parts);
  } catch (error) {
    if (parts.signal.aborted) return parts.config.exportFollow ? exitStatus.all : exitStatus.failed;
    const name = parts.destination?.name ?? 'export';
    const reason = redactText(error instanceof SendFailure ? error.message : explain(error));
    if (error instanceof SendFailure && error.code === 'busy') {
      logger.warn(`${name}: nothing was sent: ${reason}`);
      return exitStatus.partial;
    }
    logger.error({ code: (error as { code?: unknown }).code }, `${name}: the export failed: ${reason}`);
    return exitStatus.failed;
  }
}

async function exported(parts: Parts): Promise<ExitStatus> {
  const { exportFrom: url, exportFromTokenFile: tokenFile, exportFromCaFile: caFile } = parts.config;
  if (url !== undefined) {
    const source = await graphOfMaster({ url: checkedMaster(url), tokenFile, caFile, env: environment });
    try {
      return await exportedGraph(parts, {
        source,
        uid: await uidOfMaster(source),
        name: 'cluster',
        names: new Map(),
        client: undefined,
      });
    } finally {
      await source.close();
    }
  }
  const { kubeconfig, context, audit: wanted = 'off' } = parts.config;
  const { audit, close } = await openAudit({
    mode: 'export',
    audit: wanted,
    config: parts.config,
    logger: parts.logger,
  });
  const client = await loadClient({ env: environment, kubeconfig, context, audit });
  if (client === undefined) throw badSetting('KUBECONFIG', 'names no cluster, and there is no in-cluster account');
  try {
    return await exportedCluster(parts, client);
  } finally {
    client.close();
    await close();
  }
}

function checkedMaster(url: string): string {
  if (/^https?:$/.test(URL.parse(url)?.protocol ?? '')) return url;
  throw badSetting('CLUSTER_INSIGHT_EXPORT_FROM', 'must be the http or https URL of a master');
}

async function exportedCluster(parts: Parts, client: Client): Promise<ExitStatus> {
  const { config, choice, output, signal } = parts;
  const served = await discover(client, signal);
  const plan = planOf(served, choice);
  if (config.exportRole) {
    output.write(roleOf(plan.chosen, { follow: isGraph(config), helm: config.exportHelm }));
    return exitStatus.all;
  }
  if (plan.chosen.length === 0)
    throw badSetting('CLUSTER_INSIGHT_EXPORT_TYPES', 'chooses nothing that the API server serves');
  const uid = await uidOf(client, signal);
  const name = config.clusterName ?? client.contextName;
  if (config.gateway !== undefined) return toldToGateway(parts, { client, served, uid, name });
  if (!isGraph(config)) return exportedObjects(parts, { client, plan, uid, name });
  calmGarbageCollection();
  const names = new Map([...graphTypes(plan.chosen)].map(([type, chosen]) => [type, chosen.name]));
  const here = { client, served, choice, config, clusterName: name, version: config.version ?? packageJson.version };
  const source = await graphHere({ ...here, logger: parts.logger, signal });
  try {
    return await exportedGraph(parts, { source, uid, name, names, client });
  } finally {
    await source.close();
  }
}

interface ToTell extends Known {
  readonly client: Client;
  readonly served: Served;
}

/** An agent that sends the graph alone. */
async function toldToGateway(parts: Parts, { client, served, uid, name }: ToTell): Promise<ExitStatus> {
  const { config, choice, logger, signal } = parts;
  calmGarbageCollection();
  const version = config.version ?? packageJson.version;
  const about = { config, logger, signal, clusterName: name, version };
  const { graph, kinds, close } = await readHere({ ...about, client, served, choice }, true);
  try {
    await exportToGateway({ ...about, graph, kinds, clusterUid: uid, epoch: randomUUID().slice(0, 8) });
    // What could not be read is said in the graph's completeness, and here.
    const states = [...graph.engine.sources('kinds').values()];
    const isWhole = states.every(({ state }) => isSure(state) || state === 'excluded');
    return isWhole || config.exportFollow ? exitStatus.all : exitStatus.partial;
  } finally {
    await close();
  }
}

/** Whether relations are sent, which requires the graph. */
function isGraph({ exportProtocol, exportRelations, exportFollow }: Config): boolean {
  return exportProtocol === 'ndjson' && (exportRelations || exportFollow);
}

interface Known {
  readonly uid: string | undefined;
  /** Default name of the cluster. */
  readonly name: string;
}

function runOf({ config, destination, logger }: Parts, { uid, name }: Known) {
  if (destination === undefined) throw new Error('there is no destination');
  if (uid === undefined)
    logger.warn('the UID of the namespace kube-system may not be read: the cluster is known by its name alone');
  return {
    destination,
    cluster: { id: config.exportClusterId ?? idOf(name, config), uid: uid ?? unknownUid },
    override: config.exportOverrideIdentity,
    onlyWhole: config.exportProtocol === 'collector' && !config.exportPartial,
    clock: Date.now,
    logger,
  };
}

/** Context names may be addresses or mail names; the collector's protocol allows few characters. */
function idOf(name: string, { exportProtocol }: Config): string {
  return exportProtocol === 'collector' ? name.toLowerCase().replace(/[^a-z0-9_-]+/g, '-') : name;
}

async function exportedObjects(
  parts: Parts,
  { client, plan, ...known }: Known & { readonly client: Client; readonly plan: Plan },
): Promise<ExitStatus> {
  const { config, choice, signal } = parts;
  await using spool = await Spool.open(config.exportSpool ?? tmpdir());
  const { status } = await runOnce({
    ...runOf(parts, known),
    send: (session, sender) =>
      exportObjects({
        client,
        plan,
        choice,
        namespaces: config.namespaces,
        protocol: config.exportProtocol,
        helm: config.exportHelm,
        pageSize: config.exportPageSize,
        partial: config.exportPartial,
        session,
        spool,
        sender,
        signal,
      }),
  });
  return status;
}

interface GraphKnown extends Known {
  readonly source: GraphSource;
  readonly names: ReadonlyMap<string, string>;
  readonly client: Client | undefined;
}

/** Once, or repeatedly: everything, then changes. */
async function exportedGraph(parts: Parts, { source, names, client, ...known }: GraphKnown): Promise<ExitStatus> {
  const { config, choice, logger, signal, destination } = parts;
  const helm = config.exportHelm && client !== undefined ? () => helmReleases({ client, choice, signal }) : undefined;
  const run = runOf(parts, known);
  const whole = () =>
    runOnce({
      ...run,
      send: (_session, sender) => exportGraph({ source, choice, names, pageSize: config.exportPageSize, helm, sender }),
    });
  if (!config.exportFollow || destination === undefined) return (await whole()).status;
  const backoff = createBackoff({ base: 1_000, cap: 60_000 });
  for (;;) {
    const sent = await whole().catch((error: unknown) => passing(error, logger));
    if (sent === undefined) {
      await sleep(backoff.next(), signal);
      signal.throwIfAborted();
      continue;
    }
    if (sent.outcome === undefined) return sent.status;
    const began = Date.now();
    const { whole: at, filter } = sent.outcome;
    const why = await follow(at, filter, { source, destination, logger, signal });
    if (why === undefined) return exitStatus.all;
    logger.warn({ reason: why }, 'everything is sent again');
    // If following ends at once each time, do not send the whole cluster a hundred times a minute.
    if (Date.now() - began > calm) backoff.reset();
    await sleep(backoff.next(), signal);
    signal.throwIfAborted();
  }
}

/** Milliseconds of following after which a full export may start soon. */
const calm = 60_000;

/** Undefined for temporary errors, which a following export waits out. */
function passing(error: unknown, logger: Logger): undefined {
  const waits = ['unreachable', 'refused', 'busy', 'unknown_run'];
  if (!(error instanceof SendFailure) || !waits.includes(error.code)) throw error;
  logger.warn({ reason: error.message }, 'the whole could not be sent: it is tried again');
}
