// The checked registry of views by their names in links.
import { type ViewName, viewNames } from '../state/view-state.ts';
import * as all from './all.ts';
import type { View } from './view.ts';

const byName = new Map<string, View>(Object.values(all).map((view) => [view.name, view]));

for (const name of viewNames) if (!byName.has(name)) throw new Error(`no view is called ${name}`);

export function viewNamed(name: ViewName): View {
  return byName.get(name) ?? all.wall;
}
