// Names the command-line option for a parameter that a master refuses.
import { type OptionName, optionNamed, type Values } from './arguments.ts';
import { Failure, RefusedParameter } from './failure.ts';

/** Options with another name than their parameter. */
const renamed: { readonly [parameter: string]: readonly OptionName[] } = {
  from: ['since'],
  labelSelector: ['selector'],
  format: ['output'],
};

/** The same failure with the name of the option that was typed, if there is one. */
export function inTypedWords(error: unknown, values: Values): unknown {
  if (!(error instanceof RefusedParameter)) return error;
  const { parameter, reason, status } = error;
  const names = [...(renamed[parameter] ?? []), parameter as OptionName];
  const typed = names.find((name) => values[name] !== undefined);
  return typed === undefined ? error : new Failure(status, `${optionNamed(typed)} is not valid: ${reason}`, error);
}
