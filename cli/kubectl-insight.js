#!/usr/bin/env node
// `kubectl insight` and `npx cluster-insight`, which starts the modes of the program, too: finds a Node.js that runs the program, and lets it run TypeScript wherever
// it is installed. Plain JavaScript that old versions understand, so that they can say what they lack.
import { spawn } from 'node:child_process';
import { existsSync, readFileSync, realpathSync } from 'node:fs';
import module from 'node:module';
import { homedir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const least = 24;
const modes = ['master', 'minion', 'demo', 'replica', 'gateway', 'actor'];
const signals = ['SIGTERM', 'SIGINT', 'SIGHUP'];
const here = dirname(realpathSync(fileURLToPath(import.meta.url)));
// The version in the project's dependencies.
const pinned = join(here, '..', 'node_modules', 'node', 'bin', 'node');

if (Number(process.versions.node.split('.')[0]) < least) runByPinned();
else await run();

function runByPinned() {
  if (!existsSync(pinned)) {
    process.stderr.write(`error: this is Node.js ${process.versions.node}; install Node.js ${least} or later\n`);
    process.exit(3);
  }
  // A terminal tells both processes, and a second signal would end the other at once.
  const tells = (signal) => signal === 'SIGTERM' || !process.stdin.isTTY;
  for (const signal of signals) process.on(signal, () => tells(signal) && child.kill(signal));
  const child = spawn(pinned, process.argv.slice(1), { stdio: 'inherit' });
  child.once('error', ({ message }) => {
    process.stderr.write(`error: ${message}\n`);
    process.exit(3);
  });
  child.once('exit', (status, signal) => {
    if (signal === null) process.exit(status);
    process.removeAllListeners(signal);
    process.kill(process.pid, signal);
  });
}

async function run() {
  // Compiling the program takes longer than most answers. The cache must not be in a world-writable folder.
  module.enableCompileCache(join(homedir(), '.cache', 'cluster-insight'));
  // Node.js does not run TypeScript within node_modules, where an installed package is.
  if (here.includes('node_modules')) {
    silence('stripTypeScriptTypes');
    module.registerHooks({ load: stripped });
  }
  // `cluster-insight demo` and so on: the program itself, which parses its own arguments.
  if (modes.includes(process.argv[2])) {
    await import('../src/main.ts');
    return;
  }
  const { resolveOwnImports } = await import('../src/own-imports.ts');
  resolveOwnImports();
  const { main } = await import('./main.ts');
  await main(process.argv.slice(2));
}

/** Users of the program can do nothing about warnings of experimental features. */
function silence(name) {
  const { emitWarning } = process;
  process.emitWarning = (warning, ...rest) => {
    if (!String(warning).includes(name)) emitWarning.call(process, warning, ...rest);
  };
}

function stripped(url, context, next) {
  if (!url.endsWith('.ts')) return next(url, context);
  const source = module.stripTypeScriptTypes(readFileSync(fileURLToPath(url), 'utf8'));
  return { format: 'module', source, shortCircuit: true };
}
