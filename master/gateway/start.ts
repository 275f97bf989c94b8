// The mode `gateway`: accepts agents and serves each cluster as its master would.
import { randomUUID } from 'node:crypto';
import { hostname } from 'node:os';
import { Registry } from 'prom-client';
import packageJson from '../../package.json' with { type: 'json' };
import { monotonicClock } from '../../src/clock.ts';
import type { ToldAction } from '../../src/gateway-protocol/actions-body.ts';
import { type Scheme, schemes } from '../../src/gateway-protocol/proof.ts';
import { agentsPath } from '../../src/gateway-protocol/protocol.ts';
import { getOrMake } from '../../src/get-or-make.ts';
import type { Logger } from '../../src/logger.ts';
import type { Running, Start, StartOptions } from '../../src/mode.ts';
import { repeat } from '../../src/repeat.ts';
import type { Config } from '../../src/settings/config.ts';
import { admissionOf } from '../../src/settings/config-checks.ts';
import { ToldFindings } from '../findings/told.ts';
import { calmGarbageCollection } from '../garbage-collection.ts';
import { ReplicaServer } from '../replica/replica-server.ts';
import type { Build } from '../routes/route.ts';
import { Series } from '../series/series.ts';
import { addGatewayMetrics } from '../telemetry/gateway-metrics.ts';
import { builtPage, readStaticFiles } from '../ui/static-files.ts';
import { Acceptor } from './accept.ts';
import { ActionBoard } from './action-board.ts';
import { type ActionsAppOptions, createActionsApp, isOfActions } from './actions-app.ts';
import { ActionsReceiver } from './actions-receiver.ts';
import { agentReviewer } from './agent-reviewer.ts';
import { Agents } from './agents.ts';
import { runCommand } from './command.ts';
import { Enrolments } from './enrolments.ts';
import { FindingsReceiver } from './findings-receiver.ts';
import { GraphReceiver } from './graph-receiver.ts';
import { LogReceiver } from './log-receiver.ts';
import { MetricsReceiver } from './metrics-receiver.ts';
import { Positions } from './positions.ts';
import type { OpenReceiver } from './receiver.ts';
import type { Republisher } from './republisher.ts';

/** Milliseconds between two checks of the enrolments. */
const lookPeriod = 5_000;

export interface GatewayOptions extends StartOptions {
  readonly output?: { write(text: string): unknown };
}

export const start: Start = async (options: GatewayOptions) => {
  const { config, output = process.stdout } = options;
  const enrolments = new Enrolments(config.gatewayEnrolments ?? '');
  if (config.gatewayCommand.length === 0) return serve(options, enrolments);
  output.write(runCommand(config, enrolments));
  return { url: '', ended: Promise.resolve(0), close: () => Promise.resolve() } satisfies Running;
};

