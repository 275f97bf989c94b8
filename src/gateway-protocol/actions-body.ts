// Body of a record of the class `actions`: an action, sent by its actor at each change of state. The last one of an id counts.
// After connecting to a new gateway, the actor sends all known actions again.
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

/** @throws Fault `bad_request` if invalid. */
export function readActionsBody(body: unknown): ToldAction {
  if (checked.Check(body)) return body.action;
  const [first] = checked.Errors(body);
  throw fault('bad_request', { reason: `actions${first?.instancePath ?? ''} ${first?.message ?? 'is wrong'}` });
}
