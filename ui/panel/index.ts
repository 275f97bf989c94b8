// The sections of the panel in order; unlisted ones come last.
import * as all from './all.ts';
import type { Section } from './section.ts';

const order = ['health', 'findings', 'metrics', 'sizing', 'members', 'relations', 'history', 'object', 'links'];

export const sections: readonly Section[] = Object.values<Section>(all).toSorted((a, b) => place(a) - place(b));

function place({ name }: Section): number {
  const found = order.indexOf(name);
  return found < 0 ? order.length : found;
}
