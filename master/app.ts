// The master's HTTP application: every route on one server, no I/O of its own, so that tests build it without a port.
import { createServer } from '../src/server.ts';
import type { Server, ServerOptions } from '../src/server.ts';
import * as routes from './routes/index.ts';
import type { RouteContext } from './routes/route.ts';

export interface AppOptions extends RouteContext {
  readonly server: ServerOptions;
}

export function createApp({ server, ...context }: AppOptions): Server {
  const app = createServer(server);
  for (const route of Object.values(routes)) route.register(app, context);
  return app;
}
