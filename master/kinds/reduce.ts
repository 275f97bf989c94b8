// What the kinds' reductions share, and the reduction that every kind gets: metadata without what is bookkeeping of the API.
import { certificateEndIn, certificateEndInBase64 } from '../../src/certificate-end.ts';
import { type Fields, fieldsOf } from '../../src/fields.ts';
import type { KubernetesObject } from '../../src/model.ts';

/** Takes `field` out of `value`, if both are there. */
export function cut(value: unknown, field: string): void {
  const fields = fieldsOf(value);
  if (fields && field in fields) delete fields[field];
}

/** Leaves of a base64 text its size, and of certificates in it when the first ends: `{ bytes: 1024, notAfter: '2027-…' }`. */
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

/** `{ key: { bytes } }` of `{ key: value }`, and of certificates when the first ends. */
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

/** Annotations that tick: leader election and the endpoint controllers' clock. Their change is no change of the object. */
const volatileAnnotations = [
  'control-plane.alpha.kubernetes.io/leader',
  'endpoints.kubernetes.io/last-change-trigger-time',
] as const;

/** For every kind, before its own `reduce`. Changes `object`, which nobody else may hold. */
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
