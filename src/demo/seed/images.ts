// The images of the demo cluster: names, and the digests in statuses and runtimes.
import { createHash } from 'node:crypto';

export interface DemoImage {
  /** `docker.io/library/nginx:1.29` */
  readonly name: string;
  /** The runtime's id: digest of the configuration. */
  readonly id: string;
  /** `docker.io/library/nginx@sha256:…`: digest of the manifest. Undefined for an image without a registry. */
  readonly digest?: string;
  readonly size: number;
}

/** Imported images of the recorded cluster: never pulled, so they have only an id. */
const imported: { readonly [name: string]: string } = {
  'docker.io/library/api:v2': 'sha256:b2ed88f2df4273a791bc3372b911f69c2763cdd93f5b8b8ed7355ef64990a414',
  'docker.io/library/frontend:v1': 'sha256:ae64d03abd1cb8d736e8bcab7adcc67d8dd6ab5aaeb16b6e97806e4d9f01e250',
  'docker.io/library/redis:7': 'sha256:2ac1fa3f8c5deb8c4912ec13992b1cad5dee077a530c9de818ef021489cbf126',
  'registry.k8s.io/pause:3.10': 'sha256:9d2c71f7a0f9682fac840c268a3c3cb6894ef2525589ed4c710c96d4e9ca69c9',
};

/** Left on a node by an earlier version. */
export const unusedImage = 'docker.io/library/registry:2';

export const pauseImage = 'registry.k8s.io/pause:3.10';

export function imageOf(name: string): DemoImage {
  const id = imported[name];
  if (id) return { name, id, size: 1_998_854 };
  const repository = name.replace(/:[^/]*$/, '');
  const digest = `${repository}@sha256:${hash('manifest', name)}`;
  return {
    name,
    id: `sha256:${hash('config', name)}`,
    digest,
    size: 4_000_000 + (Number.parseInt(hash(name).slice(0, 6), 16) % 90_000_000),
  };
}

function hash(...words: string[]): string {
  return createHash('sha256').update(words.join(' ')).digest('hex');
}
