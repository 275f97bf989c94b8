// The kubeconfig's cluster: asks its own master if there is one, otherwise reads it once in this process.

import type { Client } from '../../master/sources/kubernetes/client.ts';
import { loadClient, probe } from '../../master/sources/kubernetes/client.ts';
import { type AccessOptions, findAccess } from '../../master/sources/kubernetes/kubeconfig.ts';
import type { Audit } from '../../src/audit/audit.ts';
import { failed, reasonOf } from '../failure.ts';
import { type BuildOptions, sourceOfCluster } from './build.ts';
import { findMaster } from './find-master.ts';
import { type Reached, reachInstalled } from './installed.ts';
import type { Source } from './source.ts';

export interface ClusterOptions extends Omit<BuildOptions, 'client' | 'namespace'> {
  readonly access: AccessOptions;
  readonly audit: Audit;
  /** Read the cluster even if a master runs in it. */
  readonly direct: boolean;
  /** The master's Service as `namespace/name`; undefined to search for one. */
  readonly service: string | undefined;
  readonly token: string | undefined;
  readonly tokenFile: string | undefined;
  readonly serviceAccount: string | undefined;
  /** Seconds, to report durations. */
  readonly now: () => number;
}

export async function sourceOfKubeconfig(options: ClusterOptions): Promise<Source> {
  const client = await clientOf(options.access, options.audit);
  const namespace = namespaceOf(options.access);
  try {
    // A master has its own rules.
    if (options.direct || (options.declarations ?? []).length > 0)
      return await sourceOfCluster({ ...options, client, namespace });
    const reached = await masterIn(client, namespace, options);
    return 'source' in reached ? reached.source : await readInstead(client, namespace, reached.why, options);
  } catch (error) {
    client.close();
    throw error;
  }
}

/** @throws Failure if the user chose a token or account for a master: no other source will do. */
async function readInstead(client: Client, namespace: string, why: string, options: ClusterOptions): Promise<Source> {
  const { token, tokenFile, serviceAccount, service, now, warn } = options;
  if ([token, tokenFile, serviceAccount, service].some((said) => said !== undefined))
    throw failed(`${why}; --direct reads the cluster from here`);
  const began = now();
  const source = await sourceOfCluster({ ...options, client, namespace });
  warn(`${why}: the cluster was read from here, in ${(now() - began).toFixed(1)} s (--direct does so unasked)`);
  return source;
}

async function masterIn(client: Client, own: string, options: ClusterOptions): Promise<Reached> {
  const { service: named, token, tokenFile, serviceAccount, access } = options;
  const service = await findMaster(client, named, own);
  if (service === undefined)
    return { why: named === undefined ? 'no master of Cluster Insight was found' : `there is no Service ${named}` };
  const isNamed = named !== undefined;
  const reach = { client, service, isNamed, namespace: own, token, tokenFile, serviceAccount, env: access.env };
  const reached = await reachInstalled(reach);
  if ('source' in reached) return reached;
  return { why: `the master ${service.namespace}/${service.name} ${reached.why}` };
}

async function clientOf(access: AccessOptions, audit: Audit): Promise<Client> {
  const client = await loaded(access, audit);
  if (client === undefined)
    throw failed('no kubeconfig names a cluster: give --kubeconfig, --server for a running master, or -f for files');
  const reach = await probe(client);
  if (reach.reachable) return client;
  client.close();
  throw failed(`${reach.reason}: check --context, or give -f for files`);
}

async function loaded(access: AccessOptions, audit: Audit): Promise<Client | undefined> {
  try {
    return await loadClient({ ...access, audit });
  } catch (error) {
    throw failed(reasonOf(error), error);
  }
}

/** The namespace of the context, like kubectl. */
export function namespaceOf(access: AccessOptions): string {
  return findAccess(access)?.namespace ?? 'default';
}
