// The fake API server with a generated cluster, in a process of its own. Started by run.ts, which talks to it over IPC:
// it says when it is ready, and on demand makes every kind be listed again or changes objects at a steady rate.
//
//     node test/bench/server.ts census 10 1    (a tenth of census, seed 1)
import { startApiServer } from '../../src/demo/api-server.ts';
import { createChurn } from './churn.ts';
import type { Generated } from './generate.ts';
import { generate } from './generate.ts';
import { type ClusterName, sizeOf } from './sizes.ts';

export interface Ready {
  readonly kind: 'ready';
  readonly kubeconfig: object;
  readonly url: string;
  readonly objects: number;
  readonly bytes: number;
  readonly counts: { readonly [resource: string]: number };
  readonly seconds: number;
}

export type Order =
  | { readonly do: 'churn'; readonly rate: number; readonly seconds: number; readonly namespace?: string }
  | { readonly do: 'relist' };

const [name = 'census', parts = '1', seed = '1'] = process.argv.slice(2);
const began = performance.now();
const server = await startApiServer({ historyLimit: 100_000 });
const generated = generate(sizeOf(name as ClusterName, Number(parts)), Number(seed));
let bytes = 0;
for (const each of generated) server.load(each.resource, objectsOf(each));

function* objectsOf({ count, object }: Generated): Generator<Buffer> {
  for (let i = 0; i < count; i++) {
    const made = object(i);
    bytes += made.length;
    yield made;
  }
}

const ready: Ready = {
  kind: 'ready',
  kubeconfig: server.kubeconfig({ contextName: name }),
  url: server.url,
  objects: generated.reduce((sum, { count }) => sum + count, 0),
  bytes,
  counts: Object.fromEntries(generated.map(({ resource, count }) => [resource, count])),
  seconds: (performance.now() - began) / 1000,
};
process.send?.(ready);

process.on('message', (order: Order) => {
  if (order.do === 'relist') return relist();
  const churn = createChurn(server, generated, order.namespace);
  void churn.run(order.rate, order.seconds, (report) => process.send?.(report));
});
process.on('disconnect', () => process.exit(0));

/** Ends all watches at one version and forgets earlier ones, so that nobody can resume. */
function relist(): void {
  server.endWatches();
  const name = { apiVersion: 'v1', kind: 'Namespace', metadata: { name: 'team-000' } };
  server.patch(name, { metadata: { labels: { relisted: String(server.version()) } } });
  server.compact();
}
