// GET /openapi.json, generated from the routes' schemas, and /docs to read and try them. What makes both is loaded when one of them is
// first asked for: it is a sixth of all modules, and few processes are ever asked.
import type { FastifyReply, FastifyRequest, RouteOptions } from 'fastify';
import { fault } from '../../src/errors.ts';
import type { Server } from '../../src/http/server.ts';
import { anything } from './answers/parts.ts';
import type { ApiPages } from './openapi-pages.ts';
import type { Route } from './route.ts';
import { answers, noQuery } from './schemas.ts';

declare module 'fastify' {
  interface FastifyInstance {
    /** Document and pages of the routes added so far; made once. */
    apiPages(): Promise<ApiPages>;
  }
}

/** Call before routes are added: it collects them as they come. */
export function describeRoutes(app: Server, version: string): void {
  const routes: RouteOptions[] = [];
  app.addHook('onRoute', (route) => {
    // The catch-all for preflights is no operation, and what answers HEAD is described as GET.
    if (route.url !== '*' && route.method !== 'HEAD' && !route.schema?.hide) routes.push(route);
  });
  let made: Promise<ApiPages> | undefined;
  app.decorate('apiPages', () => {
    made ??= import('./openapi-pages.ts').then(({ createApiPages }) => createApiPages(routes, version));
    return made;
  });
}

const pagePaths = ['/docs', '/docs/', '/docs/json', '/docs/yaml', '/docs/static/*'];

export const openapi = {
  name: 'openapi',
  register(app) {
    const schema = {
      summary: 'This API as OpenAPI 3.1',
      tags: ['service'],
      querystring: noQuery,
      ...answers(anything),
    };
    app.get('/openapi.json', { schema }, async (_request, reply) => {
      const { document } = await app.apiPages();
      return reply.type('application/json; charset=utf-8').header('cache-control', 'no-cache').send(document);
    });
    const page = async ({ method, url, headers }: FastifyRequest, reply: FastifyReply) => {
      const pages = await app.apiPages();
      const answer = await pages.answer({ method: method === 'HEAD' ? 'HEAD' : 'GET', url, headers });
      if (answer.status >= 500) throw new Error(`the pages of the API answered ${answer.status} to ${url}`);
      // A route is found for each name of a file: that there is no such file is not said by the server's router.
      if (answer.status >= 400) throw fault('not_found', { path: url.split('?', 1)[0] ?? '' });
      const { 'content-length': _, connection: __, date: ___, ...kept } = answer.headers;
      return reply.code(answer.status).headers(kept).send(answer.body);
    };
    for (const path of pagePaths) {
      const config = { isFile: path.startsWith('/docs/static') };
      app.get(path, { schema: { hide: true }, config }, page);
    }
  },
} as const satisfies Route;
