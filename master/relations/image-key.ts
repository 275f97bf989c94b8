// The key under which the graph knows an image, of a reference in any of the forms that statuses and runtimes write.
import { imageDigest } from '../../src/ids.ts';

/** Some runtimes write a bare config digest, some put a scheme such as `docker-pullable://` before the reference. */
export function imageKey(reference: string): string {
  const bare = reference.replace(/^[a-z][a-z0-9+.-]*:\/\//, '');
  if (/^[0-9a-f]{64}$/.test(bare)) return `sha256:${bare}`;
  return imageDigest(bare) ?? bare;
}
