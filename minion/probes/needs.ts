// What several probes need of the node.
import { hierarchiesIn } from './cgroups/hierarchy.ts';
import type { Need } from './probe.ts';
import { readLink, readText } from './read.ts';

/** Its first process is not the minion itself only where the process ids of the node are shared. */
export const nodePidsSeen: Need = {
  what: "the node's process ids (hostPID)",
  isMet: ({ proc }) => readText(`${proc}/1/stat`) !== undefined && readLink(`${proc}/self`) !== '1',
};

export const cgroupsMounted: Need = {
  what: "the node's control groups, read-only (/sys/fs/cgroup)",
  isMet: ({ root }) => Object.keys(hierarchiesIn(`${root}/sys/fs/cgroup`)).length > 0,
};
