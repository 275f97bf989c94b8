// KubeConfig of @kubernetes/client-node without its API classes, which nothing here uses and which cost a third of a second
// per start and 45 MB for good. Its module imports them for one method that makes clients; it gets an empty module instead.
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
