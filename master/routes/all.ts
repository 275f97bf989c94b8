// Every route, one line a file; index.ts checks and orders them.
export { analysis } from './analysis.ts';
export { cluster } from './cluster.ts';
export { completeness } from './completeness.ts';
export { debug } from './debug.ts';
export { groups } from './groups.ts';
export { health } from './health.ts';
export { home } from './home.ts';
export { impact } from './impact.ts';
export { metrics } from './metrics.ts';
export { openapi } from './openapi.ts';
export { path } from './path.ts';
export { resources } from './resources.ts';
export { rules } from './rules.ts';
export { search } from './search.ts';
export { version } from './version.ts';
export { watch } from './watch.ts';
