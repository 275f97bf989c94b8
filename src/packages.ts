// Loads the packages that every mode needs, before our own imports are resolved (own-imports.ts): with hooks in place Node resolves
// each `require` within packages by way of a URL, which takes a third longer.
import Module, { createRequire } from 'node:module';

const required = ['close-with-grace', 'fastify', 'pino', 'prom-client'] as const;

export function loadPackages(): void {
  const require = createRequire(import.meta.url);
  withoutTracing(require);
  for (const name of required) require(name);
}

/** prom-client names traces in exemplars, of which we keep none: an empty module stands in place of fifty. */
function withoutTracing(require: NodeJS.Require): void {
  const path = createRequire(require.resolve('prom-client')).resolve('@opentelemetry/api');
  const empty = new Module(path);
  empty.loaded = true;
  require.cache[path] = empty;
}
