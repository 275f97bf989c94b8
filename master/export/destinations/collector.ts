// The protocol of the old collector, so that its endpoints keep working: a session, pages of releases, trees and objects,
// and a commit that replaces the old content.
import type { Destination, Page, Part, Session } from './destination.ts';
import type { Endpoint } from './endpoint.ts';

const parts: { readonly [part in Part]: string | undefined } = {
  helm: 'helm',
  tree: 'tree',
  objects: 'objects',
  graph: undefined,
};

export function collectorEndpoint(endpoint: Endpoint, name: string, close: () => void): Destination {
  let session: Session | undefined;
  const path = () => `/integrations/k8s/${encodeURIComponent(session?.cluster.id ?? '')}/fetching`;
  return {
    name,
    async open(opened) {
      session = opened;
      const { run, cluster, override } = opened;
      const query = new URLSearchParams({
        clusterUniqueId: cluster.uid,
        fetchingId: run,
        ...(override ? { overrideUniqueClusterId: '1' } : {}),
      });
      const means = { 409: 'busy', 423: 'busy', 412: 'identity' } as const;
      await endpoint.send({ method: 'HEAD', path: `${path()}?${query}`, means });
    },
    async page({ part, body, number }: Page) {
      const last = parts[part];
      if (last === undefined) throw new Error(`the protocol has no pages of the ${part}`);
      const headers = { 'idempotency-key': `${session?.run}/${number}` };
      await endpoint.send({ method: 'POST', path: `${path()}/${last}`, body, headers });
    },
    async commit() {
      const body = Buffer.from(JSON.stringify({ fetchingId: session?.run, clusterId: session?.cluster.id }));
      await endpoint.send({ method: 'PATCH', path: path(), body });
    },
    // The protocol has no such call: uncommitted data is never used.
    abort: async () => undefined,
    close: async () => close(),
  };
}
