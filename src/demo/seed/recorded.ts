// The recorded cluster as part of the demo: all of its objects but the bootstrap roles of the API server's own components, the node
// (which is enlarged in `nodes.ts`), and the events of long ago.
import { readdirSync, readFileSync } from 'node:fs';
import { groupOf } from '../../ids.ts';
import type { KubernetesObject } from '../../model.ts';

const folder = new URL('../recorded/kubernetes/', import.meta.url);

/** Made anew in `nodes.ts`, or not wanted. `Endpoints` are the old form of what EndpointSlices say. */
const leftOut = new Set(['Node', 'Event', 'CSINode', 'Lease', 'IPAddress']);

interface List {
  readonly kind: string;
  readonly apiVersion: string;
  readonly items: readonly KubernetesObject[];
}

export function recordedObjects(): KubernetesObject[] {
  const files = readdirSync(folder).filter((file) => file.includes('__'));
  return files.flatMap((file) => objectsOf(JSON.parse(readFileSync(new URL(file, folder), 'utf8')) as List));
}

function objectsOf({ kind, apiVersion, items }: List): KubernetesObject[] {
  const itemKind = kind.replace(/List$/, '');
  if (leftOut.has(itemKind)) return [];
  return items
    .map((item) => suspended(withoutVersion({ kind: itemKind, apiVersion, ...item })))
    .filter((object) => !isBootstrap(object));
}

/** The demo's server counts versions anew. */
function withoutVersion(object: KubernetesObject): KubernetesObject {
  const { resourceVersion: _version, ...metadata } = object.metadata;
  return { ...object, metadata };
}

/** Nobody runs them here: without this they would have been due since the day of the recording. */
function suspended(object: KubernetesObject): KubernetesObject {
  if (object.kind !== 'CronJob') return object;
  return { ...object, spec: { ...(object['spec'] as object), suspend: true } };
}

function isBootstrap({ apiVersion = '', metadata }: KubernetesObject): boolean {
  const isRole = groupOf(apiVersion) === 'rbac.authorization.k8s.io';
  return isRole && metadata.name.startsWith('system:') && !metadata.name.startsWith('system:aggregate-to-');
}
