// The image a container was made from, by the digest its status or its runtime gives.
import { isName } from '../../src/fields.ts';
import { imageDigest } from '../../src/ids.ts';
import type { Rule } from './relation.ts';

/** Some runtimes write a bare config digest, some put a scheme such as `docker-pullable://` before the reference. */
function keyOf(reference: string): string {
  const bare = reference.replace(/^[a-z-]+:\/\//, '');
  if (/^[0-9a-f]{64}$/.test(bare)) return `sha256:${bare}`;
  return imageDigest(bare) ?? bare;
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
  infer(object, refer) {
    const { status } = object as { status?: { imageID?: unknown } | null };
    const id = status?.imageID;
    if (isName(id)) refer({ target: { by: 'key', index: 'image', key: keyOf(id) }, field: 'status.imageID' });
  },
} as const satisfies Rule;
