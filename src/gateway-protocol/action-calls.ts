// What a gateway asks an actor for: the command `actions`. Each call is one of the actor's own interface (docs/actions.md), with the
// token of the caller, whom the actor has reviewed by the API server; the answer is what it would answer over HTTP.
import { type Static, Type } from 'typebox';
import { Compile } from 'typebox/compile';
import { fault } from '../errors.ts';

export const actionsCommand = 'actions';

export const actionCallNames = ['propose', 'list', 'get', 'approve', 'withdraw', 'policy'] as const;

const actionCall = Type.Object(
  {
    call: Type.Enum([...actionCallNames]),
    /** Of the caller, a token of the cluster. */
    token: Type.String({ minLength: 1, maxLength: 16_384 }),
    /** Of the action that is meant. */
    id: Type.Optional(Type.String({ minLength: 1, maxLength: 128 })),
    /** The action itself, where it is proposed. */
    document: Type.Optional(Type.Unknown()),
  },
  { additionalProperties: false },
);

export type ActionCall = Static<typeof actionCall>;

const checked = Compile(actionCall);

/** @throws Fault `bad_request` for what is none. The token is in no message. */
export function readActionCall(body: unknown): ActionCall {
  if (checked.Check(body)) return body;
  const [first] = checked.Errors(body);
  throw fault('bad_request', {
    reason: `${actionsCommand}${first?.instancePath ?? ''} ${first?.message ?? 'is wrong'}`,
  });
}

export interface ActionCallAnswer {
  /** Of HTTP. */
  readonly status: number;
  readonly body: unknown;
}
