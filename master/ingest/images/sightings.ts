// Counts observations of images: equal observations share a sighting, however many containers and nodes make them, and
// sightings with equal keys share an alias. Only aliases whose content changes are touched.
import { digestOf } from '../../../src/digest.ts';
import type { ImageInspect } from '../../../src/docker-api.ts';
import { textOrder } from '../../../src/text-order.ts';
import { type ImageKey, imageKeys, imageNames, type NamedBy } from './image-keys.ts';
import type { ContainerImage, ImageObservation, RuntimeImage } from './images.ts';

/** All observations with the same keys. They belong to one image. */
export interface Alias {
  readonly signature: string;
  readonly keys: readonly ImageKey[];
  /** Distinct, sorted by name, then by origin. */
  readonly names: readonly CountedName[];
  /** Reports of runtimes. */
  readonly inspected: readonly Inspected[];
  /** Number of sightings; zero means it is gone. */
  readonly count: number;
}

interface Name {
  readonly name: string;
  readonly by: NamedBy;
}

interface CountedName extends Name {
  count: number;
}

/** Equal reports of runtimes about an image, and their nodes. */
export interface Inspected {
  readonly signature: string;
  readonly inspect: ImageInspect;
  readonly listed: boolean;
  /** Number of reports by node. */
  readonly nodes: Map<string, number>;
  firstNode: string | undefined;
}

interface OwnAlias extends Alias {
  readonly names: CountedName[];
  readonly inspected: Inspected[];
  count: number;
}

interface Sighting {
  readonly signature: string;
  readonly alias: OwnAlias;
  readonly names: readonly Name[];
  /** A container's reference, otherwise a runtime's report. */
  readonly said: ContainerImage | undefined;
  readonly inspected: Inspected | undefined;
  /** Shared by all owners with just this observation. */
  readonly alone: readonly Held[];
  count: number;
}

/** A sighting and, for a runtime's report, its node. */
interface Held {
  readonly sighting: Sighting;
  readonly node: string | undefined;
}

export interface Sightings {
  /** Replaces all observations of `owner`. */
  replace(owner: string, observations: readonly ImageObservation[]): void;
  /** Aliases whose content may have changed since the last call, including new and removed ones. */
  takeTouched(): ReadonlySet<Alias>;
}

const notHeld: readonly Held[] = [];

export function createSightings(): Sightings {
  const sightings = new Map<string, Sighting>();
  const aliases = new Map<string, OwnAlias>();
  const held = new Map<string, readonly Held[]>();
  let touched = new Set<Alias>();

  function sightingOf(said: ImageObservation): Sighting | undefined {
    const signature = 'inspect' in said ? inspectSignature(said) : containerSignature(said);
    const known = sightings.get(signature);
    if (known) return known;
    const keys = imageKeys(said);
    if (keys.length === 0) return undefined;
    const by =
      'inspect' in said ? { said: undefined, inspected: inspectedOf(signature, said) } : { said, inspected: undefined };
    const made = { signature, alias: aliasOf(keys), names: imageNames(said), ...by, alone: notHeld, count: 0 };
    made.alone = [{ sighting: made, node: undefined }];
    sightings.set(signature, made);
    return made;
  }

  function aliasOf(keys: readonly ImageKey[]): OwnAlias {
    const signature = [...new Set(keys.map(({ key, role }) => `${role} ${key}`))].sort(textOrder).join('\n');
    const known = aliases.get(signature);
    if (known) return known;
    const made: OwnAlias = { signature, keys, names: [], inspected: [], count: 0 };
    aliases.set(signature, made);
    return made;
  }

  function appear({ alias, names, inspected }: Sighting): void {
    if (alias.count++ === 0 || inspected) touched.add(alias);
    if (inspected) alias.inspected.push(inspected);
    for (const name of names) if (addName(alias.names, name)) touched.add(alias);
  }

  function vanish({ signature, alias, names, inspected }: Sighting): void {
    sightings.delete(signature);
    if (--alias.count === 0) aliases.delete(alias.signature);
    if (alias.count === 0 || inspected) touched.add(alias);
    if (inspected) alias.inspected.splice(alias.inspected.indexOf(inspected), 1);
    for (const name of names) if (removeName(alias.names, name)) touched.add(alias);
  }

  function hold(said: ImageObservation): readonly Held[] {
    const sighting = sightingOf(said);
    if (!sighting) return [];
    const { alias, alone, inspected } = sighting;
    if (sighting.count++ === 0) appear(sighting);
    if (!inspected) return alone;
    const { node } = said as RuntimeImage;
    if (addNode(inspected, node)) touched.add(alias);
    return [{ sighting, node }];
  }

  function release({ sighting, node }: Held): void {
    const { alias, inspected } = sighting;
    if (inspected && node !== undefined && removeNode(inspected, node)) touched.add(alias);
    if (--sighting.count === 0) vanish(sighting);
  }

  return {
    replace(owner, observations) {
      const before = held.get(owner);
      if (before && saysTheSame(before, observations)) return;
      const [first] = observations;
      // New ones are added before old ones are removed, so that unchanged ones never disappear.
      const after = first && observations.length === 1 ? hold(first) : observations.flatMap(hold);
      for (const each of before ?? []) release(each);
      if (after.length > 0) held.set(owner, after);
      else held.delete(owner);
    },
    takeTouched() {
      const taken = touched;
      touched = new Set();
      return taken;
    },
  };
}

