// The identity of images: one image is one resource, whichever source saw it under whichever of its names.
// What is observed together (an image id, its repo digests) are aliases; a connected component of aliases is one image.
// Names never join: `nginx:latest` of two nodes may be two images. Pure, no I/O; kept incrementally.
//
// 150,000 Pods may run one image, so observations of the same content share one counted `Sighting`, and a component
// is recomputed only when a sighting appears or disappears.

import { createHash } from 'node:crypto';
import type { ImageInspect } from '../../src/engine-api.ts';
import { imageId } from '../../src/ids.ts';
import { textOrder } from '../../src/text-order.ts';
import { type ImageKey, imageKeys, imageNames, type NamedBy, textKey } from './image-keys.ts';

/** What a container says of its image: a Pod's container status, or `Config.Image` and `Image` of an inspect. */
export interface ContainerImage {
  readonly image?: string | undefined;
  readonly imageID?: string | undefined;
}

/** What the runtime of a node says of an image. */
export interface RuntimeImage {
  readonly node: string;
  readonly inspect: ImageInspect;
}

export type ImageObservation = ContainerImage | RuntimeImage;

export interface Image {
  /** `Image:sha256:…`, by its smallest repo digest, else its smallest image id, else the text that names it. */
  readonly id: string;
  /** The first twelve hex digits of the id, or the text that names it. */
  readonly label: string;
  /** A symbolic name, as its containers call it, else as the runtimes tag it. */
  readonly alternateLabel?: string;
  /** Every name, sorted. */
  readonly names: readonly string[];
  /** Every digest it is known by, sorted. */
  readonly digests: readonly string[];
  /** The inspect data of the smallest node name that has it, else `{ metadata: { name } }`. */
  readonly properties: unknown;
}

export interface ImagesChange {
  readonly changed: readonly Image[];
  /** Ids that are no image's any more. */
  readonly vanished: readonly string[];
  /** Keys that resolve elsewhere than before: to an image's id, or to nothing. */
  readonly keys: ReadonlyMap<string, string | undefined>;
}

export interface Images {
  /** All that `owner` says, in place of all that it said before. */
  observe(owner: string, observations: ImageObservation | readonly ImageObservation[]): void;
  forget(owner: string): void;
  /** The id of the image that a digest, an image id or a reference in any of its forms means. */
  resolve(reference: string): string | undefined;
  get(id: string): Image | undefined;
  /** Every image, in order of id. */
  list(): Image[];
}

export interface ImagesOptions {
  /** Called after an `observe` or `forget` that changed something. */
  readonly onChange?: (change: ImagesChange) => void;
}

/** One content of observations, however many observers saw it. */
interface Sighting {
  readonly signature: string;
  readonly keys: readonly ImageKey[];
  readonly names: readonly { readonly name: string; readonly by: NamedBy }[];
  readonly inspect?: ImageInspect;
  /** Nodes whose runtime said so, counted. Empty for what containers say. */
  readonly nodes: Map<string, number>;
  firstNode: string | undefined;
  count: number;
}

interface Component {
  readonly sightings: readonly Sighting[];
  readonly keys: ReadonlySet<string>;
  readonly image: Image;
}

/** A sighting and, where a runtime said it, on which node. */
interface Held {
  readonly sighting: Sighting;
  readonly node: string | undefined;
}

