// Requirements shared by several probes.
import { hierarchiesIn } from './cgroups/hierarchy.ts';
import type { Need } from './probe.ts';
import { readLink, readText } from './read.ts';

/** The first process is another than the minion only if the node's process ids are shared. */
export const nodePidsSeen: Need = {
  what: "the node's process ids (hostPID)",
  isMet: ({ proc }) => readText(`${proc}/1/stat`) !== undefined && readLink(`${proc}/self`) !== '1',
};

export const cgroupsMounted: Need = {
  what: "the node's control groups, read-only (/sys/fs/cgroup)",
  isMet: ({ root }) => Object.keys(hierarchiesIn(`${root}/sys/fs/cgroup`)).length > 0,
};
