// The checked registry of probes by name. An invalid probe stops the process at load.
import * as all from './all.ts';
import type { Probe } from './probe.ts';

export const probes: ReadonlyMap<string, Probe> = checkProbes(Object.values(all));

/** `found` by name; throws an error that names an invalid probe and the reason. */
export function checkProbes(found: readonly Probe[]): ReadonlyMap<string, Probe> {
  const byName = new Map<string, Probe>();
  for (const probe of found) {
    const { name, needs } = probe;
    if (!/^[a-z]+$/.test(name)) throw new Error(`the probe ${JSON.stringify(name)} has a name that is not lower case`);
    if (byName.has(name)) throw new Error(`two probes are called ${name}`);
    if (needs.some(({ what }) => what === '')) throw new Error(`the probe ${name} does not say what it needs`);
    byName.set(name, probe);
  }
  return byName;
}
