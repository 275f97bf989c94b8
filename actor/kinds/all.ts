// Every kind of action, one line a file; index.ts checks them.
export { resizePod } from './resize-pod.ts';
export { restart } from './restart.ts';
export { scale } from './scale.ts';
export { setResources } from './set-resources.ts';
