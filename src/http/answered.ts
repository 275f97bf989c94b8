// Reports every finished request. The framework's own hook reports complete answers only, not streams that the reader left
// or broken downloads.
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';

export type Answered = (request: FastifyRequest, reply: FastifyReply, whole: boolean) => void;

type App = Pick<FastifyInstance, 'addHook'>;

const told = new WeakMap<App, Answered[]>();

/** Calls `answered` once per request; `whole` is false if the answer broke off. */
export function whenAnswered(app: App, answered: Answered): void {
  const known = told.get(app);
  if (known) return void known.push(answered);
  const all = [answered];
  told.set(app, all);
  const tell: Answered = (...what) => all.forEach((each) => each(...what));
  app.addHook('onRequest', (request, reply, done) => {
    reply.raw.once('close', () => {
      if (!reply.raw.writableFinished) tell(request, reply, false);
    });
    done();
  });
  app.addHook('onResponse', (request, reply, done) => {
    // Also called after a socket error.
    if (reply.raw.writableFinished) tell(request, reply, true);
    done();
  });
}
