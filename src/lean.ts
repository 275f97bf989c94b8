// A minion is on every node and has little to do: it gives speed that it has no use for away for memory. V8's flags for
// that are taken at a start only, and what strips types stays in memory once it was needed, with 18 MB. So the process
// starts itself anew in its own place, same pid, with those flags and with the compiled code that its last start kept.
import { flushCompileCache } from 'node:module';
import { compiledFolder } from './compiled.ts';

/** The young generation stays small, and nothing is compiled for speed: what is compiled takes more than it saves here. */
const flags = ['--max-semi-space-size=1', '--no-opt', '--no-maglev'];
/** How often this process has started itself. */
const mark = 'CLUSTER_INSIGHT_STARTED_ANEW';

interface Self {
  readonly env: NodeJS.ProcessEnv;
  /** Replaces the process; absent where the operating system cannot. */
  readonly execve?: typeof process.execve | undefined;
  readonly execArgv: readonly string[];
  readonly argv: readonly string[];
  /** Whether types were stripped in this process. */
  readonly stripped: boolean;
}

/** Returns where the process is as small as it gets. `load` loads all that it is going to need. */
export async function startLean(load: () => Promise<unknown>, self: Self): Promise<void> {
  const { env, execve, execArgv, argv, stripped } = self;
  const times = Number(env[mark] ?? 0);
  if (!execve || times > 1 || (times === 1 && !stripped)) return;
  if (times === 1) {
    // The first start of all: what it compiles is kept for the next, which is at once.
    await load();
    flushCompileCache();
  }
  const [node = process.execPath, ...rest] = argv;
  const added = times === 0 ? flags : [];
  const next = { NODE_COMPILE_CACHE: compiledFolder, ...env, [mark]: String(times + 1) };
  execve(node, [node, ...execArgv, ...added, ...rest], next);
}

/** This process. One with a channel to its parent keeps its place: the channel would be lost. */
export function self(env: NodeJS.ProcessEnv): Self {
  const loaded = (process as unknown as { moduleLoadList?: readonly string[] }).moduleLoadList ?? [];
  const execve = process.channel === undefined ? process.execve?.bind(process) : undefined;
  const stripped = loaded.some((name) => name.includes('deps/amaro'));
  return { env, execve, execArgv: process.execArgv, argv: process.argv, stripped };
}