/** Ignores inspects: comparing one takes as long as adding it. */
function saysTheSame(before: readonly Held[], now: readonly ImageObservation[]): boolean {
  return before.length === now.length && before.every(({ sighting }, i) => isSame(sighting.said, now[i]));
}

function isSame(said: ContainerImage | undefined, now: ImageObservation | undefined): boolean {
  if (!said || !now || 'inspect' in now) return false;
  return said.imageID === now.imageID && said.image === now.image;
}

function containerSignature({ image = '', imageID = '' }: ContainerImage): string {
  return `c\n${image}\n${imageID}`;
}

function inspectSignature({ inspect, listed }: RuntimeImage): string {
  return `${listed ? 'l' : 'r'}\n${digestOf(JSON.stringify(shared(inspect)))}`;
}

function inspectedOf(signature: string, { inspect, listed }: RuntimeImage): Inspected {
  return { signature, inspect: shared(inspect), listed: listed === true, nodes: new Map(), firstNode: undefined };
}

/** The data of an image without node-specific parts: paths of layers, time of tagging. */
function shared(inspect: ImageInspect): ImageInspect {
  const { GraphDriver: _, Metadata: __, ...rest } = inspect;
  return rest as ImageInspect;
}

/** True if the first node changed. */
function addNode(inspected: Inspected, node: string): boolean {
  inspected.nodes.set(node, (inspected.nodes.get(node) ?? 0) + 1);
  if (inspected.firstNode !== undefined && inspected.firstNode <= node) return false;
  inspected.firstNode = node;
  return true;
}

function removeNode(inspected: Inspected, node: string): boolean {
  const left = (inspected.nodes.get(node) ?? 1) - 1;
  if (left > 0) inspected.nodes.set(node, left);
  else inspected.nodes.delete(node);
  if (left > 0 || inspected.firstNode !== node) return false;
  inspected.firstNode = undefined;
  for (const each of inspected.nodes.keys()) {
    if (inspected.firstNode === undefined || each < inspected.firstNode) inspected.firstNode = each;
  }
  return true;
}

/** Index of the first name that does not sort before it. */
function placeOf(names: readonly Name[], { name, by }: Name): number {
  let low = 0;
  let high = names.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    const there = names[middle] as Name;
    if ((textOrder(there.name, name) || textOrder(there.by, by)) < 0) low = middle + 1;
    else high = middle;
  }
  return low;
}

/** True if the name is new. */
function addName(names: CountedName[], one: Name): boolean {
  const at = placeOf(names, one);
  const there = names[at];
  if (there?.name === one.name && there.by === one.by) {
    there.count++;
    return false;
  }
  names.splice(at, 0, { ...one, count: 1 });
  return true;
}

/** True if that was the last use of the name. */
function removeName(names: CountedName[], one: Name): boolean {
  const at = placeOf(names, one);
  if (--(names[at] as CountedName).count > 0) return false;
  names.splice(at, 1);
  return true;
}
