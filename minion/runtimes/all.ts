// Every runtime driver, one line a file; index.ts checks and orders them.
export { cri } from './cri.ts';
export { docker } from './docker.ts';
