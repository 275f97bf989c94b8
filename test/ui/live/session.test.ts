import { afterEach, expect, test } from 'vitest';
import type { Resource } from '../../../src/model.ts';
import { ApiError } from '../../../ui/live/api.ts';
import { Session } from '../../../ui/live/session.ts';
import { start } from '../../../ui/state/view-state.ts';
import { lanes } from '../../../ui/views/lanes.ts';
import { wall } from '../../../ui/views/wall.ts';

const pod = (name: string, label = name): Resource => ({
  id: `Pod:shop/${name}`,
  type: 'Pod',
  timestamp: 'T',
  properties: {},
  annotations: { label },
});
const state = { ...start, view: 'lanes' as const, namespace: 'shop' };

/** A master whose answers and stream the test defines. */
function createWorld() {
  const world = {
    resources: [pod('a')],
    revision: 1,
    epoch: 'abcd0123',
    failure: undefined as ApiError | undefined,
    asked: 0,
    streams: [] as ReadableStreamDefaultController<Uint8Array>[],
    free: true,
    now: 0,
    /** Delays the next answer until it resolves. */
    hold: undefined as Promise<void> | undefined,
    send(text: string) {
      for (const stream of world.streams) stream.enqueue(new TextEncoder().encode(text));
    },
    change(revision: number, resources: object) {
      world.send(
        `id: ${world.epoch}-${revision}\nevent: change\ndata: ${JSON.stringify({ revision, timestamp: 'T', resources })}\n\n`,
      );
    },
  };
  const session = new Session({
    api: {
      async ask(_path: string, { etag }: { etag?: string | undefined } = {}) {
        world.asked++;
        if (world.failure) throw world.failure;
        const answer = { revision: world.revision, timestamp: 'T', resources: [...world.resources], relations: [] };
        const tag = `"${world.epoch}-${world.revision}"`;
        await world.hold;
        return etag === tag ? undefined : { body: answer as never, etag: tag };
      },
      async send(_path, _headers, { signal } = {}) {
        if (world.failure) throw world.failure;
        return new Response(
          new ReadableStream({
            start(stream) {
              world.streams = [stream];
              signal?.addEventListener('abort', () => stream.error(new Error('aborted')));
            },
          }),
        );
      },
    },
    slot: async () => (world.free ? () => undefined : undefined),
    clock: () => world.now,
    delay: (ms, signal) =>
      new Promise((resolve) => {
        const timer = setTimeout(resolve, Math.min(ms, 5));
        signal.addEventListener('abort', () => {
          clearTimeout(timer);
          resolve();
        });
      }),
    onUpdate: () => undefined,
  });
  opened.push(session);
  return { world, session };
}

const opened: Session[] = [];
afterEach(() => opened.splice(0).forEach((session) => session.pause()));

async function until(holds: () => boolean, what: string): Promise<void> {
  for (let n = 0; n < 1000; n++) {
    if (holds()) return;
    await new Promise((resolve) => setTimeout(resolve, 2));
  }
  expect.unreachable(`never: ${what}`);
}

const labels = (session: Session) =>
  session.model
    .resources()
    .map(({ annotations }) => annotations.label)
    .sort();

test('loads, follows, and applies what came at the next frame', async () => {
  const { world, session } = createWorld();
  session.show(lanes, state);
  await until(() => session.standing === 'live', 'live');
  expect(labels(session)).toEqual(['a']);
  world.change(2, { added: [pod('b')], changed: [pod('a', 'A')] });
  await until(() => session.flush(), 'a change');
  expect(labels(session)).toEqual(['A', 'b']);
});

test('when paused, stays unchanged and continues from there', async () => {
  const { world, session } = createWorld();
  session.show(lanes, state);
  await until(() => session.standing === 'live', 'live');
  session.pause();
  expect([session.standing, session.flush()]).toEqual(['paused', false]);
  session.resume();
  await until(() => session.standing === 'live', 'live again');
  world.change(3, { removed: ['Pod:shop/a'] });
  await until(() => session.flush(), 'a change');
  expect(labels(session)).toEqual([]);
});

