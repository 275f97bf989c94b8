// The policy as a YAML or JSON file, read for each action, so that it can be changed at run time.
import { parse } from 'yaml';
import { fault } from '../src/errors.ts';
import { readSmallFile } from '../src/small-file.ts';
import { type Policy, policyOf, usualPolicy } from './policy.ts';

/** Without a file nothing is allowed. @throws Fault `policy_unreadable`: nothing is allowed then either. */
export async function readPolicy(file: string | undefined): Promise<Policy> {
  if (file === undefined) return usualPolicy;
  try {
    return policyOf(parse(await readSmallFile(file)));
  } catch (error) {
    throw fault('policy_unreadable', { file, reason: (error as Error).message.split('\n')[0] ?? '' }, error);
  }
}
