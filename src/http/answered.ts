// Tells of every request when it is over. The framework's own hook tells of whole answers only: of a stream that its
// reader left, or a download that was cut off, nobody would hear.
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';

export type Answered = (request: FastifyRequest, reply: FastifyReply, whole: boolean) => void;

type App = Pick<FastifyInstance, 'addHook'>;

const told = new WeakMap<App, Answered[]>();

/** Calls `answered` once for each request; `whole` is false where the answer broke off before its end. */
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
    // After an error of the socket this is called, too.
    if (reply.raw.writableFinished) tell(request, reply, true);
    done();
  });
}
