// A reflector of one kind over the fake API server, with short times and a sink that remembers.
import { type Client, loadClient } from '../../master/sources/kubernetes/client.ts';
import { createReflector, type Reflector, type ReflectorOptions } from '../../master/sources/kubernetes/reflector.ts';
import { Semaphore } from '../../src/concurrency.ts';
import type { ApiServer } from '../../src/demo/api-server.ts';
import { silentLogger } from '../../src/logger.ts';
import type { KubernetesObject } from '../../src/model.ts';
import { createMemorySink, type MemorySink, nameOf } from './memory-sink.ts';

export const shortTimes = {
  refresh: 5,
  forbiddenRetry: 20,
  grace: 60_000,
  stall: 60_000,
  calm: 5,
  backoffBase: 2,
  backoffCap: 10,
};

export interface Reflecting {
  readonly client: Client;
  readonly sink: MemorySink;
  readonly reflector: Reflector;
  close(): Promise<void>;
}

export async function clientOf(server: ApiServer, token?: string): Promise<Client> {
  const client = await loadClient({ document: server.kubeconfig(token === undefined ? {} : { token }), env: {} });
  if (client === undefined) throw new Error('the kubeconfig names no cluster');
  return client;
}

export const pods = { kind: 'Pod', group: '', plural: 'pods', namespaced: true } as const;

export async function reflect(
  server: ApiServer,
  options: Partial<ReflectorOptions> & { readonly token?: string } = {},
): Promise<Reflecting> {
  const client = await clientOf(server, options.token);
  const sink = createMemorySink();
  const reflector = createReflector({
    client,
    sink,
    kind: pods,
    version: 'v1',
    watchable: true,
    lists: new Semaphore(4),
    logger: silentLogger,
    ...options,
    times: { ...shortTimes, ...options.times },
  });
  return {
    client,
    sink,
    reflector,
    async close() {
      await reflector.close();
      client.close();
    },
  };
}

export function pod(name: string, namespace = 'shop', labels: { [key: string]: string } = {}): KubernetesObject {
  return { apiVersion: 'v1', kind: 'Pod', metadata: { name, namespace, labels }, spec: { containers: [] } };
}

/** Whether the sink has exactly the server's objects. */
export function isEqual(sink: MemorySink, server: ApiServer, resource = 'pods'): boolean {
  const objects = server.list(resource);
  return (
    objects.length === sink.content.size &&
    objects.every((one) => versionOf(sink.content.get(nameOf(one))) === versionOf(one))
  );
}

function versionOf(object: KubernetesObject | undefined): string | undefined {
  return object?.metadata.resourceVersion;
}
