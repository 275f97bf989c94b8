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

interface Sources {
  readonly status?: { readonly imageID?: unknown } | null;
  /** The runtime's inspect data, where a minion answers. */
  readonly runtime?: { readonly Image?: unknown } | null;
}

export const containerCreatedFromImage = {
  name: 'container-created-from-image',
  relation: 'createdFrom',
  reads: ['Container'],
  source: ['Container'],
  target: ['Image'],
  fields: ['status.imageID', 'runtime.Image'],
  dependence: 'source',
  sentence:
    'A Container is created from the Image whose digest its status or its runtime gives; while it waits it has none.',
  infer(object, refer) {
    const { status, runtime } = object as Sources;
    const said = status?.imageID;
    if (isName(said)) refer({ target: { by: 'key', index: 'image', key: keyOf(said) }, field: 'status.imageID' });
    const run = runtime?.Image;
    if (isName(run)) refer({ target: { by: 'key', index: 'image', key: keyOf(run) }, field: 'runtime.Image' });
  },
} as const satisfies Rule;
