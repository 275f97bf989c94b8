// Takes secret values out of what a container runtime answers, and of what a minion sends. In place, on a fresh parse.

import { type Fields, fieldsOf, listOf } from '../fields.ts';
import { redactArguments } from './command.ts';
import { redactTree } from './tree.ts';

/** What Docker or Podman says of a container or an image, whole. Ids, digests, names and paths look like no secret and stay. */
export function redactInspect(inspect: unknown): void {
  const fields = fieldsOf(inspect);
  if (fields) redactParts(fields);
  redactTree(inspect);
}

/**
 * What runs is said twice: whole, and as what the image and the container's own settings add to it. A part alone does not say
 * which tool takes it: what was a secret in the whole is one in the part.
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
