// `npm test`: the static checks, then all tests that this machine can run, then one summary line. Counts are the test runner's; a
// failed static check counts as one failure and is named, as do leftovers of the tests.
import { type ChildProcess, spawn } from 'node:child_process';
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { leftFolders, leftProcesses, markName } from './leftovers.ts';
import { type Counts, isPassed, noCounts, readCounts, summary } from './run-summary.ts';
import { apiServerProgram, howToHaveOne } from './support/api-server-program.ts';

interface Step {
  readonly name: string;
  readonly command: string;
  readonly args: readonly string[];
}

const checks: readonly Step[] = [
  { name: 'types', command: 'tsc', args: ['--noEmit'] },
  { name: 'format', command: 'biome', args: ['check', '--error-on-warnings'] },
  { name: 'lint', command: 'oxlint', args: ['--deny-warnings'] },
  { name: 'unused', command: 'knip', args: ['--no-progress'] },
  { name: 'unreached', command: 'knip', args: ['--no-progress', '--production', '--include', 'files'] },
];

const folder = mkdtempSync(join(tmpdir(), 'cluster-insight-test-'));
const report = join(folder, 'report.json');
/** The tests' temporary folder, and the mark of all their processes. */
const temporary = join(folder, 'tmp');
const mark = folder.slice(-6);
/** Folders for engines' sockets: paths below the temporary folder would be too long. */
const short = '/tmp';
const shortBefore = readdirSync(short);
mkdirSync(temporary);
/** Hundreds of threads and processes compile the same files: what the first compiled serves the others. */
const compiled = join(folder, 'compiled');
const environment = { ...process.env, TMPDIR: temporary, NODE_COMPILE_CACHE: compiled, [markName]: mark };
let running: ChildProcess | undefined;

for (const signal of ['SIGINT', 'SIGTERM'] as const) process.on(signal, () => stop(signal));
process.on('exit', () => rmSync(folder, { recursive: true, force: true }));

const failedChecks: string[] = [];
for (const check of checks) if (!(await quiet(check))) failedChecks.push(check.name);
await timed('tests', () => run('vitest', vitestArguments(process.argv.slice(2)), 'inherit'));
if (!(await timed('leftovers', nothingLeft))) failedChecks.push('leftovers');
finish(countsOf(report));

function vitestArguments(only: readonly string[]): string[] {
  return ['run', '--reporter=default', '--reporter=json', `--outputFile.json=${report}`, ...only];
}

/** Runs a check and prints its output only if it fails. */
async function quiet({ name, command, args }: Step): Promise<boolean> {
  let words = '';
  const passed = await timed(name, () => run(command, args, 'pipe', (chunk) => (words += chunk)));
  if (!passed) process.stdout.write(`${words.trimEnd()}\n`);
  return passed;
}

async function timed(name: string, work: () => Promise<boolean>): Promise<boolean> {
  const began = performance.now();
  const passed = await work();
  const seconds = ((performance.now() - began) / 1000).toFixed(1);
  console.log(`${name.padEnd(10)} ${passed ? 'ok    ' : 'FAILED'} ${seconds.padStart(6)} s`);
  return passed;
}

function run(command: string, args: readonly string[], output: 'inherit' | 'pipe', take?: (chunk: string) => void) {
  return new Promise<boolean>((resolve) => {
    running = spawn(join('node_modules/.bin', command), args, {
      stdio: ['ignore', output, output],
      env: environment,
      // A new session, so that remaining processes are found and ended.
      detached: true,
    });
    for (const stream of [running.stdout, running.stderr]) stream?.setEncoding('utf8').on('data', take ?? (() => {}));
    running.on('error', (error) => {
      take?.(error.message);
      resolve(false);
    });
    running.on('close', (code) => resolve(code === 0));
  });
}

/** Names leftovers of the tests and ends remaining processes, after a while to end by themselves. */
async function nothingLeft(): Promise<boolean> {
  const left = () => ({ processes: leftProcesses(mark, running?.pid), folders: foldersLeft() });
  const isAny = ({ processes, folders }: ReturnType<typeof left>) => processes.length + folders.length > 0;
  const until = performance.now() + 30_000;
  while (isAny(left()) && performance.now() < until) await sleep(100);
  const { processes, folders } = left();
  for (const { pid, command } of processes) console.log(`left running: ${pid} ${command.slice(0, 120)}`);
  for (const name of folders) console.log(`left in the temporary folder: ${name}`);
  for (const { pid } of processes) end(pid, 'SIGKILL');
  return processes.length === 0 && folders.length === 0;
}

function foldersLeft(): string[] {
  const shortOnes = leftFolders(short, shortBefore).filter((name) => name.includes(`-${mark}-`));
  return [...leftFolders(temporary), ...shortOnes];
}

/** It may have ended by itself. */
function end(pid: number | undefined, signal: NodeJS.Signals): void {
  try {
    if (pid !== undefined) process.kill(pid, signal);
  } catch {}
}

function countsOf(path: string): Counts {
  try {
    return readCounts(JSON.parse(readFileSync(path, 'utf8')));
  } catch {
    return noCounts;
  }
}

function finish(counts: Counts): void {
  const total = { ...counts, failed: counts.failed + failedChecks.length };
  for (const name of failedChecks) console.log(`failed check: ${name}`);
  if (apiServerProgram() === undefined) console.log(`left out: test/e2e/api-server.test.ts; ${howToHaveOne}`);
  if (counts.passed + counts.failed === 0) console.log('no test ran');
  if (process.env['CI'] === 'true' && total.skipped > 0) console.log('with CI=true nothing may be skipped');
  console.log(summary(total));
  process.exitCode = isPassed(total, process.env['CI'] === 'true') ? 0 : 1;
}

function stop(signal: 'SIGINT' | 'SIGTERM'): void {
  if (running?.pid !== undefined) end(-running.pid, signal);
  process.exit(signal === 'SIGINT' ? 130 : 143);
}
