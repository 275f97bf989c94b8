// What answers where no graph is served: for a cluster of which nothing whole was told yet, and for one that nobody knows. Where
// callers must say who they are, they must here, too: who is a stranger learns neither which clusters there are nor how they stand.
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
  /** The answer to who shows a token, where tokens are of one cluster. */
  readonly review: Reviewer['review'];
  /** The answer to everybody else, whatever they ask for; if left out, that no graph is whole. */
  readonly instead?: (asked: object) => Fault;
}

export interface Unserved {
  readonly app: Server;
  close(): Promise<void>;
}

const notReady = 'no master has told a whole graph yet';

/** For a cluster of which nothing is whole. */
export const nothingWhole: Reviewer['review'] = () => Promise.reject(fault('not_ready', { reason: notReady }));
/** For a cluster that is not known: no token is one of its. */
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
  // After the gate, which runs when requests arrive.
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

/** Access to a graph that is empty. */
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
