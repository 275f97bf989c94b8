// Suggestions for an unknown id or type, added to the error if something similar exists.
import { setTimeout as sleep } from 'node:timers/promises';
import { Fault } from '../../src/errors.ts';
import type { Server } from '../../src/http/server.ts';
import { distance, mostWrong } from '../../src/nearest.ts';
import { turns } from '../turns.ts';
import type { RouteContext } from './route.ts';

/** Milliseconds. */
const patience = 300;
/** Maximum number of suggestions. */
const most = 3;

/** Adds suggestions to errors of routes registered after it. */
export function suggestWhatWasMeant(
  app: Server,
  context: Pick<RouteContext, 'graph' | 'indexes' | 'typesNamed'>,
): void {
  app.setErrorHandler(async (error, request) => {
    if (error instanceof Fault) {
      const meant = await meantBy(error, context, request.signal).catch(() => []);
      if (meant.length > 0) error.message += `; did you mean ${meant.join(', ')}?`;
    }
    throw error;
  });
}

async function meantBy(
  { code, facts }: Fault,
  context: Parameters<typeof suggestWhatWasMeant>[1],
  signal: AbortSignal,
) {
  const { type, id } = facts;
  if (code === 'unknown_type') return typesLike(String(type), context.graph);
  if (code !== 'unknown_id') return [];
  const name = String(id);
  if (context.typesNamed(String(type)).length === 0 && !isType(String(type), context)) {
    const types = typesLike(String(type), context.graph);
    return types.map((each) => `${each}:${name}`).filter((each) => context.graph.get(each)?.version);
  }
  return idsLike(String(type), name, context, signal);
}

function isType(type: string, { graph }: Pick<RouteContext, 'graph'>): boolean {
  return graph.order.types().some((each) => each.type === type);
}

/** First resources of the type with that name elsewhere, then similar names. */
async function idsLike(
  type: string,
  path: string,
  context: Parameters<typeof suggestWhatWasMeant>[1],
  signal: AbortSignal,
) {
  const name = path.slice(path.lastIndexOf('/') + 1);
  // If the index is still being built, only the next request gets suggestions.
  const index = await Promise.race([context.indexes.search(), sleep(patience, undefined, { ref: false })]);
  if (!index) return [];
  const accepts = (vertex: { readonly type: string }) => vertex.type === type;
  const { hits } = await turns.run(index.find(name, { limit: most, accepts }), signal);
  return hits.filter(({ rank }) => rank !== 'part').map(({ vertex }) => vertex.id);
}

/** Types of the graph with a similar name, ignoring case and number. */
export function typesLike(name: string, { order }: Pick<RouteContext['graph'], 'order'>): string[] {
  const asked = name.toLowerCase();
  const near = order.types().map(({ type }) => {
    const kind = (type.split('.', 1)[0] ?? type).toLowerCase();
    const forms = [kind, `${kind}s`, `${kind}es`, kind.replace(/y$/, 'ies'), type.toLowerCase()];
    return { type, distance: Math.min(...forms.map((form) => distance(asked, form))) };
  });
  const allowed = mostWrong(asked);
  const found = near.filter((each) => each.distance <= allowed).sort((a, b) => a.distance - b.distance);
  return found.slice(0, most).map(({ type }) => type);
}
