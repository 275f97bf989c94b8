// All runtime drivers, one file per line; index.ts checks and orders them.
export { cri } from './cri.ts';
export { docker } from './docker.ts';
