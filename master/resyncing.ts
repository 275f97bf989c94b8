// Lists everything again because somebody asks: by POST, by SIGHUP, or by an annotation on the master's own Deployment. Readers see
// what was there until the new is whole.
import { itemsOf } from '../src/fields.ts';
import type { Logger } from '../src/logger.ts';
import type { GraphReader } from './graph/engine/engine.ts';
import type { OwnPod } from './running-image.ts';

/** What came of it. */
export interface Resynced {
  /** How many kinds were listed whole. */
  readonly listed: number;
  /** By resource type: why it could not be. */
  readonly failed: { readonly [type: string]: string };
}

/** Never rejects. `by` is said in the log. */
export type Resync = (by: string) => Promise<Resynced>;

/** Who asks while everything is listed already gets what comes of that: one listing at a time. */
export function createResync(listAgain: () => Promise<Resynced>, logger: Pick<Logger, 'info' | 'warn'>): Resync {
  let running: Promise<Resynced> | undefined;

  async function run(by: string): Promise<Resynced> {
    logger.info(`everything is listed again: ${by} asks`);
    const result = await listAgain();
    const failed = Object.keys(result.failed);
    if (failed.length === 0) logger.info(`everything was listed again: ${result.listed} kinds`);
    else logger.warn({ failed: result.failed }, `${result.listed} kinds were listed again, ${failed.length} were not`);
    return result;
  }

  return (by) => {
    running ??= run(by).finally(() => {
      running = undefined;
    });
    return running;
  };
}

export const resyncAnnotation = 'cluster-insight.io/resync';

interface Owned {
  readonly metadata?: {
    readonly annotations?: { readonly [name: string]: unknown };
    readonly ownerReferences?: readonly { readonly kind?: unknown; readonly name?: unknown }[];
  };
}

/** The annotation's value, on the Deployment of the Pod, empty where it has none; undefined where the graph does not hold it. */
export function askedFor(graph: GraphReader, { name, namespace }: OwnPod): string | undefined {
  const replicaSet = ownerOf(objectAt(graph, `Pod:${namespace}/${name}`), 'ReplicaSet');
  const deployment = replicaSet && ownerOf(objectAt(graph, `ReplicaSet:${namespace}/${replicaSet}`), 'Deployment');
  const object = deployment && objectAt(graph, `Deployment:${namespace}/${deployment}`);
  if (!object) return undefined;
  const value = object.metadata?.annotations?.[resyncAnnotation];
  return typeof value === 'string' ? value : '';
}

function objectAt(graph: GraphReader, id: string): Owned | undefined {
  const vertex = graph.get(id);
  return vertex?.present ? (JSON.parse(graph.propertiesOf(vertex)) as Owned) : undefined;
}

function ownerOf(object: Owned | undefined, kind: string): string | undefined {
  const owner = itemsOf(object?.metadata?.ownerReferences).find((each) => each?.kind === kind);
  return typeof owner?.name === 'string' ? owner.name : undefined;
}

/** Looks at the annotation when it is called: another value than the last time asks, the first that is seen does not. */
export function createAnnotationWatch(read: () => string | undefined, ask: Resync): () => void {
  let seen: string | undefined;
  return () => {
    const now = read();
    if (now === undefined || now === seen) return;
    const isFirst = seen === undefined;
    seen = now;
    // That it is taken away asks for nothing.
    if (!isFirst && now !== '') void ask(`the annotation ${resyncAnnotation}`);
  };
}
