// What tests of trace events need of this machine: tracefs, a control group like a container's, an address that counts.
import { execFileSync, spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmdirSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** Tracefs, mounted in a folder of ours: one that is mounted already may be another test's, and go. Undefined if refused. */
export function traceFolder(): { readonly folder: string; close(): void } | undefined {
  const folder = mkdtempSync(join(tmpdir(), 'tracefs-'));
  const mounted = spawnSync('mount', ['-t', 'tracefs', 'nodev', folder]).status === 0;
  const close = () => {
    if (mounted) execFileSync('umount', [folder]);
    rmdirSync(folder);
  };
  if (mounted && existsSync(join(folder, 'instances'))) return { folder, close };
  close();
  return undefined;
}

/** Where control groups can be created: those of the memory controller, or v2. */
const cgroupRoot = ['/sys/fs/cgroup/unified', '/sys/fs/cgroup'].find((place) => existsSync(`${place}/cgroup.procs`));

export const canTrace = process.getuid?.() === 0 && cgroupRoot !== undefined;

export interface ContainerGroup {
  readonly id: string;
  readonly group: string;
  close(): void;
}

/** A control group like a container's. `letter`: of a to f, different for each of a process. */
export function containerGroup(letter: string): ContainerGroup {
  const id = `${letter}${process.pid.toString(16)}`.padEnd(64, '0');
  const group = `${cgroupRoot}/cri-containerd-${id}.scope`;
  mkdirSync(group);
  return { id, group, close: () => rmdirSync(group) };
}

/** An address of this machine other than loopback, whose connections are not counted. */
export function ownAddress(): string {
  const trie = readFileSync('/proc/self/net/fib_trie', 'utf8');
  const found = [...trie.matchAll(/\|-- (\d+\.\d+\.\d+\.\d+)\n\s+\/32 host LOCAL/g)].map(([, address = '']) => address);
  return found.find((address) => !address.startsWith('127.')) ?? '127.0.0.1';
}
