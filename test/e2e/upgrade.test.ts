// An upgrade as clients see it: old and new masters as processes behind a Service that forgets endpoints late.
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { Agent, get } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest';
import { type ApiServer, startApiServer } from '../../src/demo/api-server.ts';
import { eventually } from '../support/engines/daemon.ts';
import { type KubeProxy, startKubeProxy } from '../support/kube-proxy.ts';
import { endPrograms, type Program, startProgram } from '../support/program.ts';
import { watch } from '../support/watching.ts';

/** Milliseconds until changes of endpoints are known; masters keep answering for far longer, also on a busy machine. */
const lateness = 500;
const delay = 2_500;

let server: ApiServer;
let folder: string;
let proxy: KubeProxy;

beforeAll(async () => {
  server = await startApiServer();
  server.create({ apiVersion: 'v1', kind: 'Node', metadata: { name: 'node-a' } });
  folder = mkdtempSync(join(tmpdir(), 'upgrade-'));
  writeFileSync(join(folder, 'config'), JSON.stringify(server.kubeconfig()));
});
afterEach(async () => {
  endPrograms();
  await proxy.close();
});
afterAll(async () => {
  await server.stop();
  rmSync(folder, { recursive: true, force: true });
});

async function startMaster(shutdownDelay = delay): Promise<Program> {
  const settings = { CLUSTER_INSIGHT_SHUTDOWN_DELAY: `${shutdownDelay}ms`, CLUSTER_INSIGHT_MINIONS: 'off' };
  const program = await startProgram({ args: ['master'], env: { KUBECONFIG: join(folder, 'config'), ...settings } });
  await eventually('the master to be ready', 60_000, async () => (await fetch(`${program.url}/readyz`)).ok);
  return program;
}

/** As a Deployment without spare Pods: the new one is ready before the old one is told to end. */
async function replace(old: Program, { shutdownDelay = delay, isKnown = true } = {}): Promise<Program> {
  const next = await startMaster(shutdownDelay);
  proxy.add(next.url);
  if (isKnown) proxy.remove(old.url);
  // The signal comes at the same time as the change of endpoints.
  expect(await old.end()).toBe(0);
  return next;
}

interface Load {
  readonly asked: () => number;
  readonly failures: readonly string[];
  stop(): Promise<void>;
}

/** One request; resolves with its failure, if any. */
function ask(agent: Agent): Promise<string | undefined> {
  return new Promise((resolve) => {
    const request = get(`${proxy.url}/cluster/resources?type=Node`, { agent, timeout: 60_000 }, (answer) => {
      let text = '';
      answer.setEncoding('utf8').on('data', (part: string) => (text += part));
      answer.on('error', ({ message }) => resolve(message));
      answer.on('end', () => resolve(text.includes('Node:node-a') ? undefined : `${answer.statusCode} ${text}`));
    });
    request.on('timeout', () => request.destroy(new Error('timed out')));
    request.on('error', ({ message }) => resolve(message));
  });
}

/** Fifty requests per second, each on a new connection, except every fifth, which uses a kept one. */
function load(): Load {
  const failures: string[] = [];
  const fresh = new Agent({ keepAlive: false });
  const kept = new Agent({ keepAlive: true, maxSockets: 2 });
  const open = new Set<Promise<void>>();
  let count = 0;
  const timer = setInterval(() => {
    const question = ask(count++ % 5 === 0 ? kept : fresh).then((wrong) => {
      if (wrong !== undefined) failures.push(wrong);
      open.delete(question);
    });
    open.add(question);
  }, 20);
  return {
    asked: () => count,
    failures,
    async stop() {
      clearInterval(timer);
      await Promise.all(open);
      fresh.destroy();
      kept.destroy();
    },
  };
}

async function serve(masters: number, shutdownDelay?: number): Promise<Program[]> {
  proxy = await startKubeProxy(lateness);
  const programs = await Promise.all(Array.from({ length: masters }, () => startMaster(shutdownDelay)));
  for (const { url } of programs) proxy.add(url);
  await eventually('the masters to be known', 30_000, () => proxy.endpoints() === masters);
  return programs;
}

test.each([1, 2])('with %i masters none of fifty requests a second fails', async (masters) => {
  const programs = await serve(masters);
  const clients = load();
  for (const old of programs) await replace(old);
  const since = clients.asked();
  await eventually('requests after it', 30_000, () => clients.asked() > Math.max(100, since + 20));
  await clients.stop();
  expect(clients.failures).toEqual([]);
});

test('without the delay some requests fail while endpoints are not known to be gone', async () => {
  const [old] = await serve(1, 0);
  const clients = load();
  if (old !== undefined) await replace(old, { shutdownDelay: 0, isKnown: false });
  await eventually('a failure', 30_000, () => clients.failures.length > 0);
  await clients.stop();
});

test('a stream is told to reconnect, and the new master tells it to read everything again', async () => {
  const [old] = await serve(1);
  if (old === undefined) throw new Error('no master was started');
  const stream = await watch(`${proxy.url}/cluster/watch`);
  await stream.until(() => stream.lastEventId !== '');
  await replace(old);
  await eventually('the stream to end', 20_000, () => stream.ended);
  expect(stream.comments.at(-1)).toBe('closing');
  expect(stream.retry).toBeGreaterThan(0);
  const again = await watch(`${proxy.url}/cluster/watch`, { lastEventId: stream.lastEventId });
  await again.until(() => again.events.length > 0);
  expect(again.events[0]?.event).toBe('resync');
  again.kill();
});
