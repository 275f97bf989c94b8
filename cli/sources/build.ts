// Reads a cluster once, with the reflectors of a master, and asks the graph that comes of it in this process.

import { buildGraph, type Graph } from '../../master/build-graph.ts';
import { kinds } from '../../master/kinds/index.ts';
import type { Declaration } from '../../master/relations/declared/declaration.ts';
import type { Client } from '../../master/sources/kubernetes/client.ts';
import { createReflectors } from '../../master/sources/kubernetes/reflectors.ts';
import type { Logger } from '../../src/logger.ts';
import { sourceOfGraph } from './in-process.ts';
import type { Source } from './source.ts';

export interface BuildOptions {
  readonly client: Client;
  /** Of names that say none. */
  readonly namespace: string;
  /** The only ones to read; none means all. */
  readonly only: readonly string[];
  /** Those to read where the user may not read all. */
  readonly named: readonly string[];
  readonly version: string;
  readonly logger: Logger;
  readonly warn: (line: string) => void;
  /** Rules of the user. */
  readonly declarations?: readonly Declaration[];
}

/** Nothing is polled or read again: the first list is the answer. */
const never = 2 ** 31 - 1;

export async function sourceOfCluster(options: BuildOptions): Promise<Source> {
  const { client, namespace, only, named, version, warn } = options;
  const all = await read(options, only);
  const mayNot = only.length === 0 && all.engine.sources('kinds').get('Pod')?.state === 'forbidden';
  if (mayNot)
    warn(
      `this user may not read every namespace: only ${named.join(', ')} is read, -n names another, and nothing is known of others`,
    );
  const graph = mayNot ? await read(options, named) : all;
  const source = sourceOfGraph({ name: client.server, namespace, version, graph });
  const remedy = '-n NAMESPACE reads one namespace, where this user may read it';
  return {
    ...source,
    remedy,
    async close() {
      await source.close();
      client.close();
    },
  };
}

async function read(
  { client, version, logger, declarations }: BuildOptions,
  namespaces: readonly string[],
): Promise<Graph> {
  const about = { clusterName: client.contextName, version, namespaces, keepValues: false, logger };
  const graph = buildGraph({ ...about, declarations });
  const reflectors = createReflectors({
    client,
    kinds,
    sinkOf(kind) {
      graph.names.add(kind);
      return graph.store.sinkOf(kind);
    },
    tell: graph.store.tell,
    config: { refresh: never, ...(namespaces.length > 0 ? { namespaces } : {}) },
    logger,
  });
  await reflectors.whenSynced;
  await reflectors.close();
  return graph;
}
