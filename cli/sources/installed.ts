// A master in the cluster: through the API server's proxy if it needs no token, otherwise through a port-forward with the
// user's token or a short-lived one of a ServiceAccount. Needs no second terminal and no listening socket.
import type { Client, Dial } from '../../master/sources/kubernetes/client.ts';
import { loadClient } from '../../master/sources/kubernetes/client.ts';
import type { Environment } from '../../master/sources/kubernetes/kubeconfig.ts';
import { Failure, reasonOf } from '../failure.ts';
import { accountToken } from './account-token.ts';
import { doorOf, isUsual, isVouchedFor, type MasterService } from './find-master.ts';
import { kubeconfigOf, sourceBehind } from './remote.ts';
import type { Source } from './source.ts';

export interface InstalledOptions {
  readonly client: Client;
  readonly service: MasterService;
  /** The user named this Service. */
  readonly isNamed: boolean;
  /** For names without one. */
  readonly namespace: string;
  /** From the command line; default: the user's own. */
  readonly token: string | undefined;
  readonly tokenFile: string | undefined;
  /** The ServiceAccount to use, as `namespace/name`. */
  readonly serviceAccount: string | undefined;
  readonly env: Environment;
  /** Its name in messages; default `master`. */
  readonly word?: string;
  /** A path that answers 200 to permitted callers. */
  readonly trial?: string;
}

const usualTrial = '/cluster/resources/cluster?properties=false';

/** The source, or why there is none, to follow the master's name. */
export type Reached = { readonly source: Source } | { readonly why: string };

export async function reachInstalled(options: InstalledOptions): Promise<Reached> {
  const { client, service, namespace, token, tokenFile, serviceAccount } = options;
  const { word = 'master' } = options;
  const name = `the ${word} ${service.namespace}/${service.name}`;
  if (token === undefined && tokenFile === undefined && serviceAccount === undefined) {
    const { prefix, status } = await throughProxy(client, service, options.trial ?? usualTrial);
    if (status === 200) return { source: sourceBehind(client, prefix, name, namespace) };
    if (status === 503) return { why: `is not ready (${status})` };
  }
  try {
    return await throughDoor(options, name);
  } catch (error) {
    if (error instanceof Failure) throw error;
    return { why: `cannot be asked by a port-forward: ${reasonOf(error)}` };
  }
}

/** Through the proxy, by HTTPS if HTTP fails and the Pod serves it. */
async function throughProxy(client: Client, service: MasterService, trial: string) {
  const asked = async (scheme: '' | 'https:') => {
    const prefix = `/api/v1/namespaces/${service.namespace}/services/${scheme}${service.name}:${service.port}/proxy`;
    const { status } = await client.get(prefix + trial, { purpose: 'ask the master' });
    return { prefix, status };
  };
  const plain = await asked('');
  // A TLS-only server closes plain connections, which the API server reports as unavailable.
  if (plain.status < 500 && plain.status !== 400) return plain;
  const door = await doorOf(client, service).catch(() => undefined);
  return door?.secure ? asked('https:') : plain;
}

async function throughDoor(options: InstalledOptions, name: string): Promise<Reached> {
  const { client, service, namespace, env } = options;
  const dial = await client.dial();
  const shown = await tokenFor(options, dial);
  if ('why' in shown) return shown;
  const { agentThrough } = await import('./port-forward.ts');
  const door = await doorOf(client, service);
  const agent = agentThrough(dial, door);
  const server = door.secure ? 'https://master' : 'http://master';
  const document = kubeconfigOf({ server }, shown);
  const master = await loadClient({ env: { ...env, HTTP_PROXY: '', http_proxy: '' }, document, agent });
  if (master === undefined) throw new Error('no client can be made for it');
  const answer = await master.get(options.trial ?? usualTrial);
  if (answer.status !== 200) {
    master.close();
    return { why: whyNot(answer.status, shown) };
  }
  const source = sourceBehind(master, '', name, namespace);
  return {
    source: {
      ...source,
      async close() {
        await source.close();
        client.close();
      },
    },
  };
}

type Shown = { readonly token?: string; readonly tokenFile?: string } | { readonly why: string };

async function tokenFor(options: InstalledOptions, dial: Dial): Promise<Shown> {
  const own = dial.token;
  const { service, token, tokenFile, serviceAccount } = options;
  if (token !== undefined) return { token };
  if (tokenFile !== undefined) return { tokenFile };
  if (serviceAccount === undefined && own === undefined)
    return {
      why:
        'wants a token, and this context has none that stands for its user: ' +
        '--service-account NAMESPACE/NAME asks as that account, --token-file with a token of yours',
    };
  if (!(await mayBeSent(options)))
    return {
      why:
        'was found by its labels, but no cluster-wide binding allows it to check tokens: ' +
        `--service ${service.namespace}/${service.name} sends yours there all the same`,
    };
  return { token: serviceAccount === undefined ? (own ?? '') : await accountToken(dial, serviceAccount) };
}

/** Anyone who can create a Service can set labels: these alone do not justify sending a token. */
async function mayBeSent({ client, service, isNamed }: InstalledOptions): Promise<boolean> {
  return isNamed || ((await isVouchedFor(client, service.namespace)) ?? isUsual(service));
}

function whyNot(status: number, shown: object): string {
  if (status === 401) return 'tokenFile' in shown ? 'does not know the token of that file' : 'does not know this user';
  if (status === 503) return 'is not ready, or cannot ask who this user is (503)';
  return `answers ${status}`;
}
