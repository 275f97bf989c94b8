// Until each kind was listed once nothing is answered from the graph: what is not there yet would be said not to be there.
import type { FastifyInstance } from 'fastify';
import { fault } from '../../src/errors.ts';
import type { RouteContext } from './route.ts';

/** Answers that say how far it is. */
const always: ReadonlySet<string> = new Set(['/cluster/completeness', '/cluster/resync']);

/** Every route under `/cluster`, and `/debug`, that is added to `app` answers Fault `not_ready` until the graph can be asked. */
export function demandReadiness(
  app: Pick<FastifyInstance, 'addHook'>,
  { notReady }: Pick<RouteContext, 'notReady'>,
): void {
  if (notReady === undefined) return;
  app.addHook('onRequest', async ({ routeOptions: { url = '' } }) => {
    if (!/^\/(?:cluster|debug)(?:\/|$)/.test(url) || always.has(url)) return;
    const reason = notReady();
    if (reason !== undefined) throw fault('not_ready', { reason });
  });
}
