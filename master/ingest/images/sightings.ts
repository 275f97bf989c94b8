// What is observed of images, counted: observations of the same content share one sighting, however many containers and
// nodes say it, and sightings with the same keys one alias, under however many names. Only an alias that says something
// else than before is touched.
import { digestOf } from '../../../src/digest.ts';
import type { ImageInspect } from '../../../src/docker-api.ts';
import { textOrder } from '../../../src/text-order.ts';
import { type ImageKey, imageKeys, imageNames, type NamedBy } from './image-keys.ts';
import type { ContainerImage, ImageObservation, RuntimeImage } from './images.ts';

/** All that is said under the same keys. It is of one image. */
export interface Alias {
  readonly signature: string;
  readonly keys: readonly ImageKey[];
  /** In the order of names, then of who calls it so; each once. */
  readonly names: readonly CountedName[];
  /** What runtimes say of it. */
  readonly inspected: readonly Inspected[];
  /** How many sightings it has; one without any is gone. */
  readonly count: number;
}

interface Name {
  readonly name: string;
  readonly by: NamedBy;
}

interface CountedName extends Name {
  count: number;
}

/** What runtimes say of an image in the same words, and on which nodes. */
export interface Inspected {
  readonly signature: string;
  readonly inspect: ImageInspect;
  readonly listed: boolean;
  /** How often each node says it. */
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
  /** What containers say of it, or else what runtimes do. */
  readonly said: ContainerImage | undefined;
  readonly inspected: Inspected | undefined;
  /** What all those hold that say this and no more. */
  readonly alone: readonly Held[];
  count: number;
}

/** A sighting and, where a runtime said it, on which node. */
interface Held {
  readonly sighting: Sighting;
  readonly node: string | undefined;
}

export interface Sightings {
  /** All that `owner` says, in place of all that it said before. */
  replace(owner: string, observations: readonly ImageObservation[]): void;
  /** The aliases that may say something else than when this was last asked, those that came and went included. */
  takeTouched(): ReadonlySet<Alias>;
}

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
    const alone: Held[] = [];
    const made: Sighting = { signature, alias: aliasOf(keys), names: imageNames(said), ...by, alone, count: 0 };
    alone.push({ sighting: made, node: undefined });
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
      // What is new is held before what is old is let go, so that what stays is never seen to vanish.
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

/** Looks at no inspect: to compare one takes as long as to take it in. */
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

/** An image's data less what is the node's own: where its layers lie, when it was tagged there. */
function shared(inspect: ImageInspect): ImageInspect {
  const { GraphDriver: _, Metadata: __, ...rest } = inspect;
  return rest as ImageInspect;
}

/** True where the first node became another. */
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

/** The place of the first name that is not before it. */
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

/** True where nobody called it so. */
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

/** True where nobody calls it so any more. */
function removeName(names: CountedName[], one: Name): boolean {
  const at = placeOf(names, one);
  if (--(names[at] as CountedName).count > 0) return false;
  names.splice(at, 1);
  return true;
}
