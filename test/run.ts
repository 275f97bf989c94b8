// `npm test`: the static checks, then every test this machine can run, then one line that says how it went. The counts
// are the test runner's own; a static check that fails counts as one failure and is named.
import { type ChildProcess, spawn } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Counts, isPassed, noCounts, readCounts, summary } from './run-summary.ts';

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
let running: ChildProcess | undefined;

for (const signal of ['SIGINT', 'SIGTERM'] as const) process.on(signal, () => stop(signal));
process.on('exit', () => rmSync(folder, { recursive: true, force: true }));

const failedChecks: string[] = [];
for (const check of checks) if (!(await quiet(check))) failedChecks.push(check.name);
await timed('tests', () => run('vitest', vitestArguments(process.argv.slice(2)), 'inherit'));
finish(countsOf(report));

function vitestArguments(only: readonly string[]): string[] {
  return ['run', '--reporter=default', '--reporter=json', `--outputFile.json=${report}`, ...only];
}

/** Runs a check and shows its words only when it fails. */
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
    running = spawn(join('node_modules/.bin', command), args, { stdio: ['ignore', output, output] });
    for (const stream of [running.stdout, running.stderr]) stream?.setEncoding('utf8').on('data', take ?? (() => {}));
    running.on('error', (error) => {
      take?.(error.message);
      resolve(false);
    });
    running.on('close', (code) => resolve(code === 0));
  });
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
  if (counts.passed + counts.failed === 0) console.log('no test ran');
  if (process.env['CI'] === 'true' && total.skipped > 0) console.log('with CI=true nothing may be skipped');
  console.log(summary(total));
  process.exitCode = isPassed(total, process.env['CI'] === 'true') ? 0 : 1;
}

function stop(signal: 'SIGINT' | 'SIGTERM'): void {
  running?.kill(signal);
  process.exit(signal === 'SIGINT' ? 130 : 143);
}
