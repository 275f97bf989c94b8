// All tools, one file per line; index.ts checks and orders them.
export { around } from './around.ts';
export { changes } from './changes.ts';
export { findings } from './findings.ts';
export { get } from './get.ts';
export { groups } from './groups.ts';
export { history } from './history.ts';
export { impact } from './impact.ts';
export { metrics } from './metrics.ts';
export { path } from './path.ts';
export { search } from './search.ts';
