// KubeConfig of @kubernetes/client-node without the classes of its API client: nobody here asks for them, and they take a
// third of a second at each start and 45 MB for as long as the process lives. Its module names them for one method, which
// makes clients, and gets an empty module in their place.
import { registerHooks } from 'node:module';
import type { KubeConfig } from '@kubernetes/client-node';

const empty = 'data:text/javascript,export const createConfiguration = undefined, ServerConfiguration = undefined;';

export async function loadKubeConfig(): Promise<typeof KubeConfig> {
  const hooks = registerHooks({
    resolve(specifier, context, next) {
      const named = specifier === './gen/index.js' && context.parentURL?.endsWith('/client-node/dist/config.js');
      return named ? { url: empty, shortCircuit: true } : next(specifier, context);
    },
  });
  try {
    const loaded = await import('@kubernetes/client-node/dist/config.js');
    return loaded.KubeConfig;
  } finally {
    hooks.deregister();
  }
}
