// The image a container was made from, by the digest its status or its runtime gives.
import { isName } from '../../src/fields.ts';
import { imageDigest } from '../../src/ids.ts';
import type { KubernetesObject } from '../../src/model.ts';
import type { Reference, Rule } from './relation.ts';

/** Some runtimes write a bare config digest, some put a scheme such as `docker-pullable://` before the reference. */
function keyOf(reference: string): string {
  const bare = reference.replace(/^[a-z][a-z0-9+.-]*:\/\//, '');
  if (/^[0-9a-f]{64}$/.test(bare)) return `sha256:${bare}`;
  return imageDigest(bare) ?? bare;
}

function pointAt(reference: unknown, field: string, refer: (reference: Reference) => void): void {
  if (isName(reference)) refer({ target: { by: 'key', index: 'image', key: keyOf(reference) }, field });
}

interface Container extends KubernetesObject {
  readonly status?: { readonly imageID?: unknown } | null;
  readonly runtime?: { readonly Image?: unknown } | null;
}

export const containerCreatedFromImage = {
  name: 'container-created-from-image',
  relation: 'createdFrom',
  reads: ['Container'],
  source: ['Container'],
  target: ['Image'],
  fields: ['status.imageID'],
  dependence: 'source',
  sentence: 'A Container is created from the Image whose digest its status gives; while it waits it has none.',
  infer: (object: Container, refer) => pointAt(object.status?.imageID, 'status.imageID', refer),
} as const satisfies Rule;

export const containerRuntimeImage = {
  name: 'container-runtime-image',
  relation: 'createdFrom',
  reads: ['Container'],
  source: ['Container'],
  target: ['Image'],
  fields: ['runtime.Image'],
  dependence: 'source',
  sentence: 'A Container is created from the Image that its runtime made it from.',
  infer: (object: Container, refer) => pointAt(object.runtime?.Image, 'runtime.Image', refer),
} as const satisfies Rule;
