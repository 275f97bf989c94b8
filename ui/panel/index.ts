// The sections of the panel, in the order in which they stand. Those that are not named here come last.
import * as all from './all.ts';
import type { Section } from './section.ts';

const order = ['health', 'findings', 'members', 'relations', 'metrics', 'history', 'object', 'links'];

export const sections: readonly Section[] = Object.values<Section>(all).toSorted((a, b) => place(a) - place(b));

function place({ name }: Section): number {
  const found = order.indexOf(name);
  return found < 0 ? order.length : found;
}
