// The documentation of this API: the OpenAPI document, and Swagger's pages. It is a separate server with the described routes,
// without their handlers; openapi.ts loads it with the first request.
import swagger from '@fastify/swagger';
import swaggerUi from '@fastify/swagger-ui';
import { fastify, type InjectOptions, type RouteOptions } from 'fastify';
import { compilersWhenAsked } from '../../src/http/compilers-when-asked.ts';
import { openapiDocument } from './openapi-document.ts';

export interface ApiPages {
  readonly document: object;
  /** What the pages answer to a request below `/docs`. */
  answer(request: Pick<InjectOptions, 'method' | 'url' | 'headers'>): Promise<PageAnswer>;
}

export interface PageAnswer {
  readonly status: number;
  readonly headers: { readonly [name: string]: number | string | string[] | undefined };
  readonly body: Buffer;
}

export async function createApiPages(routes: readonly RouteOptions[], version: string): Promise<ApiPages> {
  const app = fastify({ schemaController: { compilersFactory: compilersWhenAsked } });
  app.register(swagger, {
    openapi: {
      openapi: '3.1.0',
      info: {
        title: 'Cluster Insight',
        description: 'A Kubernetes cluster as a live, queryable, timestamped graph. Everything here only reads.',
        version,
        license: { name: 'Apache-2.0', identifier: 'Apache-2.0' },
      },
      tags: [
        { name: 'graph', description: 'The graph and what is asked of it' },
        { name: 'history', description: 'What was, and what changed' },
        { name: 'service', description: 'The service itself' },
        { name: 'health', description: 'Health probes' },
      ],
    },
    refResolver: { buildLocalReference: (schema, _base, _fragment, i) => String(schema['$id'] ?? `Schema${i}`) },
    transform: ({ schema, url }) => (url.endsWith('/*') ? withNamedRest(schema, url) : { schema, url }),
  });
  app.register(swaggerUi, {
    routePrefix: '/docs',
    staticCSP: policy,
    logo: { type: 'image/svg+xml', content: icon, href: '/', target: '_self' },
    theme: { title: 'Cluster Insight: the API' },
    transformSpecification: (document) => openapiDocument(document),
    uiConfig: { validatorUrl: null, tryItOutEnabled: true },
  });
  app.register(async (plugin) => {
    for (const { method, url, schema } of routes)
      plugin.route({ method, url, ...(schema ? { schema } : {}), handler: async () => undefined });
  });
  await app.ready();
  return {
    document: openapiDocument(app.swagger()),
    async answer(request) {
      const { statusCode: status, headers, rawPayload: body } = await app.inject(request);
      return { status, headers, body };
    },
  };
}

/** OpenAPI needs a name for the router's wildcard. */
function withNamedRest<S extends { params?: unknown } | undefined>(schema: S, url: string): { schema: S; url: string } {
  const { properties = {} } = (schema?.params ?? {}) as { properties?: Record<string, object> };
  const { '*': rest = {}, ...others } = properties;
  const params = { type: 'object', properties: { ...others, id: { type: 'string', ...rest } } };
  return { schema: { ...schema, params } as S, url: `${url.slice(0, -1)}:id` };
}

/** The icon's file is not part of the running package. */
const icon = Buffer.from(
  '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 24 24" fill="none" stroke="#2563eb" stroke-width="2">' +
    '<path d="M7.6 10.6 15.4 6.4M7.6 13.4l7.8 4.2"/><g fill="#2563eb"><circle cx="5" cy="12" r="3"/>' +
    '<circle cx="18" cy="5" r="3"/><circle cx="18" cy="19" r="3"/></g></svg>',
);

const own = "'self'";
/** Loads nothing from elsewhere. Swagger's pages set inline styles. */
const policy = {
  'default-src': [own],
  'base-uri': [own],
  'img-src': [own, 'data:'],
  'style-src': [own, "'unsafe-inline'"],
  'object-src': ["'none'"],
  'frame-ancestors': ["'none'"],
};
