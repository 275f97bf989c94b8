// The command `actions` that a gateway sends to an actor. Each call is one of the actor's own routes (docs/actions.md), with the
// caller's token, which the actor has reviewed by the API server. The answer is the same as over HTTP.
import { type Static, Type } from 'typebox';
import { Compile } from 'typebox/compile';
import { fault } from '../errors.ts';

export const actionsCommand = 'actions';

export const actionCallNames = ['propose', 'list', 'get', 'approve', 'withdraw', 'policy'] as const;

const actionCall = Type.Object(
  {
    call: Type.Enum([...actionCallNames]),
    /** The caller's token of the cluster. */
    token: Type.String({ minLength: 1, maxLength: 16_384 }),
    /** Id of the action. */
    id: Type.Optional(Type.String({ minLength: 1, maxLength: 128 })),
    /** The proposed action. */
    document: Type.Optional(Type.Unknown()),
  },
  { additionalProperties: false },
);

export type ActionCall = Static<typeof actionCall>;

const checked = Compile(actionCall);

/** @throws Fault `bad_request` if invalid. No message contains the token. */
export function readActionCall(body: unknown): ActionCall {
  if (checked.Check(body)) return body;
  const [first] = checked.Errors(body);
  throw fault('bad_request', {
    reason: `${actionsCommand}${first?.instancePath ?? ''} ${first?.message ?? 'is wrong'}`,
  });
}

export interface ActionCallAnswer {
  /** HTTP status. */
  readonly status: number;
  readonly body: unknown;
}