async function serve({ config, logger }: StartOptions, enrolments: Enrolments): Promise<Running> {
  calmGarbageCollection();
  await using opening = new AsyncDisposableStack();
  // Detects an unreadable folder before listening.
  enrolments.list();
  const metrics = new Registry();
  const standing: { agents?: Agents; acceptor?: Acceptor } = {};
  const { onRefused, onAction } = addGatewayMetrics(metrics, {
    connections: () => standing.acceptor?.size ?? 0,
    agents: () => [...(standing.agents ?? [])].map(({ status }) => status),
  });
  const seriesOf = byCluster(() => new Series(config.seriesMemory));
  const findingsOf = byCluster(() => new ToldFindings(Date.now));
  const board = new ActionBoard();
  const server = new ReplicaServer({
    config,
    logger,
    metrics,
    build: buildOf(config),
    page: readStaticFiles(builtPage),
    seriesOf,
    findingsOf,
    beside: {
      app: actionsApp({ config, logger }, board, (name, role) => standing.agents?.of(name, role)),
      answers: isOfActions,
    },
    actorOf: (cluster) => {
      const actor = standing.agents?.of(cluster, 'actor');
      return actor && (actor.status.connected ? 'connected' : 'away');
    },
    reviewerOf: (cluster) => agentReviewer(cluster, (name) => standing.agents?.of(name)),
  });
  opening.defer(() => server.close());
  const republish = await republishing({ config, logger });
  const logs = (cluster: string) => new LogReceiver(cluster, logger);
  const agents = new Agents({
    enrolments,
    logger,
    positions: new Positions(config.gatewayEnrolments ?? '', logger),
    receivers: { ...receiversOf({ server, seriesOf, findingsOf, republish }), logs },
    ofActors: { actions: actionsOf({ board, logger, onState: onAction }), logs },
  });
  standing.agents = agents;
  opening.defer(() => agents.close());
  const acceptor = acceptAgents({ config, logger }, agents, onRefused);
  acceptor.attach(server.http);
  standing.acceptor = acceptor;
  opening.defer(() => acceptor.close());
  opening.defer(repeat(lookPeriod, () => agents.look(), logger));
  const url = await server.listen();
  logger.info(`agents call in at ${url.replace(/^http/, 'ws')}${agentsPath}`);
  const opened = opening.move();
  return { url, retire: () => server.retire(), close: () => opened.disposeAsync() };
}

function byCluster<T>(make: () => T): (cluster: string) => T {
  const all = new Map<string, T>();
  return (cluster) => getOrMake(all, cluster, make);
}

function actionsApp({ config, logger }: StartOptions, board: ActionBoard, agentOf: ActionsAppOptions['agentOf']) {
  const admission = { ...admissionOf(config), origins: config.cors };
  return createActionsApp({ server: { logger, admission }, agentOf, board, clock: monotonicClock, wall: Date.now });
}

interface Feedback {
  readonly board: ActionBoard;
  readonly logger: Logger;
  readonly onState: (cluster: string, told: ToldAction) => void;
}

function actionsOf({ board, logger, onState }: Feedback): OpenReceiver {
  return (cluster) => new ActionsReceiver({ cluster, board, logger, onState: (told) => onState(cluster, told) });
}

interface Receiving {
  readonly server: ReplicaServer;
  readonly seriesOf: (cluster: string) => Series;
  readonly findingsOf: (cluster: string) => ToldFindings;
  readonly republish: ((cluster: string) => Republisher) | undefined;
}

/** Loaded only with a configured stream. */
async function republishing({ config, logger }: StartOptions): Promise<Receiving['republish']> {
  if (config.stream.length === 0) return undefined;
  const { Republisher } = await import('./republisher.ts');
  return (cluster) => new Republisher(cluster, config, logger);
}

function receiversOf({ server, seriesOf, findingsOf, republish }: Receiving) {
  return {
    graph: (cluster: string) => {
      const { replica } = server.member(cluster);
      const republisher = republish?.(cluster);
      return new GraphReceiver({
        async receive(message) {
          const verdict = await replica.receive(message);
          republisher?.follow(replica.served);
          return verdict;
        },
        close: () => republisher?.close(),
        clock: monotonicClock,
      });
    },
    findings: (cluster: string) => new FindingsReceiver(findingsOf(cluster)),
    metrics: (cluster: string) => new MetricsReceiver(seriesOf(cluster)),
  };
}

function acceptAgents({ config, logger }: StartOptions, agents: Agents, onRefused: (code: string) => void): Acceptor {
  return new Acceptor({
    agents,
    handshake: { gateway: `${hostname()}-${randomUUID().slice(0, 8)}`, schemes: schemesOf(config) },
    clock: monotonicClock,
    wall: Date.now,
    logger,
    onRefused,
  });
}

function schemesOf({ gatewaySchemes }: Config): Scheme[] {
  return gatewaySchemes.flatMap((name) => schemes.find((scheme) => scheme === name) ?? []);
}

function buildOf({ version, revision, buildDate }: Config): Build {
  return { version: version ?? packageJson.version, revision, date: buildDate };
}
