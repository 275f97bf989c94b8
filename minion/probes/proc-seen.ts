// The need of every probe that reads processes which are not the minion's own.
import type { Need } from './probe.ts';
import { readLink, readText } from './read.ts';

/** Its first process is not the minion itself only where the process ids of the node are shared. */
export const nodePidsSeen: Need = {
  what: "the node's process ids (hostPID)",
  isMet: ({ proc }) => readText(`${proc}/1/stat`) !== undefined && readLink(`${proc}/self`) !== '1',
};
