// The node's cgroup hierarchies, v1, v2 or both, and the directories of containers and services.
import { readdirSync } from 'node:fs';
import { isReadable } from '../read.ts';
import { type CgroupOwner, ownerOfPath } from './owner-of-path.ts';

/** Directories by controller; v2 has one for all. */
export interface CgroupDirectories {
  readonly unified?: string;
  readonly cpu?: string;
  readonly cpuacct?: string;
  readonly memory?: string;
  readonly blkio?: string;
}

type Controller = keyof CgroupDirectories;

const places: { readonly [controller in Controller]: readonly string[] } = {
  unified: ['', 'unified'],
  cpu: ['cpu', 'cpu,cpuacct'],
  cpuacct: ['cpuacct', 'cpu,cpuacct'],
  memory: ['memory'],
  blkio: ['blkio'],
};

/** A file that exists in every directory of the hierarchy, including its root. */
const markers: { readonly [controller in Controller]: string } = {
  unified: 'cgroup.controllers',
  cpu: 'cpu.shares',
  cpuacct: 'cpuacct.usage',
  memory: 'memory.usage_in_bytes',
  blkio: 'cgroup.procs',
};

/** `folder`: mount point of the cgroups, such as `/sys/fs/cgroup`. */
export function hierarchiesIn(folder: string): CgroupDirectories {
  const found: { [controller in Controller]?: string } = {};
  for (const controller of Object.keys(places) as Controller[]) {
    const place = places[controller]
      .map((name) => (name === '' ? folder : `${folder}/${name}`))
      .find((directory) => isReadable(`${directory}/${markers[controller]}`));
    if (place !== undefined) found[controller] = place;
  }
  return found;
}

export interface FoundCgroup {
  readonly owner: CgroupOwner;
  readonly directories: CgroupDirectories;
}

/** A node has a few hundred directories; a container's are limited by the kernel. */
export const walkLimits = { directories: 50_000, depth: 24 } as const;

export interface Walk {
  readonly found: readonly FoundCgroup[];
  /** Whether there were more directories than the limit. */
  readonly isCut: boolean;
}

/** Directories of containers and services, each with everything below. */
export function walkCgroups(hierarchies: CgroupDirectories): Walk {
  const { unified, memory, cpu, cpuacct } = hierarchies;
  // If both versions are mounted, controllers are on v1, and so are the paths named after them.
  const first = memory ?? cpu ?? cpuacct ?? unified;
  if (first === undefined) return { found: [], isCut: false };
  const found: FoundCgroup[] = [];
  const open: { readonly path: string; readonly depth: number }[] = [{ path: '', depth: 0 }];
  let walked = 0;
  for (let next = open.pop(); next; next = open.pop()) {
    if (++walked > walkLimits.directories) return { found, isCut: true };
    const owner = ownerOfPath(next.path);
    if (owner) found.push({ owner, directories: directoriesAt(hierarchies, next.path) });
    else if (next.depth < walkLimits.depth) {
      for (const name of foldersIn(first + next.path))
        open.push({ path: `${next.path}/${name}`, depth: next.depth + 1 });
    }
  }
  return { found: found.toSorted((a, b) => (a.owner.id < b.owner.id ? -1 : 1)), isCut: false };
}

function directoriesAt(hierarchies: CgroupDirectories, path: string): CgroupDirectories {
  const all = Object.entries(hierarchies).map(([controller, root]) => [controller, `${root}${path}`] as const);
  return Object.fromEntries(all);
}

function foldersIn(folder: string): string[] {
  try {
    const entries = readdirSync(folder, { withFileTypes: true });
    return entries.filter((entry) => entry.isDirectory()).map(({ name }) => name);
  } catch {
    // It was removed meanwhile.
    return [];
  }
}
