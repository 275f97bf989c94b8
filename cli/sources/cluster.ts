// The cluster of the kubeconfig: asked through its own master where one runs in it, else read once, in this process.

import type { Client } from '../../master/sources/kubernetes/client.ts';
import { loadClient, probe } from '../../master/sources/kubernetes/client.ts';
import { type AccessOptions, findAccess } from '../../master/sources/kubernetes/kubeconfig.ts';
import { isRecord } from '../../src/fields.ts';
import { failed, reasonOf } from '../failure.ts';
import { type BuildOptions, sourceOfCluster } from './build.ts';
import { sourceBehind } from './remote.ts';
import type { Source } from './source.ts';

export interface ClusterOptions extends Omit<BuildOptions, 'client' | 'namespace'> {
  readonly access: AccessOptions;
  /** The master's Service as `namespace/name`; undefined to read the cluster here though one may run. */
  readonly service: string | undefined;
}

export async function sourceOfKubeconfig(options: ClusterOptions): Promise<Source> {
  const client = await clientOf(options.access);
  const namespace = namespaceOf(options.access);
  try {
    const master =
      options.service === undefined ? undefined : await masterIn(client, options.service, namespace, options.warn);
    return master ?? (await sourceOfCluster({ ...options, client, namespace }));
  } catch (error) {
    client.close();
    throw error;
  }
}

async function clientOf(access: AccessOptions): Promise<Client> {
  const client = await loaded(access);
  if (client === undefined)
    throw failed('no kubeconfig names a cluster: give --kubeconfig, --server for a running master, or -f for files');
  const reach = await probe(client);
  if (reach.reachable) return client;
  client.close();
  throw failed(`${reach.reason}: check --context, or give -f for files`);
}

async function loaded(access: AccessOptions): Promise<Client | undefined> {
  try {
    return await loadClient(access);
  } catch (error) {
    throw failed(reasonOf(error), error);
  }
}

/** The namespace of the context, as kubectl has it. */
export function namespaceOf(access: AccessOptions): string {
  return findAccess(access)?.namespace ?? 'default';
}

/** Undefined where none runs, or none that lets us in that way. */
async function masterIn(
  client: Client,
  service: string,
  namespace: string,
  warn: (line: string) => void,
): Promise<Source | undefined> {
  const [place = '', name = ''] = service.split('/');
  const path = `/api/v1/namespaces/${encodeURIComponent(place)}/services/${encodeURIComponent(name)}`;
  const found = await client.get(path);
  if (found.status !== 200) return undefined;
  const prefix = `${path}:${portOf(found.body)}/proxy`;
  const ready = await client.get(`${prefix}/readyz`);
  const admitted =
    ready.status === 200 ? await client.get(`${prefix}/cluster/resources/cluster?properties=false`) : ready;
  if (admitted.status === 200) return sourceBehind(client, prefix, `the master ${service}`, namespace);
  warn(`the master ${service} ${whyNot(admitted.status)}; the cluster is read from here instead`);
  return undefined;
}

function portOf(body: Buffer): string {
  const service = JSON.parse(body.toString()) as unknown;
  const ports =
    isRecord(service) && isRecord(service.spec) && Array.isArray(service.spec.ports) ? service.spec.ports : [];
  return String((ports[0] as { port?: unknown } | undefined)?.port ?? 5555);
}

function whyNot(status: number): string {
  if (status === 401)
    return "wants a token, which the API server's proxy keeps to itself (kubectl port-forward and --server pass it on)";
  if (status === 403) return 'may not be asked through the API server by this user';
  return `is not ready (${status})`;
}
