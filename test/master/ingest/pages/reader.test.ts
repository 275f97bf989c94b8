import { readdirSync, readFileSync } from 'node:fs';
import { setTimeout as wait } from 'node:timers/promises';
import { afterEach, describe, expect, it } from 'vitest';
import type { InferProblem } from '../../../../master/ingest/infer.ts';
import { createPageReader, type PageReader, type PageReaderOptions } from '../../../../master/ingest/pages/reader.ts';
import { typeOfKind } from '../../../../master/kinds/lookup.ts';
import { rules } from '../../../../master/relations/index.ts';
import { objectsOf, type Page, takeMemory } from '../../../../master/sources/kubernetes/page.ts';
import type { KubernetesObject } from '../../../../src/model.ts';
import { createTestApp, type TestApp } from '../../../support/app.ts';
import { recordedObjects } from '../../../support/hostile-objects.ts';
import { graphOf, kindNamed } from '../../../support/random-cluster.ts';

let open: PageReader[] = [];
afterEach(async () => {
  await Promise.all(open.map((one) => one.close()));
  open = [];
});

function pageOf(kind: string, items: readonly unknown[], apiVersion = 'v1'): Page {
  return pageOfText(JSON.stringify({ kind: `${kind}List`, apiVersion, metadata: {}, items }), kind, apiVersion);
}

function pageOfText(text: string, kind = 'ConfigMap', apiVersion = 'v1'): Page {
  const memory = takeMemory(Buffer.byteLength(text));
  return { kind, apiVersion, memory, length: Buffer.from(memory).write(text) };
}

const config = (name: string, fields: object = {}) => ({
  metadata: { name, namespace: 'n', uid: name, resourceVersion: '1' },
  ...fields,
});

/** A reader with a running thread. */
async function started(options: Partial<PageReaderOptions> = {}): Promise<PageReader> {
  const reader = createPageReader({
    keepValues: false,
    rules,
    onProblem: () => undefined,
    shortest: 0,
    worth: () => 0,
    ...options,
  });
  open.push(reader);
  while (!(await reader.read('ConfigMap', pageOf('ConfigMap', []))).prepared) await wait(20);
  return reader;
}

function appWith(reader: PageReader): TestApp {
  return createTestApp({ openPages: () => reader });
}

