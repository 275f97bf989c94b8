// Containers, images and sinks for tests of runtimes.

import type { RuntimeSink } from '../../master/sources/runtime/sink.ts';
import type { ContainerInspect, ImageInspect } from '../../src/docker-api.ts';
import type { NodeSnapshot } from '../../src/minion-api.ts';

export const hex = (seed: string): string => Buffer.from(seed.padEnd(32, '\0')).toString('hex').slice(0, 64);
export const sha = (seed: string): string => `sha256:${hex(seed)}`;

export interface ContainerOptions {
  readonly pod?: string;
  readonly labels?: { readonly [key: string]: string };
  readonly fields?: { readonly [field: string]: unknown };
}

/** An inspect of a running container; `pod` is `namespace/name/container/uid`. */
export function inspectOf(seed: string, { pod, labels = {}, fields = {} }: ContainerOptions = {}): ContainerInspect {
  return {
    Id: hex(seed),
    Name: `/${seed}`,
    Created: '2026-11-20T10:00:00.123456789Z',
    Image: sha('image'),
    State: { Status: 'running', Running: true, Pid: 100 },
    Config: { Image: 'redis:7', Labels: { ...(pod ? podLabels(pod) : {}), ...labels } },
    ...fields,
  };
}

export function podLabels(place: string): { [key: string]: string } {
  const [namespace = '', pod = '', container = '', uid = ''] = place.split('/');
  return {
    'io.kubernetes.pod.namespace': namespace,
    'io.kubernetes.pod.name': pod,
    'io.kubernetes.container.name': container,
    'io.kubernetes.pod.uid': uid,
  };
}

export function imageOf(seed: string, fields: { readonly [field: string]: unknown } = {}): ImageInspect {
  return { Id: sha(seed), RepoTags: [`${seed}:latest`], RepoDigests: [], Os: 'linux', ...fields };
}

export function snapshotOf(
  containers: readonly ContainerInspect[],
  images: readonly ImageInspect[] = [],
): NodeSnapshot {
  return { runtime: { name: 'docker', version: '1' }, containers: containers.map((inspect) => ({ inspect })), images };
}

export interface RecordingSink extends RuntimeSink {
  /** All calls in order: `state node synced`, `snapshot node 2`, `drop node`. */
  readonly told: string[];
  readonly snapshots: Map<string, NodeSnapshot>;
  /** The calls for one node. */
  of(node: string): string[];
}

export function recordingSink(): RecordingSink {
  const told: string[] = [];
  const snapshots = new Map<string, NodeSnapshot>();
  return {
    told,
    snapshots,
    of: (node) => told.filter((line) => line.split(' ')[1] === node),
    snapshot(node, snapshot) {
      snapshots.set(node, snapshot);
      told.push(`snapshot ${node} ${snapshot.containers.length}`);
    },
    state: (node, state, reason) => void told.push(['state', node, state, ...(reason ? [reason] : [])].join(' ')),
    drop(node) {
      snapshots.delete(node);
      told.push(`drop ${node}`);
    },
  };
}
