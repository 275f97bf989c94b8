// Lists everything again on request: by POST, by SIGHUP, or by an annotation on the master's Deployment. Readers see the
// old data until the new is complete.
import { itemsOf } from '../src/fields.ts';
import type { Logger } from '../src/logger.ts';
import type { GraphReader } from './graph/engine/engine.ts';
import type { OwnPod } from './running-image.ts';

/** The result. */
export interface Resynced {
  /** Number of complete lists. */
  readonly listed: number;
  /** Reason of failure by resource type. */
  readonly failed: { readonly [type: string]: string };
}

/** Never rejects. `by` is logged. */
export type Resync = (by: string) => Promise<Resynced>;

/** A request during a resync gets the result of that one. */
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

/** The annotation on this Pod's Deployment, empty if absent; undefined if the graph lacks the Deployment. */
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

/** Checks the annotation on each call: a new value triggers a resync, the first one does not. */
export function createAnnotationWatch(read: () => string | undefined, ask: Resync): () => void {
  let seen: string | undefined;
  return () => {
    const now = read();
    if (now === undefined || now === seen) return;
    const isFirst = seen === undefined;
    seen = now;
    // Its removal triggers nothing.
    if (!isFirst && now !== '') void ask(`the annotation ${resyncAnnotation}`);
  };
}
