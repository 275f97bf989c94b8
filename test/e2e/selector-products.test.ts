// Clusters in which small objects select each other, so that the number of relations is the product of their numbers. The master
// starts, answers /livez throughout, stays within its memory, and says what it left out.
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { afterAll, afterEach, expect, test } from 'vitest';
import { type ApiServer, startApiServer } from '../../src/demo/api-server.ts';
import { eventually } from '../support/engines/daemon.ts';
import { endPrograms, type Program, startProgram } from '../support/program.ts';

const folder = mkdtempSync(join(tmpdir(), 'products-'));
let server: ApiServer | undefined;

afterEach(async () => {
  endPrograms();
  await server?.stop();
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const meta = (name: string, namespace = 'evil') => ({ name, namespace, labels: { app: 'x' } });
const pod = (i: number, namespace?: string) => ({
  apiVersion: 'v1',
  kind: 'Pod',
  metadata: meta(`p${i}`, namespace),
  spec: { containers: [] },
});
const policy = (i: number, namespace?: string) => ({
  apiVersion: 'networking.k8s.io/v1',
  kind: 'NetworkPolicy',
  metadata: meta(`n${i}`, namespace),
  spec: { podSelector: {} },
});
const ownPolicy = (i: number) => ({
  ...policy(i),
  spec: { podSelector: { matchExpressions: [{ key: `k${i}`, operator: 'DoesNotExist' }] } },
});
const service = (i: number) => ({
  apiVersion: 'v1',
  kind: 'Service',
  metadata: meta(`s${i}`),
  spec: { selector: { app: 'x' } },
});

/** Calls /livez until stopped; returns how often it was not answered. */
function watchLife(url: string) {
  const stop = new AbortController();
  const bad: string[] = [];
  const done = (async () => {
    while (!stop.signal.aborted) {
      const answer = await fetch(`${url}/livez`, { signal: AbortSignal.timeout(60_000) }).catch(String);
      if (typeof answer === 'string' || !answer.ok) bad.push(typeof answer === 'string' ? answer : `${answer.status}`);
      await wait(50);
    }
  })();
  return {
    async end(): Promise<readonly string[]> {
      stop.abort();
      await done;
      return bad;
    },
  };
}

interface Completeness {
  readonly complete: boolean;
  readonly relations?: { readonly [name: string]: { readonly state: string; readonly reason: string } };
}

async function completenessOf({ url }: Program): Promise<Completeness> {
  return ((await (await fetch(`${url}/cluster/completeness`)).json()) as { completeness: Completeness }).completeness;
}

const peakOf = ({ child }: Program) =>
  Number(/^VmHWM:\s+(\d+) kB/m.exec(readFileSync(`/proc/${child.pid}/status`, 'utf8'))?.[1]) / 1024;

async function start(heap: number): Promise<Program> {
  const KUBECONFIG = join(folder, 'config');
  writeFileSync(KUBECONFIG, JSON.stringify(server?.kubeconfig()));
  return startProgram({
    args: ['master', '--minions', 'off'],
    env: { KUBECONFIG, NODE_OPTIONS: `--max-old-space-size=${heap}` },
  });
}

const many = (count: number, make: (i: number) => object) => Array.from({ length: count }, (_, i) => make(i));

test.each([
  // The heap that remains of the manifests' limit of 1536 MiB.
  ['1,000 Pods and 2,000 equal policies', 768, [...many(1000, pod), ...many(2000, policy)]],
  ['2,000 Pods and 400 policies', 768, [...many(2000, pod), ...many(400, policy)]],
  ['1,000 Pods and 1,800 policies in a heap of 200 MiB', 200, [...many(1000, pod), ...many(1800, policy)]],
  ['1,000 Pods and 1,500 policies that all differ', 200, [...many(1000, pod), ...many(1500, ownPolicy)]],
  ['1,000 Pods and 1,500 Services', 200, [...many(1000, pod), ...many(1500, service)]],
])('%s are no harm', async (_, heap, objects) => {
  server = await startApiServer();
  for (const name of ['evil', 'good']) server.create({ apiVersion: 'v1', kind: 'Namespace', metadata: { name } });
  for (const object of objects) server.create(object as Parameters<ApiServer['create']>[0]);
  for (let i = 0; i < 10; i++) for (const make of [pod, policy]) server.create(make(i, 'good'));
  const master = await start(heap);
  const life = watchLife(master.url);
  await eventually('it to be ready', 120_000, async () => (await fetch(`${master.url}/readyz`)).ok);
  for (let i = 0; i < 100; i++) server.create(policy(10_000 + i));
  const last = `${master.url}/cluster/resources/networkpolicies?namespace=evil&q=n10099`;
  await eventually('the last to be there', 120_000, async () => (await (await fetch(last)).text()).includes('n10099'));
  const { complete, relations = {} } = await completenessOf(master);
  expect(complete).toBe(false);
  const cut = Object.entries(relations).filter(([name]) => name !== 'added now' && name !== 'of new objects');
  expect(cut.length).toBeGreaterThan(0);
  expect(cut.filter(([name]) => !name.endsWith(' in evil'))).toEqual([]);
  for (const [, said] of cut)
    expect(said).toMatchObject({ state: 'partly', reason: expect.stringMatching(/^cut: \d+ of \d+/) });
  const whole = (await (await fetch(`${master.url}/cluster?namespace=good`)).json()) as {
    relations: { type: string }[];
  };
  expect(whole.relations.filter(({ type }) => type === 'restricts').length).toBe(100);
  expect(await life.end()).toEqual([]);
  expect(peakOf(master)).toBeLessThan(1536);
  expect(await master.end(), master.words()).toBe(0);
});
