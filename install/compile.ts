// Keeps compiled code of what a master loads, also of what it loads late and in threads: `node install/compile.ts`, at the build of
// the image. It serves the demo and asks for what is usually asked. In a read-only image each start would strip types and compile
// what is missing: 0.3 s of processor time and 30 MiB, since what strips types stays.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';

const program = join(import.meta.dirname, '../joined/main.js');
/** Milliseconds until the demo must be ready, and between two looks whether it is. */
const patience = 300_000;
const period = 100;

/** What people, probes and programs ask first. The last two wait for findings and for history. */
const usual = [
  '/',
  '/livez',
  '/healthz',
  '/metrics',
  '/version',
  '/cluster',
  '/cluster?format=ndjson',
  '/cluster/resources/Pod',
  '/cluster/groups?by=namespace',
  '/cluster/search?q=web',
  '/debug',
  '/debug?format=svg',
  '/cluster/findings',
  '/cluster/history',
];

/** @throws if the demo does not start, answers with an error of its own, or does not end by itself. */
async function compile(): Promise<void> {
  const port = await freePort();
  const demo = spawn(process.execPath, [program, 'demo', '--port', String(port)], {
    stdio: ['ignore', 'ignore', 'inherit'],
  });
  const ended = once(demo, 'exit') as Promise<[number | null]>;
  try {
    const url = `http://127.0.0.1:${port}`;
    await Promise.race([isReady(url), ended.then(([status]) => fail(`the demo ended with ${status}`))]);
    for (const path of usual) await ask(url + path);
  } finally {
    // Compiled code is written at the end of a process.
    demo.kill('SIGTERM');
  }
  const [status] = await ended;
  if (status !== 0) fail(`the demo ended with ${status}`);
}

async function isReady(url: string): Promise<void> {
  const end = performance.now() + patience;
  while (!(await fetch(`${url}/readyz`).then(isFine, () => false))) {
    if (performance.now() > end) fail('the demo is not ready');
    await wait(period);
  }
}

async function isFine(answer: Response): Promise<boolean> {
  await answer.arrayBuffer();
  return answer.ok;
}

async function ask(url: string): Promise<void> {
  const answer = await fetch(url);
  if (!(await isFine(answer))) fail(`${url} was answered with ${answer.status}`);
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  server.close();
  await once(server, 'close');
  return port;
}

function fail(what: string): never {
  throw new Error(what);
}

await compile();
