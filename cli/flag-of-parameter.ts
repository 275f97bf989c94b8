// What a parameter that a master refuses is called on the command line.
import type { OptionName, Values } from './arguments.ts';
import { Failure, RefusedParameter } from './failure.ts';

/** Options whose parameters are called otherwise. */
const renamed: { readonly [parameter: string]: readonly OptionName[] } = {
  from: ['since'],
  labelSelector: ['selector'],
  format: ['output'],
};

/** The same failure, named by what was typed, where that is one of the options. */
export function inTypedWords(error: unknown, values: Values): unknown {
  if (!(error instanceof RefusedParameter)) return error;
  const { parameter, reason, status } = error;
  const names = [...(renamed[parameter] ?? []), parameter as OptionName];
  const typed = names.find((name) => values[name] !== undefined);
  return typed === undefined ? error : new Failure(status, `--${typed} is not valid: ${reason}`, error);
}
