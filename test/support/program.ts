// The program in a separate process with its own environment, ended by its pid.
import { type ChildProcess, spawn } from 'node:child_process';
import { join } from 'node:path';
import { eventually } from './engines/daemon.ts';
import { root } from './source-tree.ts';

export interface Program {
  readonly child: ChildProcess;
  /** The URL on which it listens. */
  readonly url: string;
  /** Standard output and error so far. */
  words(): string;
  readonly exit: Promise<number | NodeJS.Signals | null>;
  /** Sends the signal; resolves to the exit status or the signal that ended it. */
  end(signal?: NodeJS.Signals): Promise<number | NodeJS.Signals | null>;
}

export interface ProgramOptions {
  readonly args?: readonly string[];
  readonly env?: NodeJS.ProcessEnv;
  /** Command to run instead of `node src/main.ts`. */
  readonly command?: readonly [string, ...string[]];
  /** Pattern of the output that shows the URL. */
  readonly listens?: RegExp;
}

const atLineEnd = /https?:\/\/127\.0\.0\.1:\d+(?=\/?\s*$)/m;

/** Without a line that is not complete yet: half a URL is one, too. */
const wholeLines = (words: string) => words.slice(0, words.lastIndexOf('\n') + 1);

const started = new Set<ChildProcess>();

/** Call in `afterAll`: ends programs left by failed tests. */
export function endPrograms(): void {
  // Ends the whole group: npm does not end its children.
  for (const { pid } of started) if (pid !== undefined) killGroup(pid);
}

/** It may have ended a moment ago. */
function killGroup(pid: number): void {
  try {
    process.kill(-pid, 'SIGKILL');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ESRCH') throw error;
  }
}

/** Resolves when it listens; rejects with its output if it ends before. */
export async function startProgram({
  args = [],
  env = {},
  command,
  listens = atLineEnd,
}: ProgramOptions): Promise<Program> {
  const [file, ...first] = command ?? [process.execPath, join(root, 'src/main.ts')];
  const child = spawn(file, [...first, ...args], {
    cwd: root,
    env: { PATH: process.env['PATH'], HOME: '/nonexistent', CLUSTER_INSIGHT_PORT: '0', ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
    detached: true,
  });
  started.add(child);
  let words = '';
  for (const stream of [child.stdout, child.stderr]) {
    stream.setEncoding('utf8').on('data', (text: string) => (words += text));
  }
  let isClosed = false;
  const exit = new Promise<number | NodeJS.Signals | null>((resolve) =>
    child.on('close', (code, signal) => {
      started.delete(child);
      isClosed = true;
      resolve(code ?? signal);
    }),
  );
  const found = () => listens.exec(wholeLines(words))?.[0];
  await eventually('the program to listen', 60_000, () => {
    // Only then all that it said has arrived.
    if (isClosed) throw new Error(`it ended, having said: ${words}`);
    return found() !== undefined;
  });
  return {
    child,
    url: found() as string,
    words: () => words,
    exit,
    end(signal = 'SIGTERM') {
      child.kill(signal);
      return exit;
    },
  };
}

/** Runs the program to its end, for commands that print something. */
export function runProgram(args: readonly string[], env: NodeJS.ProcessEnv = {}) {
  const given = { PATH: process.env['PATH'], HOME: '/nonexistent', CLUSTER_INSIGHT_PORT: '0', ...env };
  const child = spawn(process.execPath, [join(root, 'src/main.ts'), ...args], {
    cwd: root,
    env: given,
    detached: true,
  });
  started.add(child);
  const said = { output: '', errors: '' };
  child.stdout.setEncoding('utf8').on('data', (text: string) => (said.output += text));
  child.stderr.setEncoding('utf8').on('data', (text: string) => (said.errors += text));
  return new Promise<{ readonly status: number | null; readonly output: string; readonly errors: string }>((resolve) =>
    child.on('close', (status) => {
      started.delete(child);
      resolve({ status, ...said });
    }),
  );
}
