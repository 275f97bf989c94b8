// A container's image, by the digest in its status or runtime.
import { isName } from '../../src/fields.ts';
import type { KubernetesObject } from '../../src/model.ts';
import { imageKey } from './image-key.ts';
import type { Reference, Rule } from './relation.ts';

function pointAt(reference: unknown, field: string, refer: (reference: Reference) => void): void {
  if (isName(reference)) refer({ target: { by: 'key', index: 'image', key: imageKey(reference) }, field });
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
  sentence: 'A Container is created from the Image whose digest is in its status. A waiting container has none yet.',
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
  sentence: 'A Container is created from the Image that its runtime reports.',
  infer: (object: Container, refer) => pointAt(object.runtime?.Image, 'runtime.Image', refer),
} as const satisfies Rule;
