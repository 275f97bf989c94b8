// The checked registry of kinds of actions, with unique names.
import { type ActionKind, actionKinds } from '../action.ts';
import * as all from './all.ts';
import type { ActionType } from './kind.ts';

const found: readonly ActionType[] = Object.values(all);

export const actionTypes: ReadonlyMap<ActionKind, ActionType> = new Map(
  actionKinds.map((kind) => {
    const [type, other] = found.filter(({ action }) => action === kind);
    if (type === undefined || other !== undefined) throw new Error(`the action ${kind} has not one file`);
    return [kind, type];
  }),
);
if (found.length !== actionTypes.size) throw new Error('a kind of action is not named in actor/action.ts');

export function typeOf(kind: ActionKind): ActionType {
  const type = actionTypes.get(kind);
  if (type === undefined) throw new Error(`the action ${kind} has no file`);
  return type;
}
