// Wires access control: turns settings into authentication, visible graphs and limits. Used by start.ts.
import type { Registry } from 'prom-client';
import type { MonotonicClock } from '../../src/clock.ts';
import type { Server } from '../../src/http/server.ts';
import type { Logger } from '../../src/logger.ts';
import { repeat } from '../../src/repeat.ts';
import type { Config } from '../../src/settings/config.ts';
import { isLoopback } from '../../src/settings/config-checks.ts';
import { Strangers } from '../../src/strangers.ts';
import { Windows } from '../../src/windows.ts';
import type { GraphReader } from '../graph/engine/engine.ts';
import type { Mirror } from '../graph/replication/mirror.ts';
import type { Kind } from '../kinds/kind.ts';
import { typeOfKind } from '../kinds/lookup.ts';
import { addAccessMetrics, countReviews } from '../telemetry/access-metrics.ts';
import { readingMetrics } from '../telemetry/reading-metrics.ts';
import type { AccessOptions } from './access.ts';
import { createAccessReview } from './auth/access-review.ts';
import type { Authenticator } from './auth/authenticator.ts';
import { Bindings } from './auth/bindings.ts';
import { Candidates } from './auth/candidates.ts';
import type { World } from './auth/rights.ts';
import { createRightsOfCallers } from './auth/rights-of-callers.ts';
import { createTokenList } from './auth/token-list.ts';
import { createTokenReview, type Reviewer } from './auth/token-review.ts';
import { type GateOptions, type Limits, standingText } from './gate.ts';
import { createOpenRequests, lookEvery } from './open-requests.ts';
import { createVisibleGraphs, type VisibleGraphsOptions } from './visible-graphs/visible-graphs.ts';

export interface ProtectOptions
  extends Pick<VisibleGraphsOptions<Server>, 'main' | 'engineOptions' | 'open' | 'epoch'>,
    Pick<GateOptions, 'admitted'> {
  /** Shared where several applications answer at one address. */
  readonly strangers?: Strangers;
  /** Set if authentication is `kubernetes`. */
  readonly mirror: Mirror | undefined;
  readonly config: Config;
  /** For Kubernetes' reviews. */
  readonly client: Reviewer;
  /** Every kind read so far. */
  readonly kinds: () => Iterable<Kind>;
  readonly synced: () => boolean;
  readonly metrics: Registry;
  readonly clock: MonotonicClock;
  readonly logger: Logger;
  /** Who knows callers and their rights, where that is not the one cluster that `client` asks. */
  readonly callers?: { readonly authenticator: Authenticator; readonly limits: Limits & { close(): void } } | undefined;
}

/** Namespaces without a binding tried per tenant and minute. */
const mostTrials = 600;

export interface Protection {
  readonly access: AccessOptions;
  /** Checks everything open again: runs every ten seconds. */
  look(): Promise<void>;
  /** Ends the streams of visible graphs and closes them. */
  close(): Promise<void>;
}

/** @throws Fault `bad_setting` for unusable settings. */
export async function protect(options: ProtectOptions): Promise<Protection> {
  const { config, clock, logger, metrics } = options;
  const client = countReviews(metrics, options.client);
  const authenticator = options.callers?.authenticator ?? (await authenticatorOf({ ...options, client }));
  const limits =
    options.callers?.limits ?? (config.auth === 'kubernetes' ? limitsOf({ ...options, client }) : undefined);
  const standingOf = async (authorization: string | undefined) => {
    const caller = await authenticator?.callerOf(authorization);
    return caller && standingText(caller, await limits?.rights.of(caller));
  };
  const open = createOpenRequests({
    standingOf,
    clock,
    logger,
    onCut: (reason) => readingMetrics(metrics).cutOff.inc({ reason }),
  });
  addAccessMetrics(metrics, {
    open: () => open.size,
    visibleGraphs: () => limits?.visibleGraphs.size() ?? { count: 0, bytes: 0 },
  });
  warnOfPlainTokens(options);
  const look = async () => {
    await open.look();
    await limits?.visibleGraphs.tidy();
  };
  const stop = repeat(lookEvery, look, logger);
  const { cors, rateLimit, tlsCertFile } = config;
  const { strangers = new Strangers(clock), admitted } = options;
  return {
    access: {
      authenticator,
      limits,
      open,
      clock,
      cors,
      rateLimit,
      tls: tlsCertFile !== undefined,
      strangers,
      admitted,
    },
    look,
    async close() {
      stop();
      limits?.close();
      await limits?.visibleGraphs.close();
    },
  };
}

/** A token sent in clear text can be stolen. */
function warnOfPlainTokens({ config, logger }: ProtectOptions): void {
  if (config.auth === 'none' || config.tlsCertFile !== undefined || isLoopback(config.host)) return;
  logger.warn(
    'callers send their tokens unencrypted: set CLUSTER_INSIGHT_TLS_CERT_FILE, or end TLS before this process',
  );
}

async function authenticatorOf({ config, client, clock, logger }: ProtectOptions): Promise<Authenticator | undefined> {
  if (config.auth === 'kubernetes') return createTokenReview({ client, clock });
  const file = config.authTokensFile ?? config.tokenFile;
  // The settings check ensures that there is a file.
  return config.auth === 'token' ? createTokenList({ file: file ?? '', clock, logger }) : undefined;
}

function limitsOf(options: ProtectOptions): Limits & { close(): void } {
  const { client, clock, config, logger, main, mirror, kinds, synced } = options;
  if (!mirror) throw new Error('what each caller may see is told by the mirror');
  // A kind forbidden to us has no resources; with a few namespaces it may be forbidden in some only.
  const unread = new Set(['absent', 'excluded', ...(config.namespaces.length > 0 ? [] : ['forbidden'])]);
  const review = createAccessReview({ client, clock });
  const bindings = new Bindings({ main, mirror });
  const trials = new Windows({ most: mostTrials, clock });
  const candidates = new Candidates({ bindings, authorizer: config.authorizer, review, trials, logger });
  const rights = createRightsOfCallers({ review, candidates, clock, world: () => worldOf(main, kinds(), unread) });
  const pause = () => new Promise<void>((resolve) => setImmediate(resolve));
  return {
    rights,
    close: () => bindings.close(),
    visibleGraphs: createVisibleGraphs({ ...options, mirror, pause, mostBytes: config.scopeMemory }),
    synced,
  };
}

/** What rights may refer to: kinds with possible resources, and namespaces with resources. */
function worldOf(graph: GraphReader, kinds: Iterable<Kind>, unread: ReadonlySet<string>): World {
  const states = graph.sources('kinds');
  const isRead = (kind: Kind) => !unread.has(states.get(typeOfKind(kind))?.state ?? 'absent');
  const namespaces = new Set([...graph.members('Namespace', '')].map(({ name }) => name));
  for (const type of graph.counts().keys()) for (const namespace of graph.namespacesOf(type)) namespaces.add(namespace);
  namespaces.delete('');
  return {
    kinds: [...kinds].filter(isRead).map((kind) => ({
      type: typeOfKind(kind),
      group: kind.group,
      plural: kind.plural,
      namespaced: kind.namespaced,
    })),
    namespaces: [...namespaces].sort(),
  };
}
