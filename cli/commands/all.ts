// All commands, one file per line; index.ts checks and orders them.
export { applyAction } from './apply-action.ts';
export { changes } from './changes.ts';
export { completion } from './completion.ts';
export { diff } from './diff.ts';
export { findings } from './findings.ts';
export { get } from './get.ts';
export { history } from './history.ts';
export { impact } from './impact.ts';
export { mcp } from './mcp.ts';
export { path } from './path.ts';
export { rules } from './rules.ts';
export { tree } from './tree.ts';
