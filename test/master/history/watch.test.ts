// /cluster/watch continues from history if the log in memory no longer reaches back to a reader's revision.
import { get, type IncomingMessage } from 'node:http';
import fc from 'fast-check';
import { afterAll, beforeAll, expect, onTestFinished, test } from 'vitest';
import { MissedChanges } from '../../../master/routes/missed-changes.ts';
import { narrowingOf } from '../../../master/routes/narrowing.ts';
import { type TrimParameters, trimOf } from '../../../master/routes/trim.ts';
import { silentLogger } from '../../../src/logger.ts';
import type { Relation, Resource } from '../../../src/model.ts';
import { listen } from '../../support/app.ts';
import { kindNamed } from '../../support/random-cluster.ts';
import { createWorld, step } from '../../support/random-steps.ts';
import { createRecordedApp } from '../../support/recorded-app.ts';

interface Event {
  readonly event: string;
  readonly id: string;
  readonly data: {
    readonly revision: number;
    readonly touched?: { readonly [id: string]: string };
    readonly resources?: {
      readonly added?: { id: string }[];
      readonly changed?: { id: string }[];
      readonly removed?: string[];
    };
  };
}

/** The first event of a stream. */
async function firstEvent(url: string): Promise<Event> {
  const { body } = await fetch(url);
  let text = '';
  for await (const chunk of body ?? []) {
    text += Buffer.from(chunk).toString();
    if (!text.endsWith('\n\n')) continue;
    const [, id = '', event = '', data] = /\nid: (\S+)\nevent: (\w+)\ndata: (.*)\n\n/.exec(text) ?? [];
    if (data === undefined) continue;
    return { event, id, data: JSON.parse(data) as Event['data'] };
  }
  throw new Error(`the stream ended: ${text}`);
}

/** Connected, without reading. */
function connected(url: string): Promise<IncomingMessage> {
  return new Promise((resolve, reject) => get(url, resolve).on('error', reject));
}

/** All events up to a wanted one, by name with the data of each. */
async function eventsUntil(stream: IncomingMessage, isLast: (told: Event) => boolean): Promise<readonly Event[]> {
  const found: Event[] = [];
  let text = '';
  for await (const chunk of stream) {
    text += String(chunk);
    for (let end = text.indexOf('\n\n'); end >= 0; end = text.indexOf('\n\n')) {
      const [, id = '', event = '', data] =
        /(?:^|\n)id: (\S+)\nevent: (\w+)\ndata: (.*)$/.exec(text.slice(0, end)) ?? [];
      text = text.slice(end + 2);
      if (data === undefined) continue;
      found.push({ event, id, data: JSON.parse(data) as Event['data'] });
      if (isLast(found.at(-1) as Event)) return found;
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

test('and so does one that follows parts without properties, as the page does', async () => {
  const { recorded, from, url } = opened;
  const asked = 'type=configmap&namespace=n1&properties=false&reasons=false';
  const { event, id, data } = await firstEvent(`${url}/cluster/watch?revision=abcd0123-${from}&${asked}`);
  expect([event, id]).toEqual(['change', `abcd0123-${recorded.engine.revision}`]);
  expect(data.resources?.removed).toEqual(['ConfigMap:n1/gone']);
  expect(data.resources?.added).toMatchObject([{ id: 'ConfigMap:n1/large' }]);
  expect(JSON.stringify(data)).not.toContain('properties');
  expect(Object.keys(data.touched ?? {})).toEqual(['ConfigMap:n1/kept']);
});

test('where what is shown depends on other resources, it begins again', async () => {
  const { from, url } = opened;
  for (const asked of ['root=ConfigMap:n1/kept', 'health=ok', 'labelSelector=a=b'])
    expect((await firstEvent(`${url}/cluster/watch?revision=abcd0123-${from}&${asked}`)).event).toBe('resync');
});

interface Part {
  readonly revision: number;
  readonly resources: readonly Resource[];
  readonly relations: readonly Relation[];
}

interface Told {
  readonly resources?: { added?: Resource[]; changed?: Resource[]; removed?: string[] };
  readonly relations?: { added?: Relation[]; changed?: Relation[]; removed?: Relation[] };
  readonly touched?: { readonly [id: string]: string };
}

const keyOf = ({ type, source, target }: Pick<Relation, 'type' | 'source' | 'target'>) => `${type} ${source} ${target}`;

/** As the documentation says that readers do. */
function applied(part: Part, { resources = {}, relations = {}, touched = {} }: Told) {
  const byId = new Map(part.resources.map((each) => [each.id, each]));
  const byKey = new Map(part.relations.map((each) => [keyOf(each), each]));
  for (const each of [...(resources.added ?? []), ...(resources.changed ?? [])]) byId.set(each.id, each);
  for (const id of resources.removed ?? []) byId.delete(id);
  for (const [id, timestamp] of Object.entries(touched)) byId.set(id, { ...(byId.get(id) as Resource), timestamp });
  for (const each of [...(relations.added ?? []), ...(relations.changed ?? [])]) byKey.set(keyOf(each), each);
  for (const each of relations.removed ?? []) byKey.delete(keyOf(each));
  return [Object.fromEntries([...byId].sort()), Object.fromEntries([...byKey].sort())];
}

const askable = fc.record(
  {
    type: fc.constantFrom('pod,svc', '!pod', '*'),
    namespace: fc.constantFrom('n1', '!n1'),
    relation: fc.constantFrom('runs', '!contains'),
    properties: fc.constant('false'),
    reasons: fc.constant('false'),
  },
  { requiredKeys: [] },
);

test('whatever part is followed: what was missed, applied to the answer of then, is the answer of now', async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.array(step, { minLength: 20, maxLength: 60 }),
      fc.array(askable, { minLength: 6, maxLength: 6 }),
      async (steps, questions) => {
        const recorded = createRecordedApp();
        onTestFinished(() => recorded.close());
        const world = createWorld(recorded);
        const half = steps.length / 2;
        for (const each of steps.slice(0, half)) world.run(each);
        await recorded.start();
        const pathOf = (asked: object) => `/cluster?${new URLSearchParams({ ...asked })}`;
        const before = await Promise.all(questions.map((asked) => recorded.json<Part>(pathOf(asked))));
        for (const each of steps.slice(half)) world.run(each);
        const missed = new MissedChanges({
          context: { epoch: 'abcd0123', history: recorded.history.whole() },
          logger: silentLogger,
        });
        for (const [i, asked] of questions.entries()) {
          const then = before[i] as Part;
          const narrowing = narrowingOf(asked, { typesNamed: recorded.names.meant, graph: recorded.engine } as never);
          const followed = { ...narrowing, trim: trimOf(asked as TrimParameters) };
          const found = await missed.since(then.revision, followed, '');
          const told = JSON.parse(found?.line ?? '') as Told;
          expect(applied(then, told)).toEqual(applied(await recorded.json<Part>(pathOf(asked)), {}));
        }
        await recorded.close();
      },
    ),
    { numRuns: 4 },
  );
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
