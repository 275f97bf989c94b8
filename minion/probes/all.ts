// All probes, one file per line; index.ts checks them.
export { cgroup } from './cgroup.ts';
export { cloud } from './cloud.ts';
export { delays } from './delays.ts';
export { disks } from './disks.ts';
export { logs } from './logs.ts';
export { network } from './network.ts';
export { node } from './node.ts';
export { oom } from './oom.ts';
export { processes } from './processes.ts';
export { tcp } from './tcp.ts';
