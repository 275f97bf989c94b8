// The graph answers nothing until every kind was listed once: resources still to come would appear not to exist.
import type { FastifyInstance } from 'fastify';
import { fault } from '../../src/errors.ts';
import type { RouteContext } from './route.ts';

/** Answers that show the progress. */
const always: ReadonlySet<string> = new Set(['/cluster/completeness', '/cluster/resync']);

/** Every route under `/cluster`, and `/debug`, added to `app` answers Fault `not_ready` until the graph is complete. */
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
