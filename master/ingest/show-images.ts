// Images as resources: what is observed of them, in containers and on nodes, laid together and put into a graph.
import { parseId } from '../../src/ids.ts';
import type { KubernetesObject } from '../../src/model.ts';
import type { Engine } from '../graph/engine/engine.ts';
import { createImages, type Image, type ImageObservation, type Images } from './images/images.ts';

export type ImageGraph = Pick<Engine, 'put' | 'remove' | 'annotate' | 'setKey'>;

export type ShownImages = Pick<Images, 'observe' | 'forget' | 'settle'>;

/** Shown by `settle`, to be called inside a transaction of the graph: once for all that the transaction brings. */
export function createShownImages(graph: ImageGraph): ShownImages {
  function put(image: Image): void {
    graph.put({
      id: image.id,
      type: 'Image',
      namespace: '',
      name: parseId(image.id).path,
      uid: '',
      resourceVersion: '',
      label: image.label,
      alternateLabel: image.alternateLabel ?? '',
      labels: undefined,
      controlled: false,
      nodeName: '',
      phase: '',
      references: [],
      properties: JSON.stringify(image.properties),
    });
    annotate(image.id, image);
  }

  function annotate(id: string, image: Image | undefined): void {
    graph.annotate(id, 'names', image?.names.length ? JSON.stringify(image.names) : undefined);
    graph.annotate(id, 'digests', image && image.digests.length > 1 ? JSON.stringify(image.digests) : undefined);
  }

  return createImages({
    onChange({ changed, vanished, keys }) {
      for (const image of changed) put(image);
      for (const [key, id] of keys) graph.setKey('image', key, id);
      for (const id of vanished) {
        graph.remove(id);
        annotate(id, undefined);
      }
    },
  });
}

/** What a container's resource says of its image: its Pod's word, and its runtime's. */
export function imagesOf(container: KubernetesObject): ImageObservation[] {
  const status = container['status'] as { image?: string; imageID?: string } | undefined;
  const runtime = container['runtime'] as { Image?: string; Config?: { Image?: string } } | undefined;
  const found: ImageObservation[] = [];
  if (status?.imageID) found.push({ image: status.image, imageID: status.imageID });
  if (runtime?.Image) found.push({ image: runtime.Config?.Image, imageID: runtime.Image });
  return found;
}
