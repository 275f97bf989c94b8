// /cluster/watch goes on out of history where the log in memory has forgotten where a reader stood.
import { expect, onTestFinished, test } from 'vitest';
import { listen } from '../../support/app.ts';
import { kindNamed } from '../../support/random-cluster.ts';
import { createRecordedApp } from '../../support/recorded-app.ts';

interface Told {
  readonly event: string;
  readonly id: string;
  readonly data: {
    readonly revision: number;
    readonly resources?: {
      readonly added?: { id: string }[];
      readonly changed?: { id: string }[];
      readonly removed?: string[];
    };
  };
}

/** The first event of a stream. */
async function firstEvent(url: string): Promise<Told> {
  const { body } = await fetch(url);
  let text = '';
  for await (const chunk of body ?? []) {
    text += Buffer.from(chunk).toString();
    if (!text.endsWith('\n\n')) continue;
    const [, id = '', event = '', data] = /\nid: (\S+)\nevent: (\w+)\ndata: (.*)\n\n/.exec(text) ?? [];
    if (data === undefined) continue;
    return { event, id, data: JSON.parse(data) as Told['data'] };
  }
  throw new Error(`the stream ended: ${text}`);
}

async function open() {
  const recorded = createRecordedApp();
  onTestFinished(() => recorded.close());
  const put = (name: string, size: number, what: 'MODIFIED' | 'DELETED' = 'MODIFIED') =>
    recorded.store.sinkOf(kindNamed('ConfigMap')).event(what, {
      metadata: { name, namespace: 'n1', uid: name, annotations: { x: 'x'.repeat(size) } },
    } as never);
  put('gone', 10);
  put('kept', 10);
  await recorded.start();
  const from = recorded.engine.revision;
  put('gone', 10, 'DELETED');
  put('kept', 20);
  // More than the log keeps.
  for (let i = 0; i < 70; i++) {
    put('large', (1 << 20) + i);
    await recorded.ask('/cluster/history');
  }
  expect(recorded.engine.changes.size().from).toBeGreaterThan(from);
  return { recorded, put, from, url: await listen(recorded.app) };
}

test('a reader that comes back too late for the log gets all that it missed', { timeout: 60_000 }, async () => {
  const { recorded, from, url } = await open();
  const { event, id, data } = await firstEvent(`${url}/cluster/watch?revision=abcd0123-${from}&type=configmap`);
  expect(event).toBe('change');
  expect(id).toBe(`abcd0123-${recorded.engine.revision}`);
  expect(data.revision).toBe(recorded.engine.revision);
  expect(data.resources?.removed).toEqual(['ConfigMap:n1/gone']);
  expect(data.resources?.changed?.map((each) => each.id)).toEqual(['ConfigMap:n1/kept']);
  expect(data.resources?.added?.map((each) => each.id)).toEqual(['ConfigMap:n1/large']);
});

test('one of another process begins again, as before', { timeout: 60_000 }, async () => {
  const { from, url } = await open();
  const { event } = await firstEvent(`${url}/cluster/watch?revision=ffffffff-${from}`);
  expect(event).toBe('resync');
});
