// The `scale` subresource, used by autoscalers and `kubectl scale`.
import type { KubernetesObject } from '../../model.ts';
import { keyOf, read } from './bytes.ts';
import { apiVersionOf } from './represent.ts';
import type { ResourceRequest } from './request.ts';
import { invalid, notFound } from './status.ts';
import type { Collection } from './storage.ts';
import type { Writer } from './write.ts';

interface Scalable {
  readonly spec?: {
    readonly replicas?: number;
    readonly selector?: { readonly matchLabels?: { readonly [key: string]: string } };
  };
  readonly status?: { readonly replicas?: number };
}

export function getScale(asked: ResourceRequest, collection: Collection): KubernetesObject {
  return scaleOf(found(asked, collection));
}

export function setScale(
  asked: ResourceRequest,
  collection: Collection,
  writer: Writer,
  change: (scale: KubernetesObject) => KubernetesObject,
): KubernetesObject {
  const wanted = change(getScale(asked, collection));
  const replicas = (wanted as Scalable).spec?.replicas ?? 0;
  if (!Number.isInteger(replicas) || replicas < 0)
    throw invalid(
      { group: 'autoscaling', plural: 'scales', kind: 'Scale', name: asked.name ?? '' },
      'spec.replicas',
      `Invalid value: ${replicas}: must be greater than or equal to 0`,
    );
  const { uid, resourceVersion } = wanted.metadata ?? {};
  const set = (object: KubernetesObject) => ({
    ...object,
    // Metadata in the Scale are preconditions on the object.
    metadata: { ...object.metadata, ...(uid && { uid }), ...(resourceVersion && { resourceVersion }) },
    spec: { ...(object as Scalable).spec, replicas },
  });
  // A dry run stores nothing but answers what would have been stored.
  const stored = writer.change(asked.kind, keyOf(asked.namespace, asked.name ?? ''), set);
  return scaleOf(read(stored, asked.kind.kind, apiVersionOf(asked.kind, asked.version)));
}

function found(asked: ResourceRequest, collection: Collection): KubernetesObject {
  const stored = collection.get(keyOf(asked.namespace, asked.name ?? ''));
  if (!stored) throw notFound({ ...asked.kind, name: asked.name ?? '' });
  return read(stored, asked.kind.kind, apiVersionOf(asked.kind, asked.version));
}

function scaleOf(object: KubernetesObject): KubernetesObject {
  const { spec, status } = object as Scalable;
  const { name, namespace, uid, resourceVersion, creationTimestamp } = object.metadata;
  const metadata = { name, namespace, uid, resourceVersion, creationTimestamp } as KubernetesObject['metadata'];
  const labels = Object.entries(spec?.selector?.matchLabels ?? {});
  const selector = labels.map(([key, value]) => `${key}=${value}`).join(',');
  const replicas = { replicas: spec?.replicas ?? 1 };
  return {
    kind: 'Scale',
    apiVersion: 'autoscaling/v1',
    metadata,
    spec: replicas,
    status: { replicas: status?.replicas ?? 0, selector },
  };
}
