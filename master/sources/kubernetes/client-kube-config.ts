// Loads KubeConfig of @kubernetes/client-node without dependencies that are not used here. Its module imports the classes of the
// API client, and undici, for methods that create clients: they took half a second at each start and 60 MB permanently. OpenID
// and proxies are loaded only if the kubeconfig uses them.
import { createRequire, registerHooks } from 'node:module';
import { pathToFileURL } from 'node:url';
import type { KubeConfig } from '@kubernetes/client-node';

/** What a kubeconfig may ask of the library. */
export interface Wanted {
  /** A provider of the library signs in. */
  readonly provider: boolean;
  /** The cluster is reached through a proxy that the kubeconfig names. */
  readonly proxy: boolean;
}

const entry = '/client-node/dist/config.js';

/** Modules in whose place an empty one stands, by the names that are imported from them. */
interface Emptied {
  readonly [specifier: string]: string;
}

const always: Emptied = {
  './gen/index.js': 'export const createConfiguration = undefined, ServerConfiguration = undefined;',
  // An `import` of it loads undici as well: see src/http/node-http.ts.
  'node:http': "export default process.getBuiltinModule('node:http');",
  undici: 'export const Agent = undefined, ProxyAgent = undefined;',
};
/** Where one is not wanted. */
const without: { readonly [part in keyof Wanted]: Emptied } = {
  provider: { './oidc_auth.js': 'export class OpenIDConnectAuth { isAuthProvider() { return false } }' },
  proxy: {
    'socks-proxy-agent': 'export const SocksProxyAgent = undefined;',
    socks: 'export const SocksClient = undefined;',
    hpagent: 'export const HttpProxyAgent = undefined, HttpsProxyAgent = undefined;',
  },
};

/** The parts that it is loaded without stand in its URL: with others it is another module. */
export async function loadKubeConfig(wanted: Wanted): Promise<typeof KubeConfig> {
  const url = pathToFileURL(createRequire(import.meta.url).resolve(`@kubernetes${entry}`));
  for (const part of ['provider', 'proxy'] as const) if (!wanted[part]) url.searchParams.set(`without-${part}`, '');
  const hooks = registerHooks({
    resolve(specifier, { parentURL = '', ...context }, next) {
      const text = emptiedOf(parentURL)[specifier];
      return text === undefined
        ? next(specifier, { parentURL, ...context })
        : { url: `data:text/javascript,${text}`, shortCircuit: true };
    },
  });
  try {
    const loaded = (await import(url.href)) as { readonly KubeConfig: typeof KubeConfig };
    return loaded.KubeConfig;
  } finally {
    hooks.deregister();
  }
}

function emptiedOf(parentURL: string): Emptied {
  const [path = '', query = ''] = parentURL.split('?');
  if (!path.endsWith(entry)) return {};
  const parts = ['provider', 'proxy'] as const;
  return Object.assign({}, always, ...parts.map((part) => (query.includes(`without-${part}`) ? without[part] : {})));
}
