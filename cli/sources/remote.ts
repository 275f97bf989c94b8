// A running master: at its own URL, or behind the API server's proxy.
import type { Client } from '../../master/sources/kubernetes/client.ts';
import { loadClient } from '../../master/sources/kubernetes/client.ts';
import type { Environment } from '../../master/sources/kubernetes/kubeconfig.ts';
import { usageFailure } from '../failure.ts';
import { post } from './post.ts';
import { type Answer, type Source, textOf, usualNames } from './source.ts';

export interface ServerOptions {
  readonly url: string;
  readonly token?: string | undefined;
  readonly tokenFile?: string | undefined;
  readonly certificateAuthority?: string | undefined;
  readonly insecure?: boolean | undefined;
  readonly env: Environment;
}

/** Reuses the API server's client for TLS, changing token files, proxies and keep-alive. */
export async function sourceOfServer(options: ServerOptions): Promise<Source> {
  const { url, token, tokenFile, certificateAuthority, insecure, env } = options;
  const server = serverOf(url);
  const cluster = {
    server,
    ...(certificateAuthority ? { 'certificate-authority': certificateAuthority } : {}),
    ...(insecure ? { 'insecure-skip-tls-verify': true } : {}),
  };
  const user = { ...(token ? { token } : {}), ...(tokenFile ? { tokenFile } : {}) };
  const client = await loadClient({ env, document: kubeconfigOf(cluster, user) });
  if (!client) throw usageFailure(`--server ${url} names no server`);
  const source = sourceBehind(client, '', server, 'default');
  return { ...source, ask: async (path) => atBase(await source.ask(path), server) };
}

/** `prefix`: path below which the master answers. */
export function sourceBehind(client: Client, prefix: string, name: string, namespace: string): Source {
  return {
    name,
    namespace,
    names: usualNames,
    remedy:
      'the rights of the master and of the caller decide; CLUSTER_INSIGHT_NAMESPACES is for a master of some namespaces',
    ask: (path) => client.stream(prefix + path, { purpose: 'ask the master' }),
    post: async (path, body, headers, signal) => post(await client.dial(), prefix + path, body, headers, signal),
    close: async () => client.close(),
  };
}

/** @throws Failure of status 2 where a master answers, below the path that is given as its base. */
async function atBase(answer: Answer, server: string): Promise<Answer> {
  const { origin, pathname } = new URL(server);
  if (answer.status !== 404 || pathname === '/') return answer;
  const text = await textOf(answer.body);
  if (!text.includes('"code":"not_found"')) return { ...answer, body: bodyOf(text) };
  throw usageFailure(`--server is a base URL: nothing of a master is below ${server}; did you mean ${origin}?`);
}

async function* bodyOf(text: string): AsyncGenerator<string> {
  yield text;
}

/** `127.0.0.1:5555`, `localhost:5555`, `[::1]:5555/prefix`. */
const withoutScheme = /^(?:\[[\da-f:.]+\]|[\w.-]+):\d{1,5}(?:\/.*)?$/i;

function serverOf(given: string): string {
  const url = withoutScheme.test(given) ? `http://${given}` : given;
  const parsed = URL.parse(url);
  if (parsed === null || !/^https?:$/.test(parsed.protocol))
    throw usageFailure(`--server ${given}: give a URL, such as http://localhost:5555`);
  return `${parsed.origin}${parsed.pathname.replace(/\/$/, '')}`;
}

export function kubeconfigOf(cluster: object, user: object): object {
  return {
    'current-context': 'master',
    contexts: [{ name: 'master', context: { cluster: 'master', user: 'master' } }],
    clusters: [{ name: 'master', cluster }],
    users: [{ name: 'master', user }],
  };
}
