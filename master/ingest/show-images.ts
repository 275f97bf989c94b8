// Images as resources: combines observations from containers and nodes and writes them to a graph.
import { parseId } from '../../src/ids.ts';
import type { KubernetesObject } from '../../src/model.ts';
import type { GraphWriter } from '../graph/engine/engine.ts';
import { bareItem } from '../graph/model/bare-item.ts';
import { createImages, type Image, type ImageObservation, type Images } from './images/images.ts';

export type ShownImages = Pick<Images, 'observe' | 'forget'>;

/** Shows a transaction's observations once, at its end. */
export function createShownImages(graph: GraphWriter): ShownImages {
  function put(image: Image): void {
    const { id, label, alternateLabel } = image;
    const said = { label, alternateLabel, properties: JSON.stringify(image.properties) };
    graph.put(bareItem({ id, type: 'Image', name: parseId(id).path, ...said }));
    annotate(image.id, image);
  }

  function annotate(id: string, image: Image | undefined): void {
    graph.annotate(id, 'names', image?.names.length ? image.names : undefined);
    graph.annotate(id, 'digests', image && image.digests.length > 1 ? image.digests : undefined);
  }

  const images = createImages({
    onChange({ changed, vanished, keys }) {
      for (const image of changed) put(image);
      for (const [key, id] of keys) graph.setKey('image', key, id);
      for (const id of vanished) {
        graph.remove(id);
        annotate(id, undefined);
      }
    },
  });
  graph.beforeCommit(images.settle);
  return images;
}

/** What a container's resource says of its image: the reports of its Pod and its runtime. */
export function imagesOf(container: KubernetesObject): ImageObservation[] {
  const status = container['status'] as { image?: string; imageID?: string } | undefined;
  const runtime = container['runtime'] as { Image?: string; Config?: { Image?: string } } | undefined;
  const found: ImageObservation[] = [];
  if (status?.imageID) found.push({ image: status.image, imageID: status.imageID });
  if (runtime?.Image) found.push({ image: runtime.Config?.Image, imageID: runtime.Image });
  return found;
}
