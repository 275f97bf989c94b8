// The source of an exported graph: read in this process, or from a running master. Both are queried like any client queries
// a master.
import { randomUUID } from 'node:crypto';
import type { Readable } from 'node:stream';
import { Registry } from 'prom-client';
import type { Logger } from '../../src/logger.ts';
import type { Config } from '../../src/settings/config.ts';
import { createApp } from '../app.ts';
import { buildGraph, type Graph } from '../build-graph.ts';
import { createRetention, mostOf } from '../graph/revisions/retention.ts';
import { createPageReader } from '../ingest/pages/reader.ts';
import { kinds } from '../kinds/index.ts';
import type { Kind } from '../kinds/kind.ts';
import { typeOfKind } from '../kinds/lookup.ts';
import type { Client } from '../sources/kubernetes/client.ts';
import { loadClient } from '../sources/kubernetes/client.ts';
import type { Served } from '../sources/kubernetes/discover.ts';
import { createReflectors } from '../sources/kubernetes/reflectors.ts';
import { memoryLimit } from '../telemetry/process-metrics.ts';
import type { Choice } from './choice.ts';

export interface Answer {
  readonly status: number;
  readonly headers: { readonly [name: string]: unknown };
  readonly body: AsyncIterable<Buffer>;
}

export interface GraphSource {
  /** Leaving the loop over the body ends the request, as does `signal` at any time. */
  ask(path: string, headers?: { readonly [name: string]: string }, signal?: AbortSignal): Promise<Answer>;
  close(): Promise<void>;
}

export interface HereOptions {
  readonly client: Client;
  readonly served: Served;
  readonly choice: Choice;
  readonly config: Config;
  readonly clusterName: string;
  readonly version: string;
  readonly logger: Logger;
  readonly signal: AbortSignal;
}

/** Without following, nothing is polled or read again. */
const never = 2 ** 31 - 1;

/** What is read here, and how it ends. */
export interface ReadGraph {
  readonly graph: Graph;
  /** Every kind that is read, by type. */
  readonly kinds: ReadonlyMap<string, Kind>;
  close(): Promise<void>;
}

/** Resolves once every type was read or reported unreadable. `mirrored`: the graph is sent to another process. */
export async function readHere(options: HereOptions, mirrored = false): Promise<ReadGraph> {
  const { client, config, clusterName, version, logger, signal } = options;
  await using opening = new AsyncDisposableStack();
  const { namespaces, exportFollow: follow } = config;
  const retention = createRetention({ most: mostOf(memoryLimit()) });
  const shared = { clusterName, version, namespaces, keepValues: false, logger, retention, mirrored };
  const graph = buildGraph({ ...shared, openPages: createPageReader });
  opening.defer(() => graph.pages?.close());
  const found = new Map<string, Kind>();
  const reflectors = createReflectors({
    client,
    kinds,
    sinkOf(kind) {
      found.set(typeOfKind(kind), kind);
      graph.names.add(kind);
      return graph.store.sinkOf(kind);
    },
    tell: (family, name, state, reason) => graph.store.tell(family, name, state, reason),
    config: {
      refresh: follow ? config.refresh : never,
      kinds: kindsOf(options),
      namespaces,
      verify: follow ? config.verify : 0,
    },
    logger,
  });
  opening.defer(() => reflectors.close());
  await ended(reflectors.whenSynced, signal);
  if (follow) graph.engine.changes.record();
  else await reflectors.close();
  const opened = opening.move();
  return { graph, kinds: found, close: () => opened.disposeAsync() };
}

export async function graphHere(options: HereOptions): Promise<GraphSource> {
  const { version, logger } = options;
  await using opening = new AsyncDisposableStack();
  const { graph, close } = await readHere(options);
  opening.defer(close);
  const app = createApp({
    graph: graph.engine,
    typesNamed: graph.names.meant,
    live: [],
    ready: [],
    metrics: new Registry(),
    build: { version },
    epoch: randomUUID().slice(0, 8),
    server: { logger: logger.child({}, { level: 'warn' }) },
  });
  opening.defer(() => app.close());
  const opened = opening.move();
  return {
    async ask(path, headers = {}, signal) {
      const answer = await app.inject({ method: 'GET', url: path, headers, payloadAsStream: true });
      const body = answer.stream() as Readable;
      const end = (): void => void body.destroy();
      signal?.addEventListener('abort', end, { once: true });
      body.once('close', () => signal?.removeEventListener('abort', end));
      return { status: answer.statusCode, headers: answer.headers, body };
    },
    close: () => opened.disposeAsync(),
  };
}

/** The choice for the reflectors, by `plural.group`. */
function kindsOf({ served, choice }: HereOptions) {
  const resources = served.resources.filter(({ verbs }) => verbs.includes('list'));
  const words = (chosen: boolean) => [
    ...new Set(
      resources
        .filter(({ group, plural }) => choice.type(group, plural) === chosen)
        .map(({ group, plural }) => (group === '' ? plural : `${plural}.${group}`)),
    ),
  ];
  const known = kinds
    .filter(({ group, plural }) => !choice.type(group, plural))
    .map(({ group, kind }) => (group === '' ? kind : `${kind}.${group}`));
  return { add: words(true), omit: [...words(false), ...known] };
}

async function ended(work: Promise<unknown>, signal: AbortSignal): Promise<void> {
  const aborted = new Promise<never>((_, reject) => {
    signal.addEventListener('abort', () => reject(signal.reason), { once: true });
  });
  await Promise.race([work, aborted]);
  signal.throwIfAborted();
}

export interface MasterOptions {
  readonly url: string;
  readonly tokenFile: string | undefined;
  readonly caFile: string | undefined;
  readonly env: NodeJS.ProcessEnv;
}

/** From a running master; a changed token file is read again. */
export async function graphOfMaster({ url, tokenFile, caFile, env }: MasterOptions): Promise<GraphSource> {
  const name = 'master';
  const client = await loadClient({
    env,
    document: {
      'current-context': name,
      contexts: [{ name, context: { cluster: name, user: name } }],
      clusters: [
        { name, cluster: { server: url.replace(/\/+$/, ''), ...(caFile ? { 'certificate-authority': caFile } : {}) } },
      ],
      users: [{ name, user: tokenFile ? { tokenFile } : {} }],
    },
  });
  if (client === undefined) throw new Error('a kubeconfig of our own names no server');
  return {
    ask: (path, headers = {}, signal) => client.stream(path, { headers, idle: 120_000, ...(signal && { signal }) }),
    close: async () => client.close(),
  };
}
