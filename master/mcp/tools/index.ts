// The checked registry of tools, sorted by name. An invalid tool fails the import.
import * as all from './all.ts';
import type { Tool } from './tool.ts';

export const tools: readonly Tool[] = checkTools(Object.values(all));

export function checkTools(found: readonly Tool[]): readonly Tool[] {
  const seen = new Set<string>();
  for (const { name, description, budget } of found) {
    if (!/^[a-z]{3,20}$/.test(name)) throw new Error(`the tool ${JSON.stringify(name)} has no proper name`);
    if (seen.has(name)) throw new Error(`the tool ${JSON.stringify(name)} is registered twice`);
    if (description.length > 300)
      throw new Error(`the tool ${JSON.stringify(name)} is described at too great a length`);
    if (!(budget >= 2 << 10 && budget <= 8 << 10))
      throw new Error(`the tool ${JSON.stringify(name)} has no proper budget`);
    seen.add(name);
  }
  return found.toSorted((a, b) => (a.name < b.name ? -1 : 1));
}
