// Which form an answer takes: by name, as `format=` has it, or by what `Accept` prefers. It knows forms by their names and media types
// only, so that JSON and NDJSON, which are written elsewhere, are chosen by the same rules.
import Negotiator from 'negotiator';
import { fault } from '../../src/errors.ts';

export interface Form {
  readonly name: string;
  readonly mediaTypes: readonly string[];
}

/** Throws `bad_parameter` that lists the names. */
export function formNamed<F extends Form>(forms: readonly F[], name: string): F {
  const found = forms.find((form) => form.name === name.toLowerCase());
  if (found) return found;
  const names = forms.map((form) => form.name).join(', ');
  throw fault('bad_parameter', { parameter: 'format', reason: `${JSON.stringify(name)} is none of ${names}` });
}

/** The form a reader likes best, the first where nothing is said or all are liked alike; undefined where none will do (406). */
export function formAccepted<F extends Form>(forms: readonly F[], accept: string | undefined): F | undefined {
  if (accept === undefined || accept.trim() === '') return forms[0];
  // With the charset too: who asks for it gets it, and the library holds parameters to be part of the type.
  const offered = forms.flatMap(({ mediaTypes }) => mediaTypes.flatMap((type) => [type, `${type};charset=utf-8`]));
  const liked = new Negotiator({ headers: { accept } }).mediaType(offered)?.split(';', 1)[0];
  return forms.find(({ mediaTypes }) => liked !== undefined && mediaTypes.includes(liked));
}
