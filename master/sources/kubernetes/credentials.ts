// What authenticates each request: headers, certificates, proxy. KubeConfig of @kubernetes/client-node computes it; token
// files and exec plugins use its extension point (addAuthenticator). Missing kubectl behaviour is added: users without a
// name, impersonated groups, data before files, plain HTTP. Results are cached for a few seconds, because it reads all
// files and renews an expired OIDC token on each request.
import type { Agent } from 'node:http';
import type { RequestOptions } from 'node:https';
import type { KubeConfig } from '@kubernetes/client-node';
import type { Clocks } from '../../../src/clock.ts';
import { isName, isRecord, itemsOf } from '../../../src/fields.ts';
import { loadKubeConfig } from './client-kube-config.ts';
import { createExecPlugin, type ExecPlugin } from './exec-plugin.ts';
import type { Access, Entry, Environment } from './kubeconfig.ts';
import { createTokenFile, type TokenFile } from './token-file.ts';

export interface Material {
  readonly headers: { readonly [name: string]: string | string[] };
  /** `user:password` for basic authentication. */
  readonly auth?: string;
  readonly tls: Tls;
  /** client-node's agent; needed for SOCKS proxies. */
  readonly agent: Agent;
}

export interface Tls {
  readonly ca?: string | Buffer;
  readonly cert?: string | Buffer;
  readonly key?: string | Buffer;
  readonly servername?: string;
  readonly rejectUnauthorized?: boolean;
}

export interface Credentials {
  material(): Promise<Material>;
  /** The server rejected them: fetch others if possible. */
  refused(): void;
}

const keptFor = 10_000;
const ourProvider = 'cluster-insight';

export async function createCredentials(access: Access, env: Environment, clocks: Clocks): Promise<Credentials> {
  const source = sourceOf(access, env, clocks);
  const { monotonic: clock } = clocks;
  const config = await loadConfig(access, source);
  const impersonated = impersonationOf(access.user);
  let held: { readonly material: Promise<Material>; readonly at: number } | undefined;

  async function make(): Promise<Material> {
    const options: RequestOptions = { headers: {} };
    await config.applyToHTTPSOptions(options);
    return materialOf(options, impersonated);
  }

  function renew(): Promise<Material> {
    const material = make();
    held = { material, at: clock() };
    material.catch(() => {
      held = undefined;
    });
    return material;
  }

  return {
    async material() {
      return held !== undefined && clock() - held.at < keptFor ? held.material : renew();
    },
    refused() {
      source?.forget();
      held = undefined;
    },
  };
}

type Authenticator = Parameters<KubeConfig['addAuthenticator']>[0];

/** Provider of expiring tokens: a file or a program. */
interface Source extends Authenticator {
  forget(): void;
}

function sourceOf({ cluster, user }: Access, env: Environment, clocks: Clocks): Source | undefined {
  if (isName(user.tokenFile)) return fromFile(createTokenFile(user.tokenFile, clocks.monotonic));
  if (isRecord(user.exec)) return fromPlugin(createExecPlugin(user.exec, cluster, env, clocks.wall));
  return undefined;
}

function isOurs({ authProvider }: { readonly authProvider?: { readonly name?: unknown } | null }): boolean {
  return authProvider?.name === ourProvider;
}

function fromFile(file: TokenFile): Source {
  return {
    isAuthProvider: isOurs,
    async applyAuthentication(_user, options) {
      bear(options, await file.token());
    },
    forget: () => file.forget(),
  };
}

function fromPlugin(plugin: ExecPlugin): Source {
  return {
    isAuthProvider: isOurs,
    async applyAuthentication(_user, options) {
      const { token, ...certificate } = await plugin.credential();
      Object.assign(options, certificate);
      if (token !== undefined) bear(options, token);
    },
    forget: () => plugin.forget(),
  };
}

/** `headers` is the plain object that `make` created. */
function bear(options: { headers?: unknown }, token: string): void {
  Object.assign(options.headers as object, { Authorization: `Bearer ${token}` });
}

async function loadConfig(access: Access, source: Source | undefined): Promise<KubeConfig> {
  const wanted = { provider: isRecord(access.user['auth-provider']), proxy: isName(access.cluster['proxy-url']) };
  const config = new (await loadKubeConfig(wanted))();
  if (source !== undefined) config.addAuthenticator(source);
  config.loadFromString(JSON.stringify(documentOf(access, source !== undefined)));
  return config;
}

function documentOf({ contextName, cluster, user }: Access, renewed: boolean) {
  const name = 'chosen';
  return {
    clusters: [{ name, cluster: clusterFor(cluster) }],
    users: [{ name, user: renewed ? { ...userFor(user), 'auth-provider': { name: ourProvider } } : userFor(user) }],
    contexts: [{ name: contextName, context: { cluster: name, user: name } }],
    'current-context': contextName,
  };
}

/** client-node refuses plain HTTP unless told to skip the verification of a certificate that does not exist. */
function clusterFor(cluster: Access['cluster']): Entry {
  const plain = cluster.server.startsWith('http:') ? { 'insecure-skip-tls-verify': true } : {};
  return { ...dataFirst(cluster, ['certificate-authority']), ...plain };
}

function userFor(user: Entry): Entry {
  const { exec: _exec, tokenFile, ...rest } = dataFirst(user, ['client-certificate', 'client-key']);
  return isName(tokenFile) ? { ...rest, token: undefined } : rest;
}

function dataFirst(entry: Entry, fields: readonly string[]): Entry {
  const unused = fields.filter((field) => isName(entry[`${field}-data`]));
  return Object.fromEntries(Object.entries(entry).filter(([field]) => !unused.includes(field)));
}

/** client-node sends only `as`. https://kubernetes.io/docs/reference/access-authn-authz/user-impersonation/ */
function impersonationOf(user: Entry): { readonly [name: string]: string | string[] } {
  const groups = itemsOf(user['as-groups'] as unknown[]).filter(isName);
  const extra = Object.entries(isRecord(user['as-user-extra']) ? user['as-user-extra'] : {});
  return {
    ...(isName(user['as-uid']) ? { 'Impersonate-Uid': user['as-uid'] } : {}),
    ...(groups.length > 0 ? { 'Impersonate-Group': groups } : {}),
    ...Object.fromEntries(
      extra.map(([key, list]) => [
        `Impersonate-Extra-${encodeURIComponent(key)}`,
        itemsOf(list as unknown[]).map(String),
      ]),
    ),
  };
}

function materialOf(options: RequestOptions, impersonated: Material['headers']): Material {
  const { ca, cert, key, servername, rejectUnauthorized, headers, auth, agent } = options;
  const tls = { ca, cert, key, servername, rejectUnauthorized };
  const given = Object.entries(tls).filter(([, value]) => value !== undefined);
  return {
    headers: { ...(headers as Material['headers']), ...impersonated },
    ...(auth ? { auth } : {}),
    tls: Object.fromEntries(given) as Tls,
    agent: agent as Agent,
  };
}
