// The forms in which a part of the graph is answered, and which of them a request asks for.
import type { FastifyReply, FastifyRequest } from 'fastify';
import { fault } from '../../src/errors.ts';
import { varyBy } from '../../src/http/vary.ts';
import { Type } from '../../src/schema.ts';
import { type Form, formAccepted, formNamed } from '../views/form.ts';
import { views } from '../views/index.ts';
import type { View } from '../views/view.ts';

const json = { name: 'json', mediaTypes: ['application/json'] } as const satisfies Form;
const ndjson = { name: 'ndjson', mediaTypes: ['application/x-ndjson', 'application/ndjson'] } as const satisfies Form;

const forms: readonly (Form | View)[] = [json, ndjson, ...views];
/** Media types of all forms. */
export const mediaTypes: readonly string[] = forms.flatMap(({ mediaTypes: [first] }) => first ?? []);
/** Pictures first: the order decides when `Accept` allows several. */
const pictures: readonly (Form | View)[] = [...views, json, ndjson];

export const formatParameter = {
  format: Type.Optional(
    Type.Enum(
      forms.map(({ name }) => name),
      { description: 'The form of the answer, in the media type of that form; wins over `Accept`', examples: ['dot'] },
    ),
  ),
};

export interface FormParameter {
  readonly format?: string;
}

const offers = { json: forms, dot: pictures, lines: [json, ndjson] } as const;

const chosen = new WeakMap<FastifyReply, string>();

/** The form that `Accept` chose in place of the usual one. */
export function accepted(reply: FastifyReply): string | undefined {
  return chosen.get(reply);
}

/** Says that the answer depends on `Accept`, where it does. @throws Fault `not_acceptable`. */
export function formOf(
  request: FastifyRequest,
  reply: FastifyReply,
  { format }: FormParameter,
  offer: keyof typeof offers = 'json',
): Form {
  const offered: readonly Form[] = offers[offer];
  if (format !== undefined) return formNamed(offered, format);
  varyBy(reply, 'accept');
  const form = formAccepted(offered, request.headers.accept);
  if (form && form !== offered[0]) chosen.set(reply, form.name);
  if (form) return form;
  throw fault('not_acceptable', { forms: offered.flatMap(({ mediaTypes }) => mediaTypes).join(', ') });
}