test('after a resync, as of another process, it asks again and shows the new graph', async () => {
  const { world, session } = createWorld();
  session.show(lanes, state);
  await until(() => session.standing === 'live', 'live');
  world.epoch = 'ffff0000';
  world.revision = 1;
  world.resources = [pod('c')];
  world.send('id: ffff0000-1\nevent: resync\ndata: {"revision":1}\n\n');
  await until(() => labels(session).join() === 'c', 'the new state');
  world.change(2, { added: [pod('d')] });
  await until(() => session.flush(), 'a change of the new process');
  expect(labels(session)).toEqual(['c', 'd']);
});

test('an answer that is older than what the stream told meanwhile undoes nothing', async () => {
  const { world, session } = createWorld();
  session.show(lanes, state);
  await until(() => session.standing === 'live', 'live');
  let answer = () => {};
  world.hold = new Promise((resolve) => {
    answer = resolve;
  });
  world.revision = 2;
  world.now = 60_000;
  world.change(2, { changed: [pod('a', 'second')] });
  await until(() => session.flush(), 'the second');
  world.now = 120_000;
  await until(() => world.asked === 2, 'the question that looks again');
  world.change(3, { changed: [pod('a', 'third')] });
  await until(() => session.flush(), 'the third');
  answer();
  world.hold = undefined;
  await new Promise((resolve) => setTimeout(resolve, 30));
  expect([labels(session), session.model.revision]).toEqual([['third'], 3]);
});

test('without a place for a stream it asks from time to time, and streams when one is free', async () => {
  const { world, session } = createWorld();
  world.free = false;
  session.show(lanes, state);
  await until(() => session.standing === 'polling', 'polling');
  world.revision = 2;
  world.resources = [pod('b')];
  await until(() => labels(session).join() === 'b', 'what was asked for');
  world.free = true;
  await until(() => session.standing === 'live', 'live');
  expect(labels(session)).toEqual(['b']);
});

test.each([
  [new ApiError(0, 'offline', 'gone'), 'offline'],
  [new ApiError(401, 'unauthorized', 'who?'), 'refused'],
  [new ApiError(413, 'query_too_large', 'too much'), 'refused'],
  [new ApiError(503, 'not_ready', 'soon', 1), 'offline'],
] as const)('what fails is told: %s', async (failure, standing) => {
  const { world, session } = createWorld();
  world.failure = failure;
  session.show(lanes, state);
  await until(() => session.standing === standing, standing);
  expect([session.failure?.message, session.hasLoaded]).toEqual([failure.message, false]);
  world.failure = undefined;
  if (standing === 'refused') session.again();
  await until(() => session.hasLoaded && session.failure === undefined, 'an answer');
});

test('a hidden tab releases its stream, and opens one again when visible', async () => {
  const { session, world } = createWorld();
  session.show(lanes, state);
  await until(() => session.standing === 'live', 'live');
  const [before] = world.streams;
  session.hide();
  session.unhide();
  await until(() => world.streams[0] !== before && session.standing === 'live', 'another stream');
  expect(world.streams[0]).not.toBe(before);
});

test('a wall takes its groups from the stream, and asks nothing again while that tells everything', async () => {
  const { world, session } = createWorld();
  session.show(wall, { ...start, by: 'namespace' });
  await until(() => session.standing === 'live', 'the stream');
  const asked = world.asked;
  world.change(2, { changed: [{ ...pod('a'), properties: { resources: 7 } }], added: [pod('b')] });
  await until(() => session.flush(), 'the change');
  world.now += 60_000;
  await new Promise((resolve) => setTimeout(resolve, 50));
  expect(session.model.resources().map(({ id, properties }) => [id, properties])).toEqual([
    ['Pod:shop/a', { resources: 7 }],
    ['Pod:shop/b', {}],
  ]);
  expect(world.asked).toBe(asked);
});
