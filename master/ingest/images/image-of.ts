// Combines the aliases of one image into its names and properties, independent of their order of arrival.
import type { ImageInspect } from '../../../src/docker-api.ts';
import { imageId } from '../../../src/ids.ts';
import { textOrder } from '../../../src/text-order.ts';
import type { Image } from './images.ts';
import type { Alias } from './sightings.ts';

const digest = /^sha\d+:/;

/** `keys` has the keys of all the aliases, each once. */
export function imageOf(aliases: readonly Alias[], keys: readonly string[]): Image {
  const canonical = canonicalKey(aliases);
  const name = symbolicName(aliases);
  const label = digest.test(canonical) ? canonical.slice(canonical.indexOf(':') + 1).slice(0, 12) : canonical;
  return {
    id: imageId(canonical),
    label,
    ...(name === undefined ? {} : { alternateLabel: name }),
    names: allNames(aliases),
    digests: keys.filter((key) => digest.test(key)).toSorted(textOrder),
    properties: firstInspect(aliases) ?? { metadata: { name: name ?? canonical } },
  };
}

const ranks = { repo: 0, id: 1, text: 2 } as const;

function canonicalKey(aliases: readonly Alias[]): string {
  const keys = aliases.flatMap((alias) => alias.keys);
  return smallest(keys, (a, b) => ranks[a.role] - ranks[b.role] || textOrder(a.key, b.key))?.key ?? '';
}

const callers = ['container', 'tag', 'digest'] as const;

function symbolicName(aliases: readonly Alias[]): string | undefined {
  for (const caller of callers) {
    // An alias sorts its names, so its first is its smallest.
    const names = aliases.flatMap((alias) => alias.names.find(({ by }) => by === caller) ?? []);
    if (names.length > 0) return smallest(names, (a, b) => textOrder(a.name, b.name))?.name;
  }
  return undefined;
}

/** The names of each alias are sorted, so sorting is a merge. */
function allNames(aliases: readonly Alias[]): string[] {
  const names = aliases.flatMap((alias) => alias.names.map(({ name }) => name)).sort(textOrder);
  // `filter` allocates 17 slots, and there are many images.
  return names.filter((name, i) => name !== names[i - 1]).slice();
}

function firstInspect(aliases: readonly Alias[]): ImageInspect | undefined {
  const known = aliases.flatMap(({ inspected }) => inspected);
  const first = smallest(
    known,
    (a, b) =>
      Number(a.listed) - Number(b.listed) ||
      textOrder(a.firstNode ?? '', b.firstNode ?? '') ||
      textOrder(a.inspect.Id, b.inspect.Id) ||
      textOrder(a.signature, b.signature),
  );
  return first?.inspect;
}

export function sameImage(a: Image | undefined, b: Image): boolean {
  return (
    a !== undefined &&
    (a.properties === b.properties || JSON.stringify(a.properties) === JSON.stringify(b.properties)) &&
    a.label === b.label &&
    a.alternateLabel === b.alternateLabel &&
    sameTexts(a.names, b.names) &&
    sameTexts(a.digests, b.digests)
  );
}

function sameTexts(a: readonly string[], b: readonly string[]): boolean {
  return a.length === b.length && a.every((text, i) => text === b[i]);
}

function smallest<T>(items: readonly T[], compare: (a: T, b: T) => number): T | undefined {
  return items.reduce<T | undefined>(
    (least, item) => (least === undefined || compare(item, least) < 0 ? item : least),
    undefined,
  );
}
