// The checked registry of lists by their views.
import type { ViewName } from '../state/view-state.ts';
import * as all from './all.ts';
import type { List } from './list.ts';

const byName = new Map<ViewName, List>();

for (const list of Object.values<List>(all)) {
  if (byName.has(list.name)) throw new Error(`two lists are called ${list.name}`);
  byName.set(list.name, list);
}

/** Undefined where the view is drawn as cards. */
export function listNamed(name: ViewName): List | undefined {
  return byName.get(name);
}
