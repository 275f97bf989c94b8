// The body of a record of the class `actions`: an action as its actor tells it, whenever its state is another one. The newest of an id
// counts; after a connection to a gateway that knows nothing all that are remembered are told again.
import { type Static, Type } from 'typebox';
import { Compile } from 'typebox/compile';
import { fault } from '../errors.ts';

const name = Type.String({ minLength: 1, maxLength: 253 });

const actionsBody = Type.Object({
  action: Type.Object({
    id: Type.String({ minLength: 1, maxLength: 128 }),
    state: Type.String({ minLength: 1, maxLength: 32 }),
    at: Type.String({ maxLength: 35 }),
    action: Type.Object({
      action: Type.String({ maxLength: 64 }),
      target: Type.Object({ kind: name, namespace: name, name }),
    }),
    proposed: Type.Object({ by: Type.String({ maxLength: 1_024 }), at: Type.String({ maxLength: 35 }) }),
    why: Type.Optional(
      Type.Object({ code: Type.String({ maxLength: 64 }), message: Type.String({ maxLength: 8_192 }) }),
    ),
  }),
});

export type ToldAction = Static<typeof actionsBody>['action'];

const checked = Compile(actionsBody);

/** @throws Fault `bad_request` for what is none. */
export function readActionsBody(body: unknown): ToldAction {
  if (checked.Check(body)) return body.action;
  const [first] = checked.Errors(body);
  throw fault('bad_request', { reason: `actions${first?.instancePath ?? ''} ${first?.message ?? 'is wrong'}` });
}
