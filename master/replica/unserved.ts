// Answers for clusters without a served graph: those whose graph is not complete yet, and unknown ones. It authenticates callers
// like the other applications, so that strangers learn neither which clusters exist nor their states.
import { Registry } from 'prom-client';
import { monotonicClock } from '../../src/clock.ts';
import { type Fault, fault } from '../../src/errors.ts';
import type { Server } from '../../src/http/server.ts';
import type { Logger } from '../../src/logger.ts';
import type { Config } from '../../src/settings/config.ts';
import { admissionOf } from '../../src/settings/config-checks.ts';
import type { Strangers } from '../../src/strangers.ts';
import type { Reviewer } from '../access/auth/token-review.ts';
import { isOpen } from '../access/gate.ts';
import { type Protection, protect } from '../access/protect.ts';
import { createApp } from '../app.ts';
import { engineOptionsOf } from '../engine-options.ts';
import { createEngine } from '../graph/engine/engine.ts';
import { noLimit } from '../graph/engine/relation-limit.ts';
import { createMirror } from '../graph/replication/mirror.ts';
import type { Retention } from '../graph/revisions/retention.ts';
import { kinds as registry } from '../kinds/index.ts';
import type { RouteContext } from '../routes/route.ts';
import { createTypeNames } from '../type-names.ts';

export interface UnservedOptions {
  readonly config: Config;
  readonly logger: Logger;
  readonly metrics: Registry;
  readonly retention: Retention;
  readonly strangers: Strangers;
  readonly context: Pick<RouteContext, 'build' | 'page' | 'live' | 'ready' | 'clusters'>;
  readonly clusterName: string;
  /** Answers a caller with a token, if tokens belong to one cluster. */
  readonly review: Reviewer['review'];
  /** Answers everyone else, for every path. Default: no graph is complete yet. */
  readonly instead?: (asked: object) => Fault;
}

export interface Unserved {
  readonly app: Server;
  close(): Promise<void>;
}

const notReady = 'no master has told a whole graph yet';

/** For a cluster without a complete graph. */
export const nothingWhole: Reviewer['review'] = () => Promise.reject(fault('not_ready', { reason: notReady }));
/** For an unknown cluster: no token is valid there. */
export const nobodyThere: Reviewer['review'] = async ({ kind }) => {
  const status = { authenticated: false };
  return { status: 201, headers: {}, body: Buffer.from(JSON.stringify({ kind, status })) };
};

export async function openUnserved(options: UnservedOptions): Promise<Unserved> {
  const { config, logger, metrics, context, instead } = options;
  const server = { logger, admission: { ...admissionOf(config), origins: config.cors } };
  const { engine, protection } = await protectNothing(options);
  const app = createApp({
    ...context,
    graph: engine,
    typesNamed: () => [],
    ...(instead ? {} : { notReady: () => notReady }),
    metrics: Registry.merge([metrics]),
    epoch: '00000000',
    measured: true,
    server,
    access: protection.access,
  });
  // `preParsing` runs after the gate, which is an `onRequest` hook: only admitted callers get this answer.
  if (instead)
    app.addHook('preParsing', async (request) => {
      if (!isOpen(request)) throw instead(request.raw);
    });
  await app.ready();
  return {
    app,
    async close() {
      await app.close();
      await protection.close();
    },
  };
}

/** Access control over an empty graph. */
async function protectNothing(options: UnservedOptions) {
  const { config, logger, retention, clusterName, strangers, review } = options;
  const said = { clusterName, createdBy: '', rules: [], virtualTypes: [], namespaces: [], clock: () => 0 };
  const engineOptions = engineOptionsOf({ ...said, names: createTypeNames(registry), retention, limit: noLimit });
  const engine = createEngine(engineOptions);
  const protection: Protection = await protect({
    config,
    client: { review },
    main: engine,
    mirror: createMirror(engine),
    engineOptions,
    epoch: '00000000',
    kinds: () => [],
    synced: () => false,
    metrics: new Registry(),
    clock: monotonicClock,
    logger,
    strangers,
    open: () => Promise.reject(fault('not_ready', { reason: notReady })),
  });
  return { engine, protection };
}
