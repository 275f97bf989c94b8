// Processes of the node's containers in one pass over `/proc`, without runtime calls. It needs the node's pids (`hostPID`
// in a Pod); the containers' first pids tell whether they are visible.
import { readdirSync, readFileSync } from 'node:fs';
import { setImmediate as turn } from 'node:timers/promises';
import { getOrMake } from '../../src/get-or-make.ts';
import type { Process } from '../../src/minion-api.ts';
import { redactArguments } from '../../src/redact.ts';
import { containersOfCgroup } from './cgroup.ts';
import { type NodeFacts, processOf } from './process.ts';

export interface ProcessReader {
  /** The processes of those `containers` that have any. The map has each id's first pid from the runtime. */
  read(containers: ReadonlyMap<string, number>): Promise<Map<string, readonly Process[]>>;
}

export interface ProcessReaderOptions {
  /** The node's proc file system. */
  readonly root?: string;
  readonly keepValues: boolean;
}

/** Processes read before yielding. Reading /proc takes microseconds and never waits for a disk. */
const inOneTurn = 64;

export function createProcessReader({ root = '/proc', keepValues }: ProcessReaderOptions): ProcessReader {
  const redact = keepValues ? () => undefined : redactArguments;
  return {
    async read(containers) {
      const found = new Map<string, Process[]>();
      if (containers.size === 0) return new Map();
      const node = nodeFacts(root);
      const pids = pidsOf(root);
      for (const [index, pid] of pids.entries()) {
        if (index % inOneTurn === inOneTurn - 1) await turn();
        const id = containerOf(root, pid, containers);
        const process = id && readProcess(root, pid, node, redact);
        if (!id || !process) continue;
        getOrMake(found, id, () => []).push(process);
      }
      return believed(found, containers);
    },
  };
}

/** If the runtime's first pid is not among them, these pids are not the node's. */
function believed(
  found: ReadonlyMap<string, readonly Process[]>,
  containers: ReadonlyMap<string, number>,
): Map<string, readonly Process[]> {
  return new Map([...found].filter(([id, processes]) => processes.some(({ pid }) => pid === containers.get(id))));
}

function pidsOf(root: string): number[] {
  const pids: number[] = [];
  for (const name of readdirSync(root)) {
    const pid = Number(name);
    if (Number.isInteger(pid)) pids.push(pid);
  }
  return pids.toSorted((a, b) => a - b);
}

function containerOf(root: string, pid: number, containers: ReadonlyMap<string, number>): string | undefined {
  const cgroup = text(`${root}/${pid}/cgroup`);
  return cgroup && containersOfCgroup(cgroup).find((id) => containers.has(id));
}

function readProcess(
  root: string,
  pid: number,
  node: NodeFacts,
  redact: (args: string[]) => void,
): Process | undefined {
  const stat = text(`${root}/${pid}/stat`);
  const status = text(`${root}/${pid}/status`);
  const cmdline = text(`${root}/${pid}/cmdline`);
  if (stat === undefined || status === undefined || cmdline === undefined) return undefined;
  return processOf({ stat, status, cmdline }, node, redact);
}

/** A process may end at any moment, and its files with it. */
function text(path: string): string | undefined {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return undefined;
  }
}

function nodeFacts(root: string): NodeFacts {
  const stat = text(`${root}/stat`) ?? '';
  const memory = text(`${root}/meminfo`) ?? '';
  return {
    uptime: Number.parseFloat(text(`${root}/uptime`) ?? '0'),
    bootTime: Number(/^btime (\d+)/m.exec(stat)?.[1] ?? 0),
    memoryKilobytes: Number(/^MemTotal:\s+(\d+)/m.exec(memory)?.[1] ?? 0),
  };
}
