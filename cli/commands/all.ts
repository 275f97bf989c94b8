// Every command, one line a file; index.ts checks and orders them.
export { diff } from './diff.ts';
export { get } from './get.ts';
export { impact } from './impact.ts';
export { path } from './path.ts';
export { rules } from './rules.ts';
export { tree } from './tree.ts';
