// V8 reads memory flags only at start, and the code that strips types stays in memory (18 MB). So the process replaces
// itself, with the same pid, by one with the flags of its mode, glibc settings and the compile cache of its last start.
import { flushCompileCache } from 'node:module';
import { join } from 'node:path';

/** How a mode is started. */
export interface Way {
  readonly flags: readonly string[];
  /**
   * Loads everything that the mode will need. With it, the very first start compiles, stores the compiled code and restarts
   * at once; without it, the code is stored for the next start.
   */
  readonly load?: () => Promise<unknown>;
}

/**
 * A minion runs on every node and has little to do: the young generation stays small and the optimizer is off, since
 * optimized code would take more than it saves.
 */
export const small = ['--max-semi-space-size=1', '--no-opt', '--no-maglev'] as const;

/**
 * Most young objects of a master die at once, however small the young generation; by default V8 makes it four times as
 * large and keeps it. Measured: 45 MiB less, same processor time.
 */
export const calm = ['--max-semi-space-size=8'] as const;

/**
 * glibc gives each thread its own arena and returns little memory. With two arenas for all threads, and large blocks always
 * returned, memory falls by 10 %. https://www.gnu.org/software/libc/manual/html_node/Malloc-Tunable-Parameters.html
 */
const memory = { MALLOC_ARENA_MAX: '2', MALLOC_MMAP_THRESHOLD_: String(264 << 10) } as const;

/** Number of times that this process has restarted itself. */
const mark = 'CLUSTER_INSIGHT_STARTED_ANEW';
/** In node_modules, which only the installer writes: anyone could plant code in a world-writable folder. */
const kept = join(import.meta.dirname, '../node_modules/.cache/compiled');

interface Self {
  readonly env: NodeJS.ProcessEnv;
  /** Replaces the process; undefined if the operating system cannot. */
  readonly execve?: typeof process.execve | undefined;
  readonly execArgv: readonly string[];
  readonly argv: readonly string[];
  /** Whether types were stripped in this process. */
  readonly stripped: () => boolean;
}

/** Returns in the process that should continue. */
export async function startAnew({ flags, load }: Way, self: Self): Promise<void> {
  const { env, execve, execArgv, argv, stripped } = self;
  const times = Number(env[mark] ?? 0);
  if (!execve || times > 1 || (times === 0 && !load && isSo(flags, self))) return;
  if (times === 1) {
    if (!load) return;
    await load();
    if (!stripped()) return;
    flushCompileCache();
  }
  const [node = process.execPath, ...rest] = argv;
  const added = times === 0 ? flags : [];
  const next = { ...memory, NODE_COMPILE_CACHE: kept, ...env, [mark]: String(times + 1) };
  execve(node, [node, ...execArgv, ...added, ...rest], next);
}

/** Whether the process was started with all that it would restart with: the image's is. */
function isSo(flags: readonly string[], { env, execArgv }: Self): boolean {
  const named = [...Object.keys(memory), 'NODE_COMPILE_CACHE'];
  return flags.every((flag) => execArgv.includes(flag)) && named.every((name) => env[name] !== undefined);
}

/** This process. One with a channel to its parent is not replaced, because the channel would be lost. */
export function self(env: NodeJS.ProcessEnv): Self {
  const execve = process.channel === undefined ? process.execve?.bind(process) : undefined;
  return { env, execve, execArgv: process.execArgv, argv: process.argv, stripped };
}

function stripped(): boolean {
  const loaded = (process as unknown as { moduleLoadList?: readonly string[] }).moduleLoadList ?? [];
  return loaded.some((name) => name.includes('deps/amaro'));
}