describe('pages read in a thread of their own', () => {
  it('make the graph that single objects make', async () => {
    const reader = await started();
    const [read, told] = [appWith(reader), createTestApp()];
    const byType = Map.groupBy(recordedObjects(), ({ kind }) => kind);
    for (const [kind, objects] of byType) {
      const [{ object } = { object: {} }] = objects;
      const { apiVersion = '', kind: name = '' } = object as KubernetesObject;
      const list = read.store.sinkOf(kind).list();
      const page = pageOf(
        name,
        objects.map((each) => each.object),
        apiVersion,
      );
      if (list.read) await list.read(page);
      else await list.page(objectsOf(page));
      await list.commit('1');
      for (const each of objects) {
        told.store.sinkOf(kind).event('ADDED', structuredClone(each.object) as KubernetesObject);
      }
      for (const { store } of [read, told]) store.sinkOf(kind).state('synced');
    }
    expect(graphOf(read.engine).relations.length).toBeGreaterThan(400);
    expect(graphOf(read.engine)).toEqual(graphOf(told.engine));
    expect([...byType.keys()].map(typeOfKind)).toContain('Pod');
  });

  it('change nothing before the list is whole, and keep what they said until then', async () => {
    const { store, engine } = appWith(await started());
    const sink = store.sinkOf(kindNamed('ConfigMap'));
    sink.event('ADDED', config('a') as unknown as KubernetesObject);
    sink.state('synced');
    const before = graphOf(engine);
    const list = sink.list();
    // The second page reuses the memory of the first.
    await list.read?.(pageOf('ConfigMap', [config('b', { data: { text: 'x'.repeat(100) } })]));
    await list.read?.(pageOf('ConfigMap', [config('c', { data: { other: 'y' } })]));
    expect(graphOf(engine)).toEqual(before);
    await list.commit('2');
    const named = graphOf(engine).resources.filter(({ type }) => type === 'ConfigMap');
    expect(named.map(({ id }) => id)).toEqual(['ConfigMap:n/b', 'ConfigMap:n/c']);
    expect(named[0]?.properties).toMatchObject({ data: { text: { bytes: 100 } } });
  });

  it('change nothing where the list breaks off while one is read', async () => {
    const { store, engine } = appWith(await started());
    const sink = store.sinkOf(kindNamed('ConfigMap'));
    const before = graphOf(engine);
    const list = sink.list();
    const reading = list.read?.(pageOf('ConfigMap', [config('b')]));
    list.abort();
    await reading;
    expect(graphOf(engine)).toEqual(before);
  });

  it('refuse the object that is none, and tell of the rule that failed, as reading here does', async () => {
    const problems: InferProblem[] = [];
    const reader = await started({ onProblem: (problem) => void problems.push(problem) });
    const { store, engine } = appWith(reader);
    const list = store.sinkOf(kindNamed('ConfigMap')).list();
    await list.read?.(pageOf('ConfigMap', [{ metadata: {} }, null, config('b')]));
    await list.commit('1');
    expect(store.refused).toBe(2);
    expect(graphOf(engine).resources.map(({ id }) => id)).toContain('ConfigMap:n/b');
    const services = store.sinkOf(kindNamed('Service')).list();
    await services.read?.(pageOf('Service', [config('s', { spec: { selector: { app: {} } } })]));
    await services.commit('1');
    const told = createTestApp();
    const service = { apiVersion: 'v1', kind: 'Service', ...config('s', { spec: { selector: { app: {} } } }) };
    told.store.sinkOf(kindNamed('Service')).event('ADDED', service as unknown as KubernetesObject);
    expect(problems.length).toBe(told.problems.count());
  });

  it('fail as they do when they are read here', async () => {
    const { store } = appWith(await started());
    const list = store.sinkOf(kindNamed('ConfigMap')).list();
    const broken = list.read?.(pageOfText('{"items":[{"metadata":'));
    await expect(broken).rejects.toMatchObject({ status: 502, message: expect.stringContaining('not JSON') });
    await expect(list.read?.(pageOfText('[]'))).rejects.toMatchObject({ status: 502 });
  });

  it('are said to be too large where the thread ends over one, and the next has another thread', async () => {
    const reader = await started({ heap: 24 });
    const many = Array.from({ length: 200_000 }, (_, n) => config(`c${n}`));
    await expect(reader.read('ConfigMap', pageOf('ConfigMap', many))).rejects.toMatchObject({ status: 413 });
    while (!(await reader.read('ConfigMap', pageOf('ConfigMap', [config('b')]))).prepared) await wait(20);
  });

  it('are left to the caller when they are short, and when the thread has gone for want of work', async () => {
    const reader = await started({ shortest: 60, idle: 20 });
    const short = await reader.read('ConfigMap', pageOfText('{"items":[]}'));
    expect(short.prepared).toBeUndefined();
    expect(Buffer.from(short.page.memory, 0, short.page.length).toString()).toBe('{"items":[]}');
    while ((await reader.read('ConfigMap', pageOf('ConfigMap', []))).prepared) await wait(200);
  });

  it('are left to the caller, without any thread, until they are worth one; a pause begins the count again', async () => {
    const length = pageOf('ConfigMap', []).length;
    const reader = createPageReader({
      keepValues: false,
      rules,
      onProblem: () => undefined,
      shortest: 0,
      worth: () => 3 * length,
      idle: 50,
    });
    open.push(reader);
    const read = async () => (await reader.read('ConfigMap', pageOf('ConfigMap', []))).prepared;
    for (let pauses = 0; pauses < 2; pauses++) {
      for (let n = 0; n < 2; n++) expect(await read()).toBeUndefined();
      await wait(150);
      expect(threads()).toBe(0);
    }
    while (threads() === 0) await read();
    expect(threads()).toBe(1);
  });

  it('have no thread that stays when it was never handed anything', async () => {
    const reader = createPageReader({
      keepValues: false,
      rules,
      onProblem: () => undefined,
      shortest: 0,
      worth: () => 0,
      idle: 20,
    });
    open.push(reader);
    expect((await reader.read('ConfigMap', pageOf('ConfigMap', []))).prepared).toBeUndefined();
    while (threads() === 0) await wait(5);
    while (threads() > 0) await wait(20);
  });
});

/** Threads of this process that run JavaScript besides the main thread, by their names in Linux. */
function threads(): number {
  const tasks = readdirSync('/proc/self/task');
  return tasks.filter((task) => {
    try {
      return readFileSync(`/proc/self/task/${task}/comm`, 'utf8').startsWith('WorkerThread');
    } catch {
      return false;
    }
  }).length;
}
