// Tells of every request when it is over. The framework's own hook tells of whole answers only: of a stream that its
// reader left, or a download that was cut off, nobody would hear.
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';

export type Answered = (request: FastifyRequest, reply: FastifyReply, whole: boolean) => void;

/** Calls `answered` once for each request; `whole` is false where the answer broke off before its end. */
export function whenAnswered(app: Pick<FastifyInstance, 'addHook'>, answered: Answered): void {
  app.addHook('onRequest', (request, reply, done) => {
    reply.raw.once('close', () => {
      if (!reply.raw.writableFinished) answered(request, reply, false);
    });
    done();
  });
  app.addHook('onResponse', (request, reply, done) => {
    // After an error of the socket this is called, too.
    if (reply.raw.writableFinished) answered(request, reply, true);
    done();
  });
}
