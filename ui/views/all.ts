// All views, one file per line; index.ts checks them.
export { actions } from './actions.ts';
export { applications } from './applications.ts';
export { around } from './around.ts';
export { changes } from './changes.ts';
export { findings } from './findings.ts';
export { impact } from './impact.ts';
export { lanes } from './lanes.ts';
export { namespace } from './namespace.ts';
export { path } from './path.ts';
export { selection } from './selection.ts';
export { wall } from './wall.ts';