export function createImages({ onChange }: ImagesOptions = {}): Images {
  const sightings = new Map<string, Sighting>();
  const held = new Map<string, readonly Held[]>();
  const byKey = new Map<string, Component>();
  const byId = new Map<string, Component>();

  function hold(observation: ImageObservation, touched: Set<Sighting>): Held | undefined {
    const made = sightingOf(observation, sightings);
    if (!made) return undefined;
    const node = 'inspect' in observation ? observation.node : undefined;
    if (made.count++ === 0) touched.add(made);
    if (node !== undefined && addNode(made, node)) touched.add(made);
    return { sighting: made, node };
  }

  function release({ sighting, node }: Held, touched: Set<Sighting>): void {
    if (node !== undefined && removeNode(sighting, node)) touched.add(sighting);
    if (--sighting.count > 0) return;
    touched.add(sighting);
    sightings.delete(sighting.signature);
  }

  function replace(owner: string, observations: readonly ImageObservation[]): void {
    const touched = new Set<Sighting>();
    const before = held.get(owner) ?? [];
    // What is new is held before what is old is let go, so that what stays is never seen to vanish.
    const after = observations.map((each) => hold(each, touched)).filter((each) => each !== undefined);
    for (const each of before) release(each, touched);
    if (after.length > 0) held.set(owner, after);
    else held.delete(owner);
    if (touched.size > 0) recompute(touched);
  }

  function recompute(touched: ReadonlySet<Sighting>): void {
    const old = new Set<Component>();
    for (const sighting of touched) {
      for (const { key } of sighting.keys) {
        const component = byKey.get(key);
        if (component) old.add(component);
      }
    }
    const region = new Set([...old].flatMap(({ sightings }) => sightings));
    for (const sighting of touched) region.add(sighting);
    const change = swap(old, components([...region].filter(({ count }) => count > 0)));
    if (change.changed.length > 0 || change.vanished.length > 0 || change.keys.size > 0) onChange?.(change);
  }

  function swap(old: ReadonlySet<Component>, fresh: readonly Component[]): ImagesChange {
    const oldImages = new Map([...old].map(({ image }) => [image.id, image]));
    const oldKeys = new Map([...old].flatMap(({ keys, image }) => [...keys].map((key) => [key, image.id] as const)));
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
    observe: (owner, observations) => replace(owner, 'length' in observations ? observations : [observations]),
    forget: (owner) => replace(owner, []),
    resolve: (reference) => byKey.get(textKey(reference).key)?.image.id,
    get: (id) => byId.get(id)?.image,
    list: () => [...byId.values()].map(({ image }) => image).sort((a, b) => textOrder(a.id, b.id)),
  };
}

function sightingOf(observation: ImageObservation, known: Map<string, Sighting>): Sighting | undefined {
  const signature = 'inspect' in observation ? inspectSignature(observation.inspect) : containerSignature(observation);
  const found = known.get(signature);
  if (found) return found;
  const keys = imageKeys(observation);
  if (keys.length === 0) return undefined;
  const inspect = 'inspect' in observation ? { inspect: shared(observation.inspect) } : {};
  const names = imageNames(observation);
  const made: Sighting = { signature, keys, names, ...inspect, nodes: new Map(), firstNode: undefined, count: 0 };
  known.set(signature, made);
  return made;
}

function containerSignature({ image = '', imageID = '' }: ContainerImage): string {
  return `c\n${image}\n${imageID}`;
}

function inspectSignature(inspect: ImageInspect): string {
  return `r\n${createHash('sha1')
    .update(JSON.stringify(shared(inspect)))
    .digest('base64')}`;
}

/** An image's data less what is the node's own: where its layers lie, when it was tagged there. */
function shared(inspect: ImageInspect): ImageInspect {
  const { GraphDriver: _, Metadata: __, ...rest } = inspect;
  return rest as ImageInspect;
}

/** True where the sighting's first node became another. */
function addNode(sighting: Sighting, node: string): boolean {
  sighting.nodes.set(node, (sighting.nodes.get(node) ?? 0) + 1);
  if (sighting.firstNode !== undefined && sighting.firstNode <= node) return false;
  sighting.firstNode = node;
  return true;
}

function removeNode(sighting: Sighting, node: string): boolean {
  const left = (sighting.nodes.get(node) ?? 1) - 1;
  if (left > 0) sighting.nodes.set(node, left);
  else sighting.nodes.delete(node);
  if (left > 0 || sighting.firstNode !== node) return false;
  sighting.firstNode = undefined;
  for (const each of sighting.nodes.keys()) {
    if (sighting.firstNode === undefined || each < sighting.firstNode) sighting.firstNode = each;
  }
  return true;
}

