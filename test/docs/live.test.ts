// The code of docs/live.md keeps an exact copy of the graph.
import { setTimeout as sleep } from 'node:timers/promises';
import { runInNewContext } from 'node:vm';
import { createParser } from 'eventsource-parser';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { createTestApp, listen } from '../support/app.ts';
import { kindNamed } from '../support/random-cluster.ts';
import { readText } from '../support/source-tree.ts';

interface Copy {
  readonly graph: { resources: Map<string, { id: string }>; relations: Map<string, object> };
  begin(base: string, query: string): Promise<void>;
  end(): void;
}

/** The browser's EventSource, as far as the page uses it. */
class EventSource {
  readonly #ended = new AbortController();
  readonly #listeners = new Map<string, (event: { data: string }) => void>();

  constructor(url: string) {
    void this.#read(url).catch(() => undefined);
  }

  addEventListener(name: string, listener: (event: { data: string }) => void): void {
    this.#listeners.set(name, listener);
  }

  close(): void {
    this.#ended.abort();
  }

  async #read(url: string): Promise<void> {
    const parser = createParser({ onEvent: ({ event = '', data }) => this.#listeners.get(event)?.({ data }) });
    const { body } = await fetch(url, { signal: this.#ended.signal });
    const decoder = new TextDecoder();
    for await (const chunk of body ?? []) parser.feed(decoder.decode(chunk as Uint8Array, { stream: true }));
  }
}

const served = createTestApp();
let url: string;
beforeAll(async () => {
  served.engine.changes.record();
  url = await listen(served.app);
});
afterAll(() => served.app.close());

function put(name: string, namespace: string, gone = false): void {
  const object = { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name, namespace } };
  served.store.sinkOf(kindNamed('ConfigMap')).event(gone ? 'DELETED' : 'MODIFIED', object);
}

test('follows what comes, changes and goes', async () => {
  const [, code = ''] = /^```js\n(.*?)^```$/ms.exec(readText('docs/live.md')) ?? [];
  expect(code.split('\n').length).toBeLessThan(30);
  const whole = `${code}\n({ graph, begin, end: () => stream.close() });`;
  const copy = runInNewContext(whole, { fetch, EventSource }) as Copy;
  put('a', 'shop');
  await copy.begin(url, 'namespace=shop&properties=false');
  expect([...copy.graph.resources.keys()]).toEqual(['ConfigMap:shop/a']);
  put('b', 'shop');
  put('c', 'web');
  put('a', 'shop', true);
  while (!copy.graph.resources.has('ConfigMap:shop/b') || copy.graph.resources.has('ConfigMap:shop/a')) await sleep(5);
  copy.end();
  const now = (await served.app.inject('/cluster?namespace=shop&properties=false')).json<{
    resources: { id: string }[];
  }>();
  expect([...copy.graph.resources.values()]).toEqual(now.resources);
});
