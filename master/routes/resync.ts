// POST /cluster/resync: lists everything again. access/gate.ts decides who may.

import { fault } from '../../src/errors.ts';
import { Type } from '../../src/schema.ts';
import type { Route } from './route.ts';
import { answers, noQuery } from './schemas.ts';

const answer = Type.Object({
  success: Type.Literal(true),
  timestamp: Type.String(),
  listed: Type.Integer({ description: 'Kinds that were listed whole' }),
  failed: Type.Record(Type.String(), Type.String(), { description: 'By type, why it could not be listed' }),
});

export const resync = {
  name: 'resync',
  register(app, { graph, resync: listAgain }) {
    if (listAgain === undefined) return;
    const schema = {
      summary: 'Lists every kind again, trusting nothing that is held',
      description: 'Answers when all is done; readers see what was there until the new is whole',
      tags: ['service'],
      querystring: noQuery,
      ...answers(answer),
    };
    app.post('/cluster/resync', { schema }, async ({ headers, host, caller }) => {
      // Without authentication a foreign page could make a browser send this.
      if (headers.origin !== undefined && URL.parse(headers.origin)?.host !== host)
        throw fault('forbidden', { reason: 'a page of another origin may not ask for this' });
      const { listed, failed } = await listAgain(caller === '' ? 'a caller' : caller);
      return { success: true as const, timestamp: graph.timestamp, listed, failed };
    });
  },
} as const satisfies Route;
