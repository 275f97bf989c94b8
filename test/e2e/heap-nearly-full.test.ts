// A cluster whose objects name more than the heap can hold. It has no selectors, so only the heap limits its relations. The
// master stops adding relations, says so, and keeps answering; it adds them when there is room.
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { afterAll, afterEach, expect, test } from 'vitest';
import { type ApiServer, startApiServer } from '../../src/demo/api-server.ts';
import type { KubernetesObject } from '../../src/model.ts';
import { eventually } from '../support/engines/daemon.ts';
import { endPrograms, type Program, startProgram } from '../support/program.ts';

const folder = mkdtempSync(join(tmpdir(), 'heap-'));
let server: ApiServer | undefined;
afterEach(async () => {
  endPrograms();
  await server?.stop();
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const namesOfEach = 150;
const count = 2500;

/** Each names its own Secrets: as many relations, and as many resources known by name only. */
function pod(i: number, namespace = 'evil'): KubernetesObject {
  const env = Array.from({ length: namesOfEach }, (_, n) => ({
    name: `V${n}`,
    valueFrom: { secretKeyRef: { name: `s-${i}-${n}`, key: 'k' } },
  }));
  return {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: { name: `p${i}`, namespace },
    spec: { containers: [{ name: 'c', env }] },
  };
}

async function json<T>({ url, child, words }: Program, path: string): Promise<T> {
  const answer = await fetch(url + path).catch((error: unknown) => {
    throw new Error(`${path}: ${child.signalCode ?? child.exitCode}\n${words().slice(-3000)}`, { cause: error });
  });
  expect(answer.status, path).toBe(200);
  return (await answer.json()) as T;
}

type Said = {
  readonly completeness: { readonly complete: boolean; readonly relations?: Record<string, { reason: string }> };
};
const said = async (master: Program) => (await json<Said>(master, '/cluster/completeness')).completeness;
const relationsOf = async (master: Program, id: string) =>
  (await json<{ relations: { type: string }[] }>(master, `/cluster/resources/pods/${id}`)).relations.filter(
    ({ type }) => type === 'uses',
  ).length;

async function start(): Promise<Program> {
  const KUBECONFIG = join(folder, 'config');
  writeFileSync(KUBECONFIG, JSON.stringify(server?.kubeconfig()));
  return startProgram({
    args: ['master', '--minions', 'off', '--history', 'off'],
    env: { KUBECONFIG, NODE_OPTIONS: '--max-old-space-size=256' },
  });
}

test('names alone cannot fill the heap, and what is left out is reported', async () => {
  server = await startApiServer();
  for (const name of ['evil', 'good']) server.create({ apiVersion: 'v1', kind: 'Namespace', metadata: { name } });
  server.create(pod(0, 'good'));
  const master = await start();
  await eventually('it to be ready', 120_000, async () => (await fetch(`${master.url}/readyz`)).ok);
  const bad: string[] = [];
  for (let i = 0; i < count; i++) {
    server.create(pod(i));
    if (i % 50 !== 0) continue;
    await wait(20);
    const answer = await fetch(`${master.url}/livez`, { signal: AbortSignal.timeout(60_000) }).catch(String);
    if (typeof answer === 'string' || !answer.ok) bad.push(String(answer));
  }
  await eventually('the last to be there', 240_000, async () => {
    const answer = await fetch(`${master.url}/cluster/resources/pods/evil/p${count - 1}`);
    return answer.ok;
  });
  expect(bad).toEqual([]);
  expect(master.words()).toContain('The heap is nearly full: no relations are added');
  const { complete, relations = {} } = await said(master);
  expect(complete).toBe(false);
  expect(relations['added now']?.reason).toBe('none: the heap is nearly full');
  expect(relations['of new objects']?.reason).toMatch(/^not made: \d+ objects came while the heap was nearly full$/);
  // All objects are present; the last ones have no relations at all, so that none shows a part as if it were everything.
  expect(await relationsOf(master, 'evil/p1')).toBe(namesOfEach);
  expect(await relationsOf(master, `evil/p${count - 1}`)).toBe(0);
  expect(await relationsOf(master, 'good/p0')).toBe(namesOfEach);

  for (let i = 1; i < count - 1; i++) server.delete(pod(i));
  await eventually('room, and what was left out', 240_000, async () => {
    if (master.child.exitCode !== null || master.child.signalCode !== null)
      throw new Error(master.words().slice(-2000));
    // Requests may be refused while so much is deleted.
    const left = await said(master).catch(() => undefined);
    if (left === undefined || left.relations?.['added now'] !== undefined) return false;
    const found = await relationsOf(master, `evil/p${count - 1}`).catch(() => 0);
    return found === namesOfEach;
  });
  expect((await said(master)).relations?.['of new objects']).toBeUndefined();
  expect(await master.end()).toBe(0);
}, 600_000);

test('a start over such a cluster comes up, each time', async () => {
  server = await startApiServer();
  server.create({ apiVersion: 'v1', kind: 'Namespace', metadata: { name: 'evil' } });
  for (let i = 0; i < count; i++) server.create(pod(i));
  for (let time = 0; time < 2; time++) {
    const master = await start();
    await eventually('it to be ready', 240_000, async () => {
      if (master.child.exitCode !== null || master.child.signalCode !== null)
        throw new Error(master.words().slice(-2000));
      return (await fetch(`${master.url}/readyz`)).ok;
    });
    const reason = async () => (await said(master)).relations?.['of new objects']?.reason ?? '';
    await expect.poll(reason).toMatch(/^not made: \d+ objects/);
    expect(await master.end()).toBe(0);
  }
}, 600_000);
