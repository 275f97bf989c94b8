// Parses the forms in which a status or a runtime names an image into keys (digests) and names.
import type { ImageInspect } from '../../../src/docker-api.ts';
import { imageDigest } from '../../../src/ids.ts';

/** `repo`: digest of a manifest or index in a registry. `id`: the runtime's own id. `text`: no digest is known. */
export interface ImageKey {
  readonly key: string;
  readonly role: 'repo' | 'id' | 'text';
}

/** Where a name comes from: a container, a runtime's tag, or just a repository with a digest. */
export type NamedBy = 'container' | 'tag' | 'digest';

interface Observed {
  readonly image?: string | undefined;
  readonly imageID?: string | undefined;
  readonly inspect?: ImageInspect;
}

/** `docker-pullable://`, `docker://` and so on: prefixes that kubelets with Docker wrote before an imageID. */
const scheme = /^[a-z][a-z0-9+.-]*:\/\//;

/** The key of a reference in any form. */
export function textKey(reference: string): ImageKey {
  const text = reference.replace(scheme, '');
  const digest = imageDigest(text);
  if (digest) return { key: digest, role: text.includes('@') ? 'repo' : 'id' };
  // CRI-O and Podman omit the algorithm.
  return /^[0-9a-f]{64}$/.test(text) ? { key: `sha256:${text}`, role: 'id' } : { key: text, role: 'text' };
}

/** The keys of one observation. Its text is a key only if there is no digest at all. */
export function imageKeys({ image, imageID, inspect }: Observed): ImageKey[] {
  const references = inspect ? [inspect.Id, ...known(inspect.RepoDigests)] : [image, imageID];
  const keys = references
    .filter((reference) => typeof reference === 'string' && reference !== '')
    .map((each) => textKey(each as string));
  const digests = keys.filter(({ role }) => role !== 'text');
  // `filter` allocates 17 slots, and there are many images.
  return digests.length > 0 ? digests.slice() : keys.slice(0, 1);
}

/** The names of one observation. */
export function imageNames({ image, inspect }: Observed): { name: string; by: NamedBy }[] {
  if (!inspect) return image ? nameIn(image, 'container') : [];
  const tags = known(inspect.RepoTags).flatMap((tag) => nameIn(tag, 'tag'));
  const repositories = known(inspect.RepoDigests).map((name) => ({ name, by: 'digest' as const }));
  return tags.length > 0 ? tags : repositories;
}

function nameIn(reference: string, by: NamedBy): { name: string; by: NamedBy }[] {
  const text = reference.replace(scheme, '');
  if (!text.includes('@')) return isId(text) ? [] : [{ name: text, by }];
  const name = text.slice(0, text.indexOf('@'));
  // The name of `redis:7@sha256:…` is redis:7; `redis@sha256:…` has no name but the whole text.
  return /:[^/]+$/.test(name) ? [{ name, by }] : [{ name: text, by: 'digest' }];
}

/** `docker run ac933439ec5a`: an id, possibly truncated, is no name. */
function isId(text: string): boolean {
  return imageDigest(text) !== undefined || /^[0-9a-f]{12,64}$/.test(text);
}

/** Without the `<none>` that Docker writes for an untagged image. */
function known(list: readonly string[] | null | undefined): string[] {
  return (list ?? []).filter((entry) => typeof entry === 'string' && entry !== '' && !entry.includes('<none>'));
}
