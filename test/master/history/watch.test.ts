// /cluster/watch continues from history if the log in memory no longer reaches back to a reader's revision.
import { get, type IncomingMessage } from 'node:http';
import { afterAll, beforeAll, expect, test } from 'vitest';
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

/** Connected, without reading. */
function connected(url: string): Promise<IncomingMessage> {
  return new Promise((resolve, reject) => get(url, resolve).on('error', reject));
}

/** All events up to a wanted one, by name with the data of each. */
async function eventsUntil(stream: IncomingMessage, isLast: (told: Told) => boolean): Promise<readonly Told[]> {
  const found: Told[] = [];
  let text = '';
  for await (const chunk of stream) {
    text += String(chunk);
    for (let end = text.indexOf('\n\n'); end >= 0; end = text.indexOf('\n\n')) {
      const [, id = '', event = '', data] =
        /(?:^|\n)id: (\S+)\nevent: (\w+)\ndata: (.*)$/.exec(text.slice(0, end)) ?? [];
      text = text.slice(end + 2);
      if (data === undefined) continue;
      found.push({ event, id, data: JSON.parse(data) as Told['data'] });
      if (isLast(found.at(-1) as Told)) return found;
    }
  }
  throw new Error('the stream ended');
}

async function open() {
  const recorded = createRecordedApp();
  const put = (name: string, size: number, what: 'MODIFIED' | 'DELETED' = 'MODIFIED') =>
    recorded.store.sinkOf(kindNamed('ConfigMap')).event(what, {
      metadata: { name, namespace: 'n1', uid: name, annotations: { x: 'x'.repeat(size) } },
    } as never);
  put('gone', 10);
  put('kept', 10);
  await recorded.start();
  const url = await listen(recorded.app);
  const slow = await connected(`${url}/cluster/watch?type=configmap`);
  const from = recorded.engine.revision;
  put('gone', 10, 'DELETED');
  put('kept', 20);
  // More than the log holds, and far more than fits into a socket.
  for (let i = 0; i < 76; i++) {
    put('large', (1 << 20) + i);
    await recorded.ask('/cluster/history');
  }
  const { revision } = recorded.engine;
  expect(recorded.engine.changes.size().from).toBeGreaterThan(from);
  return { recorded, from, revision, url, slow };
}

let opened: Awaited<ReturnType<typeof open>>;
beforeAll(async () => {
  opened = await open();
}, 60_000);
afterAll(async () => {
  opened.slow.destroy();
  await opened.recorded.close();
});

test('a reader that comes back too late for the log gets all that it missed', async () => {
  const { recorded, from, url } = opened;
  const { event, id, data } = await firstEvent(`${url}/cluster/watch?revision=abcd0123-${from}&type=configmap`);
  expect(event).toBe('change');
  expect(id).toBe(`abcd0123-${recorded.engine.revision}`);
  expect(data.revision).toBe(recorded.engine.revision);
  expect(data.resources?.removed).toEqual(['ConfigMap:n1/gone']);
  expect(data.resources?.changed?.map((each) => each.id)).toEqual(['ConfigMap:n1/kept']);
  expect(data.resources?.added?.map((each) => each.id)).toEqual(['ConfigMap:n1/large']);
});

test('one of another process begins again, as before', async () => {
  const { event } = await firstEvent(`${opened.url}/cluster/watch?revision=ffffffff-${opened.from}`);
  expect(event).toBe('resync');
});

test('a connected reader that pauses also continues where it stopped', async () => {
  const { slow, revision } = opened;
  const told = await eventsUntil(slow, ({ data }) => data.revision >= revision);
  expect(new Set(told.map(({ event }) => event))).toEqual(new Set(['change']));
  const revisions = told.map(({ data }) => data.revision);
  expect(revisions).toEqual(revisions.toSorted((a, b) => a - b));
  // It did not get every revision separately, but nothing is missing.
  expect(told.length).toBeLessThan(76);
  const last = told.flatMap(({ data }) => [...(data.resources?.added ?? []), ...(data.resources?.changed ?? [])]);
  expect(last.at(-1)?.id).toBe('ConfigMap:n1/large');
  expect(told.flatMap(({ data }) => data.resources?.removed ?? [])).toEqual(['ConfigMap:n1/gone']);
});
