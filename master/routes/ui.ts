// GET /ui/*: the files of the page. They reveal nothing about a cluster, so they need no authentication.

import { fault } from '../../src/errors.ts';
import { Type } from '../../src/schema.ts';
import { sendFile } from '../ui/send-file.ts';
import type { Route } from './route.ts';

export const ui = {
  name: 'ui',
  register(app, { page }) {
    // Loaded by browsers; not part of the API.
    const schema = { hide: true, params: Type.Object({ '*': Type.String({ maxLength: 200 }) }) };
    app.get('/ui/*', { schema, config: { open: () => true, isFile: true } }, (request, reply) => {
      const file = page?.named(request.params['*']);
      if (!file) throw fault('not_found', { path: request.url.split('?', 1)[0] ?? '' });
      return sendFile(request, reply, file);
    });
  },
} as const satisfies Route;
