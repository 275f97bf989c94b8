// The checked registry of runtime drivers, in the order of attempts on a socket. An invalid driver stops the process at
// load.
import * as all from './all.ts';
import type { RuntimeDriver } from './runtime.ts';

export const drivers: readonly RuntimeDriver[] = checkDrivers(Object.values(all));

/** `found` in order; throws an error that names an invalid driver and the reason. */
export function checkDrivers(found: readonly RuntimeDriver[]): readonly RuntimeDriver[] {
  const seen = new Set<string>();
  for (const { name, turn } of found) {
    if (!/^[a-z][a-z0-9]*$/.test(name))
      throw new Error(`the driver ${JSON.stringify(name)} has a name that is not lower case`);
    for (const claimed of [`name ${name}`, `turn ${turn}`]) {
      if (seen.has(claimed)) throw new Error(`the driver ${JSON.stringify(name)} shares the ${claimed}`);
      seen.add(claimed);
    }
  }
  return found.toSorted((a, b) => a.turn - b.turn);
}
