// The command `actions` of a gateway: each call is handed to the actor's own routes, so that nothing is allowed through a gateway
// that is not allowed here: the caller's token is reviewed, and their rights are asked for, by this cluster's API server.
import type { InjectOptions } from 'fastify';
import { fault } from '../src/errors.ts';
import { type ActionCall, type ActionCallAnswer, readActionCall } from '../src/gateway-protocol/action-calls.ts';
import type { Server } from '../src/http/server.ts';
import type { CommandHandler } from '../src/uplink/commands.ts';

/** Proves to the routes that a gateway asks: a secret word. */
export const viaHeader = 'x-cluster-insight-via';

/** Stands for the callers' addresses: the gateway limits its own callers. */
const gatewayAddress = 'gateway';

type Request = Pick<InjectOptions, 'method' | 'url' | 'payload'>;

const requests: { readonly [call in ActionCall['call']]: (call: ActionCall) => Request } = {
  propose: ({ document }) => ({ method: 'POST', url: '/actions', payload: JSON.stringify(document ?? null) }),
  list: () => ({ method: 'GET', url: '/actions' }),
  get: (call) => ({ method: 'GET', url: pathOf(call) }),
  approve: (call) => ({ method: 'POST', url: `${pathOf(call)}/approve` }),
  withdraw: (call) => ({ method: 'POST', url: `${pathOf(call)}/withdraw` }),
  policy: () => ({ method: 'GET', url: '/policy' }),
};

export function actionCalls(app: Pick<Server, 'inject'>, word: string): CommandHandler {
  return async (body): Promise<ActionCallAnswer> => {
    const call = readActionCall(body);
    const { payload, ...request } = requests[call.call](call);
    const answer = await app.inject({
      ...request,
      remoteAddress: gatewayAddress,
      headers: {
        host: 'localhost',
        authorization: `Bearer ${call.token}`,
        [viaHeader]: word,
        ...(payload === undefined ? {} : { 'content-type': 'application/json' }),
      },
      ...(payload === undefined ? {} : { payload }),
    });
    return { status: answer.statusCode, body: answer.json<unknown>() };
  };
}

function pathOf({ id }: ActionCall): string {
  if (id === undefined) throw fault('bad_request', { reason: 'the call names no action' });
  return `/actions/${encodeURIComponent(id)}`;
}
