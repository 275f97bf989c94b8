// V8's flags for memory are taken at a start only, and what strips types stays in memory once it was needed, with 18 MB. So
// the process starts itself anew in its own place, same pid, with the flags of its mode, with what glibc reads of the
// environment, and with the compiled code that its last start kept.
import { flushCompileCache } from 'node:module';
import { join } from 'node:path';

/** How a mode wants to be started. */
export interface Way {
  readonly flags: readonly string[];
  /**
   * Loads all that it is going to need. Where it is given, a first start ever compiles, keeps what it compiled, and starts once
   * more; else that is kept for the next.
   */
  readonly load?: () => Promise<unknown>;
}

/**
 * A minion is on every node and has little to do: the young generation stays small, and nothing is compiled for speed, since
 * what is compiled takes more than it saves here.
 */
export const small = ['--max-semi-space-size=1', '--no-opt', '--no-maglev'] as const;

/**
 * What is young in a master mostly dies at once, however little room it has; left to itself V8 gives it four times as much, and
 * keeps that. Measured: 45 MiB less, and no more processor time.
 */
export const calm = ['--max-semi-space-size=8'] as const;

/**
 * glibc gives each thread memory of its own, and gives little of it back: with two such places for all of them, and large pieces
 * always given back, the same takes 10 % less.
 * https://www.gnu.org/software/libc/manual/html_node/Malloc-Tunable-Parameters.html
 */
const memory = { MALLOC_ARENA_MAX: '2', MALLOC_MMAP_THRESHOLD_: String(256 << 10) } as const;

/** How often this process has started itself. */
const mark = 'CLUSTER_INSIGHT_STARTED_ANEW';
/** Below the packages, where nobody writes but who installed them: code from a folder open to all would be anybody's code. */
const kept = join(import.meta.dirname, '../node_modules/.cache/compiled');

interface Self {
  readonly env: NodeJS.ProcessEnv;
  /** Replaces the process; absent where the operating system cannot. */
  readonly execve?: typeof process.execve | undefined;
  readonly execArgv: readonly string[];
  readonly argv: readonly string[];
  /** Whether types were stripped in this process. */
  readonly stripped: () => boolean;
}

/** Returns in the process that is to go on. */
export async function startAnew({ flags, load }: Way, self: Self): Promise<void> {
  const { env, execve, execArgv, argv, stripped } = self;
  const times = Number(env[mark] ?? 0);
  if (!execve || times > 1) return;
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

/** This process. One with a channel to its parent keeps its place: the channel would be lost. */
export function self(env: NodeJS.ProcessEnv): Self {
  const execve = process.channel === undefined ? process.execve?.bind(process) : undefined;
  return { env, execve, execArgv: process.execArgv, argv: process.argv, stripped };
}

function stripped(): boolean {
  const loaded = (process as unknown as { moduleLoadList?: readonly string[] }).moduleLoadList ?? [];
  return loaded.some((name) => name.includes('deps/amaro'));
}
