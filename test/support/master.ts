// A master in this process over an API server of a test, with short times: reflectors, store, graph and routes wired as in
// start.ts.
import type { Graph } from '../../master/build-graph.ts';
import { kinds } from '../../master/kinds/index.ts';
import type { ReflectorTimes } from '../../master/sources/kubernetes/reflector.ts';
import { createReflectors, type Reflectors } from '../../master/sources/kubernetes/reflectors.ts';
import type { ApiServer } from '../../src/demo/api-server.ts';
import { silentLogger } from '../../src/logger.ts';
import type { Relation, Resource, SourceState } from '../../src/model.ts';
import { createTestApp, type TestApp } from './app.ts';
import { eventually } from './engines/daemon.ts';
import { graphOf, kindNamed } from './random-cluster.ts';
import { clientOf, shortTimes } from './reflecting.ts';

export interface TestMaster extends TestApp {
  readonly reflectors: Reflectors;
  /** All states of a kind since the start, in order: `synced`, `stale: why`. */
  states(type: string): readonly string[];
  /** Resolves when the graph has exactly the objects of `resource` in their newest versions, and the kind is synced. */
  caughtUp(type: string, resource: string): Promise<void>;
  /** The parts that do not depend on the moment. */
  timeless(): { readonly resources: readonly Partial<Resource>[]; readonly relations: readonly Partial<Relation>[] };
  close(): Promise<void>;
}

export async function startMaster(server: ApiServer, times: Partial<ReflectorTimes> = {}): Promise<TestMaster> {
  const served = createTestApp({ clock: Date.now });
  const { engine, store, names } = served;
  const client = await clientOf(server);
  const states = new Map<string, string[]>();
  engine.changes.follow(() => {
    for (const [type, state] of engine.sources('kinds')) note(states, type, state);
  });
  const reflectors = createReflectors({
    client,
    kinds,
    sinkOf(kind) {
      names.add(kind);
      return store.sinkOf(kind);
    },
    config: { refresh: 1000 },
    logger: silentLogger,
    times: { ...shortTimes, grace: 0, ...times },
  });
  await reflectors.whenSynced;
  engine.changes.record();
  return {
    ...served,
    reflectors,
    states: (type) => states.get(type) ?? [],
    caughtUp: (type, resource) =>
      eventually(`${type} to be as the API server has it`, 30_000, () => isCurrent(served, server, type, resource)),
    timeless() {
      const { resources, relations } = graphOf(engine);
      const strip = <T extends { timestamp: string }>({ timestamp: _, ...rest }: T) => rest;
      return { resources: resources.map(strip), relations: relations.map(strip) };
    },
    async close() {
      await served.app.close();
      await reflectors.close();
      client.close();
    },
  };
}

function note(states: Map<string, string[]>, type: string, { state, reason }: SourceState): void {
  const text = reason === undefined ? state : `${state}: ${reason}`;
  const list = states.get(type) ?? [];
  if (list.at(-1) !== text) states.set(type, [...list, text]);
}

function isCurrent({ engine }: Graph, server: ApiServer, type: string, resource: string): boolean {
  if (engine.sources('kinds').get(type)?.state !== 'synced') return false;
  const objects = server.list(resource);
  const { namespaced } = kindNamed(type);
  const idOf = ({ name, namespace }: { name: string; namespace?: string }) =>
    namespaced ? `${type}:${namespace}/${name}` : `${type}:${name}`;
  return (
    objects.length === (engine.counts().get(type) ?? 0) &&
    objects.every(({ metadata }) => engine.get(idOf(metadata))?.resourceVersion === metadata.resourceVersion)
  );
}
