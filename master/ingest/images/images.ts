// Image identity: one image is one resource, whatever source sees it under whatever name. Names observed together (an image
// id, its repo digests) form an alias; a connected component of aliases is one image. Tags never connect: `nginx:latest` on
// two nodes may be two images. Pure, incremental.
//
// 150,000 Pods may run one image, and one image may have thousands of names. Observations are therefore counted
// (sightings.ts), and components are recomputed only when aliases come or go, once for all observations since the last
// time.

import type { ImageInspect } from '../../../src/docker-api.ts';
import { textOrder } from '../../../src/text-order.ts';
import { textKey } from './image-keys.ts';
import { imageOf, sameImage } from './image-of.ts';
import { type Alias, createSightings } from './sightings.ts';

/** What a container says of its image: from a Pod's container status, or `Config.Image` and `Image` of an inspect. */
export interface ContainerImage {
  readonly image?: string | undefined;
  readonly imageID?: string | undefined;
}

/** What a node's runtime says of an image. */
export interface RuntimeImage {
  readonly node: string;
  readonly inspect: ImageInspect;
  /** From a list of images: less than an inspect. */
  readonly listed?: true;
}

export type ImageObservation = ContainerImage | RuntimeImage;

export interface Image {
  /** `Image:sha256:…`: the smallest repo digest, otherwise the smallest image id, otherwise the text that names it. */
  readonly id: string;
  /** The first twelve hex digits of the id, or the text that names it. */
  readonly label: string;
  /** A symbolic name: from its containers, otherwise from the runtimes' tags. */
  readonly alternateLabel?: string;
  /** All names, sorted. */
  readonly names: readonly string[];
  /** All digests, sorted. */
  readonly digests: readonly string[];
  /** Inspect data of the first node by name that has it, otherwise its list entry, otherwise `{ metadata: { name } }`. */
  readonly properties: unknown;
}

export interface ImagesChange {
  readonly changed: readonly Image[];
  /** Ids without an image now. */
  readonly vanished: readonly string[];
  /** Keys that changed: the new image id, or undefined. */
  readonly keys: ReadonlyMap<string, string | undefined>;
}

export interface Images {
  /** Replaces all observations of `owner`. */
  observe(owner: string, observations: ImageObservation | readonly ImageObservation[]): void;
  forget(owner: string): void;
  /** Applies the observations since the last call. The methods below answer as of then. */
  settle(): void;
  /** The image id of a digest, an image id or a reference in any form. */
  resolve(reference: string): string | undefined;
  get(id: string): Image | undefined;
  /** All images, by id. */
  list(): Image[];
}

export interface ImagesOptions {
  /** Called by a `settle` that changed something. */
  readonly onChange?: (change: ImagesChange) => void;
}

interface Component {
  readonly aliases: readonly Alias[];
  readonly keys: readonly string[];
  readonly image: Image;
}

export function createImages({ onChange }: ImagesOptions = {}): Images {
  const sightings = createSightings();
  const byKey = new Map<string, Component>();
  const byId = new Map<string, Component>();

  function settle(): void {
    const touched = sightings.takeTouched();
    if (touched.size === 0) return;
    const old = new Set<Component>();
    for (const alias of touched) {
      for (const { key } of alias.keys) {
        const component = byKey.get(key);
        if (component) old.add(component);
      }
    }
    const region = new Set([...old].flatMap(({ aliases }) => aliases));
    for (const alias of touched) region.add(alias);
    const change = swap(old, components([...region].filter(({ count }) => count > 0)));
    if (change.changed.length > 0 || change.vanished.length > 0 || change.keys.size > 0) onChange?.(change);
  }

  function swap(old: ReadonlySet<Component>, fresh: readonly Component[]): ImagesChange {
    const oldImages = new Map([...old].map(({ image }) => [image.id, image]));
    const oldKeys = new Map([...old].flatMap(({ keys, image }) => keys.map((key) => [key, image.id] as const)));
    for (const key of oldKeys.keys()) byKey.delete(key);
    for (const id of oldImages.keys()) byId.delete(id);
    for (const component of fresh) {
      byId.set(component.image.id, component);
      for (const key of component.keys) byKey.set(key, component);
    }
    const changed = fresh.map(({ image }) => image).filter((image) => !sameImage(oldImages.get(image.id), image));
    const vanished = [...oldImages.keys()].filter((id) => !byId.has(id));
    return { changed, vanished, keys: movedKeys(oldKeys, fresh) };
  }

  return {
    observe: (owner, observations) =>
      sightings.replace(owner, 'length' in observations ? observations : [observations]),
    forget: (owner) => sightings.replace(owner, []),
    settle,
    resolve: (reference) => byKey.get(textKey(reference).key)?.image.id,
    get: (id) => byId.get(id)?.image,
    list: () => [...byId.values()].map(({ image }) => image).sort((a, b) => textOrder(a.id, b.id)),
  };
}

/** Groups aliases that share a key, directly or through others. */
function components(region: readonly Alias[]): Component[] {
  const byKey = new Map<string, Alias[]>();
  for (const alias of region) {
    for (const { key } of alias.keys) {
      const list = byKey.get(key);
      if (list) list.push(alias);
      else byKey.set(key, [alias]);
    }
  }
  const seen = new Set<Alias>();
  return region.flatMap((first) => (seen.has(first) ? [] : [componentOf(reach(first, byKey, seen))]));
}

function reach(first: Alias, byKey: Map<string, Alias[]>, seen: Set<Alias>): Alias[] {
  const found = [first];
  seen.add(first);
  for (const alias of found) {
    for (const { key } of alias.keys) {
      const neighbours = byKey.get(key) ?? [];
      byKey.delete(key);
      for (const neighbour of neighbours) {
        if (seen.has(neighbour)) continue;
        seen.add(neighbour);
        found.push(neighbour);
      }
    }
  }
  return found;
}

function componentOf(aliases: readonly Alias[]): Component {
  const keys = [...new Set(aliases.flatMap((alias) => alias.keys.map(({ key }) => key)))];
  return { aliases, keys, image: imageOf(aliases, keys) };
}

function movedKeys(before: ReadonlyMap<string, string>, fresh: readonly Component[]): Map<string, string | undefined> {
  const moved = new Map<string, string | undefined>();
  const after = new Map(fresh.flatMap(({ keys, image }) => keys.map((key) => [key, image.id] as const)));
  for (const key of before.keys()) if (!after.has(key)) moved.set(key, undefined);
  for (const [key, id] of after) if (before.get(key) !== id) moved.set(key, id);
  return moved;
}
