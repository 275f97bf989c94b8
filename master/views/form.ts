// Selects the form of an answer: by name in `format=`, or by `Accept`. It knows only names and media types, so JSON and
// NDJSON, which are written elsewhere, follow the same rules.
import Negotiator from 'negotiator';
import { fault } from '../../src/errors.ts';
import { notOneOf } from '../../src/nearest.ts';

export interface Form {
  readonly name: string;
  readonly mediaTypes: readonly string[];
}

/** Throws `bad_parameter` with the names. */
export function formNamed<F extends Form>(forms: readonly F[], name: string): F {
  const found = forms.find((form) => form.name === name.toLowerCase());
  if (found) return found;
  const names = forms.map((form) => form.name);
  throw fault('bad_parameter', { parameter: 'format', reason: notOneOf(name, names) });
}

/** The client's preferred form, the first if all are equal; undefined if none is acceptable (406). */
export function formAccepted<F extends Form>(forms: readonly F[], accept: string | undefined): F | undefined {
  if (accept === undefined || accept.trim() === '') return forms[0];
  // Also with charset: clients may request it, and the library treats parameters as part of the type.
  const offered = forms.flatMap(({ mediaTypes }) => mediaTypes.flatMap((type) => [type, `${type};charset=utf-8`]));
  const liked = new Negotiator({ headers: { accept } }).mediaType(offered)?.split(';', 1)[0];
  return forms.find(({ mediaTypes }) => liked !== undefined && mediaTypes.includes(liked));
}
