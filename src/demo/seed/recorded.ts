// The recorded cluster as part of the demo, except the bootstrap roles of API server components, the node (extended in
// `nodes.ts`) and old events.
import { readdirSync, readFileSync } from 'node:fs';
import { groupOf } from '../../ids.ts';
import type { KubernetesObject } from '../../model.ts';

const folder = new URL('../recorded/kubernetes/', import.meta.url);

/** Replaced in `nodes.ts`, or unwanted. `Endpoints` are the old form of EndpointSlices. */
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

/** The demo's server assigns its own versions. */
function withoutVersion(object: KubernetesObject): KubernetesObject {
  const { resourceVersion: _version, ...metadata } = object.metadata;
  return { ...object, metadata };
}

/** No controller runs them here, so they would look overdue since the recording. */
function suspended(object: KubernetesObject): KubernetesObject {
  if (object.kind !== 'CronJob') return object;
  return { ...object, spec: { ...(object['spec'] as object), suspend: true } };
}

function isBootstrap({ apiVersion = '', metadata }: KubernetesObject): boolean {
  const isRole = groupOf(apiVersion) === 'rbac.authorization.k8s.io';
  return isRole && metadata.name.startsWith('system:') && !metadata.name.startsWith('system:aggregate-to-');
}
