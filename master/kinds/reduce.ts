// Shared by the kinds' reductions, and the reduction for all kinds: metadata without the API's bookkeeping.
import { certificateEndIn, certificateEndInBase64 } from '../../src/certificate-end.ts';
import { type Fields, fieldsOf } from '../../src/fields.ts';
import type { KubernetesObject } from '../../src/model.ts';

/** Removes `field` from `value`, if both exist. */
export function cut(value: unknown, field: string): void {
  const fields = fieldsOf(value);
  if (fields && field in fields) delete fields[field];
}

/** Replaces a base64 text by its size, and for certificates their first end: `{ bytes: 1024, notAfter: '2027-…' }`. */
export function cutToSize(value: unknown, field: string): void {
  const fields = fieldsOf(value);
  const text = fields?.[field];
  if (fields && typeof text === 'string')
    fields[field] = { bytes: Buffer.byteLength(text, 'base64'), ...endIn(certificateEndInBase64(text)) };
}

export function cutBundle(clientConfig: unknown): void {
  cutToSize(clientConfig, 'caBundle');
}

function endIn(notAfter: string | undefined): { readonly notAfter?: string } {
  return notAfter === undefined ? {} : { notAfter };
}

/** Turns `{ key: value }` into `{ key: { bytes } }`, and for certificates adds their first end. */
export function sizesOf(data: unknown, encoding: 'utf8' | 'base64'): Fields {
  const sizes: Fields = {};
  const values = fieldsOf(data);
  for (const key in values) {
    const text = String(values[key]);
    const end = encoding === 'utf8' ? certificateEndIn(text) : certificateEndInBase64(text);
    sizes[key] = { bytes: Buffer.byteLength(text, encoding), ...endIn(end) };
  }
  return sizes;
}

/** Annotations updated periodically, by leader election and endpoint controllers: no change of the object. */
const volatileAnnotations = [
  'control-plane.alpha.kubernetes.io/leader',
  'endpoints.kubernetes.io/last-change-trigger-time',
] as const;

/** For all kinds, before their own `reduce`. Changes `object`, which must have no other users. */
export function reduceMeta(object: KubernetesObject): KubernetesObject {
  const metadata = object.metadata as ObjectMetaFields;
  delete metadata.managedFields;
  delete metadata.resourceVersion;
  delete metadata.selfLink;
  const { annotations } = metadata;
  if (annotations) for (const name of volatileAnnotations) if (name in annotations) delete annotations[name];
  return object;
}

interface ObjectMetaFields extends Fields {
  annotations?: { [name: string]: string };
}
