// The checked registry of routes. An invalid route stops the process at load.
import * as all from './all.ts';
import type { Route } from './route.ts';

export const routes: readonly Route[] = checkRoutes(Object.values(all));

/** Sorted by name, home page first: it lists routes that are registered after it. */
export function checkRoutes(found: readonly Route[]): readonly Route[] {
  const seen = new Set<string>();
  for (const { name } of found) {
    if (!/^[a-z][a-zA-Z]*$/.test(name)) throw new Error(`the route ${JSON.stringify(name)} has no proper name`);
    if (seen.has(name)) throw new Error(`the route ${JSON.stringify(name)} is registered twice`);
    seen.add(name);
  }
  return found.toSorted((a, b) => Number(b.name === 'home') - Number(a.name === 'home') || (a.name < b.name ? -1 : 1));
}
