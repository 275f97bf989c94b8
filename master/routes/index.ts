// The registry of routes: one line a file.
export { cluster } from './cluster.ts';
export { health } from './health.ts';
export { metrics } from './metrics.ts';
export { resources } from './resources.ts';
export { rules } from './rules.ts';
export { version } from './version.ts';