/** Groups what shares a key, directly or through others. */
function components(region: readonly Sighting[]): Component[] {
  const byKey = new Map<string, Sighting[]>();
  for (const sighting of region) {
    for (const { key } of sighting.keys) {
      const list = byKey.get(key);
      if (list) list.push(sighting);
      else byKey.set(key, [sighting]);
    }
  }
  const seen = new Set<Sighting>();
  return region.flatMap((first) => (seen.has(first) ? [] : [componentOf(reach(first, byKey, seen))]));
}

function reach(first: Sighting, byKey: Map<string, Sighting[]>, seen: Set<Sighting>): Sighting[] {
  const found = [first];
  seen.add(first);
  for (const sighting of found) {
    for (const { key } of sighting.keys) {
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

function componentOf(sightings: readonly Sighting[]): Component {
  const keys = new Set(sightings.flatMap((sighting) => sighting.keys.map(({ key }) => key)));
  return { sightings, keys, image: imageOf(sightings, keys) };
}

function imageOf(sightings: readonly Sighting[], keys: ReadonlySet<string>): Image {
  const canonical = canonicalKey(sightings);
  const name = symbolicName(sightings);
  const label = /^sha\d+:/.test(canonical) ? canonical.slice(canonical.indexOf(':') + 1).slice(0, 12) : canonical;
  return {
    id: imageId(canonical),
    label,
    ...(name === undefined ? {} : { alternateLabel: name }),
    names: [...new Set(sightings.flatMap((sighting) => sighting.names.map((each) => each.name)))].sort(textOrder),
    digests: [...keys].filter((key) => /^sha\d+:/.test(key)).sort(textOrder),
    properties: firstInspect(sightings) ?? { metadata: { name: name ?? canonical } },
  };
}

const ranks = { repo: 0, id: 1, text: 2 } as const;

function canonicalKey(sightings: readonly Sighting[]): string {
  const keys = sightings.flatMap((sighting) => sighting.keys);
  return smallest(keys, (a, b) => ranks[a.role] - ranks[b.role] || textOrder(a.key, b.key))?.key ?? '';
}

const nameRanks = { container: 0, tag: 1, digest: 2 } as const;

function symbolicName(sightings: readonly Sighting[]): string | undefined {
  const names = sightings.flatMap((sighting) => sighting.names);
  return smallest(names, (a, b) => nameRanks[a.by] - nameRanks[b.by] || textOrder(a.name, b.name))?.name;
}

function firstInspect(sightings: readonly Sighting[]): ImageInspect | undefined {
  const known = sightings.filter(({ inspect, firstNode }) => inspect !== undefined && firstNode !== undefined);
  const first = smallest(
    known,
    (a, b) =>
      textOrder(a.firstNode ?? '', b.firstNode ?? '') ||
      textOrder(a.inspect?.Id ?? '', b.inspect?.Id ?? '') ||
      textOrder(a.signature, b.signature),
  );
  return first?.inspect;
}

function movedKeys(before: ReadonlyMap<string, string>, fresh: readonly Component[]): Map<string, string | undefined> {
  const moved = new Map<string, string | undefined>();
  const after = new Map(fresh.flatMap(({ keys, image }) => [...keys].map((key) => [key, image.id] as const)));
  for (const key of before.keys()) if (!after.has(key)) moved.set(key, undefined);
  for (const [key, id] of after) if (before.get(key) !== id) moved.set(key, id);
  return moved;
}

function sameImage(a: Image | undefined, b: Image): boolean {
  return (
    a !== undefined &&
    (a.properties === b.properties || JSON.stringify(a.properties) === JSON.stringify(b.properties)) &&
    a.label === b.label &&
    a.alternateLabel === b.alternateLabel &&
    a.names.join('\n') === b.names.join('\n') &&
    a.digests.join('\n') === b.digests.join('\n')
  );
}

function smallest<T>(items: readonly T[], compare: (a: T, b: T) => number): T | undefined {
  return items.reduce<T | undefined>(
    (least, item) => (least === undefined || compare(item, least) < 0 ? item : least),
    undefined,
  );
}
