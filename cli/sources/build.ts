// Reads a cluster once with a master's reflectors, and answers from the resulting graph in this process.

import { buildGraph, type Graph } from '../../master/build-graph.ts';
import type { FindingBook } from '../../master/findings/book.ts';
import { kinds } from '../../master/kinds/index.ts';
import type { Declaration } from '../../master/relations/declared/declaration.ts';
import type { Client } from '../../master/sources/kubernetes/client.ts';
import { createReflectors } from '../../master/sources/kubernetes/reflectors.ts';
import { counted } from '../../src/counted.ts';
import type { Logger } from '../../src/logger.ts';
import type { SourceState } from '../../src/model.ts';
import { type Progress, whileShowing } from '../print/progress.ts';
import { sourceOfGraph } from './in-process.ts';
import type { Source } from './source.ts';

export interface BuildOptions {
  readonly client: Client;
  /** For names without one. */
  readonly namespace: string;
  /** The only namespaces to read; empty for all. */
  readonly only: readonly string[];
  /** Namespaces to read if the user may not read all. */
  readonly named: readonly string[];
  /** Whether it is kept up to date until closed. */
  readonly live?: boolean;
  readonly version: string;
  readonly logger: Logger;
  readonly warn: (line: string) => void;
  /** Told how far it is. */
  readonly progress: Progress;
  /** User-defined rules. */
  readonly declarations?: readonly Declaration[];
  /** The rules for findings. */
  readonly findingBook?: FindingBook | undefined;
}

/** Milliseconds between two lists of kinds that cannot be watched; never for a single read. */
const refresh = { once: 2 ** 31 - 1, live: 30_000 } as const;

export async function sourceOfCluster(options: BuildOptions): Promise<Source> {
  const { client, namespace, only, named, version, warn } = options;
  const all = await read(options, only);
  const mayNot = only.length === 0 && all.engine.sources('kinds').get('Pod')?.state === 'forbidden';
  if (mayNot) await all.close();
  if (mayNot)
    warn(
      `this user may not read every namespace: only ${named.join(', ')} is read, -n names another, and nothing is known of others`,
    );
  const { close, ...graph } = mayNot ? await read(options, named) : all;
  // A single read never sees changes.
  const about = { watched: options.live === true, findingBook: options.findingBook };
  const source = sourceOfGraph({ name: client.server, namespace, version, graph, ...about });
  const remedy = '-n NAMESPACE reads one namespace, where this user may read it';
  return {
    ...source,
    remedy,
    async close() {
      await source.close();
      await close();
      client.close();
    },
  };
}

/** A graph, and a function that ends its updates. */
type Read = Graph & { close(): Promise<void> };

async function read(
  { client, version, logger, declarations, progress, live = false }: BuildOptions,
  namespaces: readonly string[],
): Promise<Read> {
  const about = { clusterName: client.contextName, version, namespaces, keepValues: false, logger };
  const graph = buildGraph({ ...about, declarations });
  const reflectors = createReflectors({
    client,
    kinds,
    sinkOf(kind) {
      graph.names.add(kind);
      return graph.store.sinkOf(kind);
    },
    tell: (...said) => graph.store.tell(...said),
    config: { refresh: live ? refresh.live : refresh.once, ...(namespaces.length > 0 ? { namespaces } : {}) },
    logger,
  });
  const said = () => `reading ${client.server}: ${countsOf(graph.engine.sources('kinds'))}`;
  await whileShowing(progress, said, reflectors.whenSynced);
  if (!live) await reflectors.close();
  return { ...graph, close: () => (live ? reflectors.close() : Promise.resolve()) };
}

/** `23 of 80 kinds`. */
function countsOf(states: ReadonlyMap<string, SourceState>): string {
  const read = [...states.values()].filter(({ state }) => state !== 'syncing').length;
  return `${read} of ${counted(states.size, 'kind')}`;
}
