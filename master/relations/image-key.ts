// An image's key in the graph, from any form of reference in statuses and runtimes.
import { imageDigest } from '../../src/ids.ts';

/** Some runtimes write a bare config digest, others a scheme such as `docker-pullable://` first. */
export function imageKey(reference: string): string {
  const bare = reference.replace(/^[a-z][a-z0-9+.-]*:\/\//, '');
  if (/^[0-9a-f]{64}$/.test(bare)) return `sha256:${bare}`;
  return imageDigest(bare) ?? bare;
}
