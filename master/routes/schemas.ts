// How answers are described in OpenAPI. Bodies from the graph's own bytes are not serialized by these schemas: tests check that they
// match.
import { Type } from '../../src/schema.ts';
import { failureSchema } from './answers/parts.ts';
import { mediaTypes } from './forms.ts';

const jsonType = 'application/json';

/** A document in one media type. */
export function inForm(mediaType: string, description: string): object {
  return { description, content: { [mediaType]: { schema: Type.String() } } };
}

/** A graph in any form. */
export function inForms(answer: object, description: string): object {
  const json = { [jsonType]: { schema: answer } };
  const others = mediaTypes.filter((each) => each !== jsonType).map((each) => [each, { schema: Type.String() }]);
  return { description, content: { ...json, ...Object.fromEntries(others) } };
}

/** Answers of a route: `answer` on success, otherwise the failure document. */
export function answers(answer: object): { response: object } {
  return { response: { 200: answer, default: failureSchema } };
}

export const noQuery = Type.Object({}, { additionalProperties: false });
