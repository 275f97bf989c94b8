// All kinds of actions, one file per line; index.ts checks them.
export { resizePod } from './resize-pod.ts';
export { restart } from './restart.ts';
export { scale } from './scale.ts';
export { setResources } from './set-resources.ts';
