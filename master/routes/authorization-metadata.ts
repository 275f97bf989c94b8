// Clients look here for an authorization server before they call /mcp, even with a token. It answers 404 without
// authentication, because some clients hang on any other answer.
// https://modelcontextprotocol.io/specification/2025-11-25/basic/authorization
import { fault } from '../../src/errors.ts';
import type { Route } from './route.ts';

const places = ['/.well-known/*', '/mcp/.well-known/*', '/register', '/authorize', '/token'];

export const authorizationMetadata = {
  name: 'authorizationMetadata',
  register(app) {
    for (const url of places)
      app.all(url, { schema: { hide: true }, config: { open: true } }, (request) => {
        throw fault('not_found', { path: request.url.split('?', 1)[0] ?? '' });
      });
  },
} as const satisfies Route;
