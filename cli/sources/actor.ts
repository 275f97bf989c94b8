// Connects to the actor: at a URL, or through a port-forward to its Pod with the user's own token. It is sent action
// documents and approvals.
import type { Client } from '../../master/sources/kubernetes/client.ts';
import { loadClient } from '../../master/sources/kubernetes/client.ts';
import type { AccessOptions } from '../../master/sources/kubernetes/kubeconfig.ts';
import type { Audit } from '../../src/audit/audit.ts';
import { failed, reasonOf } from '../failure.ts';
import { namespaceOf } from './cluster.ts';
import { findService } from './find-master.ts';
import { reachInstalled } from './installed.ts';
import type { Source } from './source.ts';

export interface ActorOptions {
  readonly access: AccessOptions;
  readonly audit: Audit;
  /** Its Service as `namespace/name`; undefined to search for one. */
  readonly service: string | undefined;
  readonly token: string | undefined;
  readonly tokenFile: string | undefined;
  readonly serviceAccount: string | undefined;
}

/** @throws Failure if there is none, or it cannot be reached. */
export async function sourceOfActor(options: ActorOptions): Promise<Source> {
  const { access, audit, service: named, token, tokenFile, serviceAccount } = options;
  const client = await loaded(access, audit);
  const namespace = namespaceOf(access);
  try {
    const service = await findService(client, named, namespace, 'actor');
    if (service === undefined)
      throw failed('no actor of Cluster Insight was found: it is absent unless installed, see docs/actions.md');
    const reach = { client, service, isNamed: named !== undefined, namespace, token, tokenFile, serviceAccount };
    const reached = await reachInstalled({ ...reach, env: access.env, word: 'actor', trial: '/policy' });
    if ('source' in reached) return reached.source;
    throw failed(`the actor ${service.namespace}/${service.name} ${reached.why}`);
  } catch (error) {
    client.close();
    throw error;
  }
}

async function loaded(access: AccessOptions, audit: Audit): Promise<Client> {
  const client = await loadClient({ ...access, audit }).catch((error: unknown) => {
    throw failed(reasonOf(error), error);
  });
  if (client !== undefined) return client;
  throw failed('no kubeconfig names a cluster: give --kubeconfig, or --server for a running actor');
}
