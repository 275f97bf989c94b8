// What is understood of a query before its schema looks at it: a list that is given in several parts, and another spelling.
import type { Server } from '../../src/http/server.ts';

/** Parameters that hold lists: repeating them says the same as commas. */
const lists: ReadonlySet<string> = new Set([
  'type',
  'namespace',
  'relation',
  'labelSelector',
  'fieldSelector',
  'health',
  'absent',
  'fields',
  'class',
  'severity',
]);

/** The other side of the Atlantic. */
const spellings: ReadonlyMap<string, string> = new Map([['neighbors', 'neighbours']]);

type Parameters = Record<string, unknown>;

/** To be called before routes are added. */
export function understandQueries(app: Pick<Server, 'addHook'>): void {
  app.addHook('preValidation', async ({ query }) => {
    for (const [name, value] of Object.entries(query as Parameters)) {
      if (lists.has(name) && Array.isArray(value)) (query as Parameters)[name] = value.join(',');
      const spelling = spellings.get(name);
      if (spelling === undefined || spelling in (query as Parameters)) continue;
      (query as Parameters)[spelling] = value;
      delete (query as Parameters)[name];
    }
  });
}
