// The master's HTTP application: every route on one server, no I/O of its own, so that tests build it without a port.

import type { Server, ServerOptions } from '../src/server.ts';
import { createServer } from '../src/server.ts';
import * as registered from './routes/index.ts';
import type { RouteContext } from './routes/route.ts';

export interface AppOptions extends RouteContext {
  readonly server: ServerOptions;
}

export function createApp({ server, ...context }: AppOptions): Server {
  const app = createServer(server);
  // The home page lists the routes that are registered after it, and a namespace object has its names in order of the alphabet.
  const { home, ...others } = registered;
  for (const route of [home, ...Object.values(others)]) route.register(app, context);
  return app;
}
