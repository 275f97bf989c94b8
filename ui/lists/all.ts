// All lists, one file per line; index.ts checks them.
export { actions } from './actions.ts';
export { findings } from './findings.ts';
