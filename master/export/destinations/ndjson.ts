// Our own protocol: a run, its pages as JSON lines, a manifest that commits it, and later changes. docs/export.md describes
// it for implementers of endpoints. Every request is idempotent by its path.
import type { Destination, Session } from './destination.ts';
import type { Endpoint } from './endpoint.ts';

export const linesType = 'application/x-ndjson; charset=utf-8';

export function ndjsonEndpoint(endpoint: Endpoint, name: string, close: () => void): Destination {
  let session: Session | undefined;
  const path = () => `/v1/clusters/${encodeURIComponent(session?.cluster.id ?? '')}/runs/${session?.run}`;
  const gone = { 404: 'unknown_run', 409: 'unknown_run', 410: 'unknown_run' } as const;
  return {
    name,
    async open(opened) {
      session = opened;
      const body = Buffer.from(JSON.stringify({ format: 'cluster-insight-export/1', ...opened }));
      const means = { 409: 'busy', 423: 'busy', 412: 'identity' } as const;
      await endpoint.send({ method: 'PUT', path: path(), body, means });
    },
    page: ({ number, part, body }) =>
      endpoint.send({
        method: 'PUT',
        path: `${path()}/pages/${number}?part=${part}`,
        body,
        type: linesType,
        means: gone,
      }),
    async commit(manifest) {
      await endpoint.send({
        method: 'PUT',
        path: `${path()}/commit`,
        body: Buffer.from(JSON.stringify(manifest)),
        means: gone,
      });
    },
    async abort() {
      if (session === undefined) return;
      await endpoint.send({ method: 'DELETE', path: path(), tries: 1 }).catch(() => undefined);
    },
    change: (revision, line) =>
      endpoint.send({ method: 'PUT', path: `${path()}/changes/${revision}`, body: line, type: linesType, means: gone }),
    close: async () => close(),
  };
}
