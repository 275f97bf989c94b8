// Removes secret values from answers of container runtimes and minions. In place, on a fresh parse.

import { type Fields, fieldsOf, listOf } from '../fields.ts';
import { redactArguments } from './command.ts';
import { redactTree } from './tree.ts';

/**
 * A whole inspect of a container or image from Docker or Podman. Ids, digests, names and paths do not look like secrets and
 * stay.
 */
export function redactInspect(inspect: unknown): void {
  const fields = fieldsOf(inspect);
  if (fields) redactParts(fields);
  redactTree(inspect);
}

/**
 * A command appears twice: whole, and split into the parts from image and container. A part alone does not tell which tool
 * reads it, so what was a secret in the whole is removed from the parts too.
 */
function redactParts(inspect: Fields): void {
  const whole = [inspect.Path, ...listOf(inspect.Args)];
  const kept = [...whole];
  redactArguments(kept);
  const secrets = new Map(whole.flatMap((argument, i) => (argument === kept[i] ? [] : [[argument, kept[i]] as const])));
  if (secrets.size === 0) return;
  const config = fieldsOf(inspect.Config);
  for (const name of ['Entrypoint', 'Cmd', 'CreateCommand'])
    if (Array.isArray(config?.[name])) config[name] = listOf(config[name]).map((each) => secrets.get(each) ?? each);
}
