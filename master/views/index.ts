// The checked registry of forms besides JSON, preferred first. An invalid form stops the process at load.
import * as all from './all.ts';
import type { View } from './view.ts';

export const views: readonly View[] = checkViews(Object.values(all));

/** `found` in order of preference; throws an error that names an invalid form and the reason. */
export function checkViews(found: readonly View[]): readonly View[] {
  const seen = new Set<string>();
  for (const view of found) {
    const claimed = [
      `name ${view.name}`,
      `extension ${view.extension}`,
      ...view.mediaTypes.map((type) => `media type ${type}`),
    ];
    const shared = claimed.find((one) => seen.has(one));
    const fault = faultOf(view) ?? (shared === undefined ? undefined : `shares the ${shared}`);
    if (fault) throw new Error(`the form ${JSON.stringify(view.name)} ${fault}`);
    for (const one of claimed) seen.add(one);
  }
  return found.toSorted((a, b) => a.preference - b.preference || (a.name < b.name ? -1 : 1));
}

function faultOf({ name, mediaTypes, extension, limit }: View): string | undefined {
  if (!/^[a-z][a-z0-9]*$/.test(name)) return 'has a name that is not lower case';
  if (!/^[a-z]+(\.[a-z]+)?$/.test(extension)) return 'has an extension that is none';
  if (mediaTypes.length === 0) return 'has no media type';
  if (limit && !(limit.resources > 0 && limit.relations > 0)) return 'has a limit that lets nothing through';
  return undefined;
}
