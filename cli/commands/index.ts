// The checked registry of commands, in the order of the help. An invalid command stops the process at load.
import type { Command } from '../command.ts';
import * as all from './all.ts';

export const commands: readonly Command[] = checkCommands(Object.values(all));

/** `found` in order; throws an error that names an invalid command and the reason. */
export function checkCommands(found: readonly Command[]): readonly Command[] {
  const seen = new Set<string>();
  for (const command of found) {
    const { name, position } = command;
    const shared = [`name ${name}`, `position ${position}`].find((claimed) => seen.has(claimed));
    const fault = faultOf(command) ?? (shared === undefined ? undefined : `shares the ${shared}`);
    if (fault) throw new Error(`the command ${JSON.stringify(name)} ${fault}`);
    seen.add(`name ${name}`).add(`position ${position}`);
  }
  return found.toSorted((a, b) => a.position - b.position);
}

function faultOf({ name, summary, examples }: Command): string | undefined {
  if (!/^[a-z]+(-[a-z]+)*$/.test(name)) return 'has a name that is not lower case';
  if (summary === '' || summary.includes('\n')) return 'has a summary that is not one line';
  if (!examples.some(({ line }) => line.startsWith(`${name} `))) return 'has no example of itself';
  return undefined;
}
