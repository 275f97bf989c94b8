// All lists, one file per line; index.ts checks them.
export { findings } from './findings.ts';
