// GET /ui/*: the files of the page. They say nothing of any cluster, so nobody is asked who they are.

import { fault } from '../../src/errors.ts';
import { Type } from '../../src/schema.ts';
import { sendFile } from '../ui/send-file.ts';
import type { Route } from './route.ts';

export const ui = {
  name: 'ui',
  register(app, { page }) {
    // What a browser loads by itself is no part of the API.
    const schema = { hide: true, params: Type.Object({ '*': Type.String({ maxLength: 200 }) }) };
    app.get('/ui/*', { schema, config: { open: () => true } }, (request, reply) => {
      const file = page?.named(request.params['*']);
      if (!file) throw fault('not_found', { path: request.url.split('?', 1)[0] ?? '' });
      return sendFile(request, reply, file);
    });
  },
} as const satisfies Route;
