import { describe, expect, test } from 'vitest';
import type { Engine } from '../../minion/engine.ts';
import type { Runtime, RuntimeWatcher } from '../../minion/runtimes/runtime.ts';
import { watchEvents } from '../../minion/watcher.ts';
import { silentLogger } from '../../src/logger.ts';

type Outcome = 'ended' | 'unserved';

/** A minion's watcher over a runtime whose `watch` the test defines; pauses are recorded and skipped. */
function world(watch: (watcher: RuntimeWatcher, signal: AbortSignal, time: number) => Promise<Outcome>, rounds = 3) {
  const ending = new AbortController();
  const told: string[] = [];
  let times = 0;
  const runtime = {
    watch: (watcher: RuntimeWatcher, signal: AbortSignal) => watch(watcher, signal, ++times),
    ping: async () => void told.push('ping'),
  } as Partial<Runtime> as Runtime;
  const engine: Engine = {
    current: async () => runtime,
    async call(name, ask) {
      told.push(`call ${name}`);
      return ask(runtime);
    },
    state: () => true,
    close: () => undefined,
  };
  const say = (what: string) => (id?: string) => void told.push(id === undefined ? what : `${what} ${id}`);
  const snapshot = {
    watching: say('watching'),
    unwatched: say('unwatched'),
    containerChanged: say('container'),
    imageChanged: say('image'),
  };
  const backoff = { next: () => (told.push('back-off'), 0), reset: say('reset') };
  const sleep = async (ms: number) => {
    told.push(`sleep ${ms}`);
    if (told.filter((line) => line.startsWith('sleep')).length >= rounds) ending.abort();
  };
  const run = () =>
    watchEvents({ engine, snapshot, backoff, logger: silentLogger, unservedFor: 4711, sleep }, ending.signal);
  return { told, ending, run };
}

describe('the watcher', () => {
  test('hands on what the runtime says, and says when nothing is missed from then on', async () => {
    const { told, run } = world(async (watcher) => {
      watcher.watching();
      watcher.containerChanged('c1');
      watcher.imageChanged('i1');
      return 'ended';
    }, 1);
    await run();
    expect(told).toEqual([
      'call events',
      'reset',
      'watching',
      'container c1',
      'image i1',
      'unwatched',
      'call ping',
      'ping',
      'back-off',
      'sleep 0',
    ]);
  });

  test('begins again after the events ended, and after they broke off, each time after a pause', async () => {
    const { told, run } = world(async (_watcher, _signal, time) => {
      if (time === 2) throw new Error('broken');
      return 'ended';
    });
    await run();
    const round = ['call events', 'unwatched', 'call ping', 'ping', 'back-off', 'sleep 0'];
    expect(told).toEqual([...round, ...round, ...round]);
  });

  test('resets the back-off only where events really came', async () => {
    const { told, run } = world(async (watcher, _signal, time) => {
      if (time === 2) watcher.watching();
      return 'ended';
    });
    await run();
    expect(told.filter((line) => line === 'reset')).toHaveLength(1);
  });

  test('leaves a runtime without events alone for long, without a back-off', async () => {
    const { told, run } = world(async () => 'unserved', 2);
    await run();
    expect(told.filter((line) => line.startsWith('sleep'))).toEqual(['sleep 4711', 'sleep 4711']);
    expect(told).not.toContain('back-off');
    expect(told).not.toContain('watching');
  });

  test('ends with its signal: it says that nothing is watched any more, and asks nothing more', async () => {
    const { told, ending, run } = world(
      (_watcher, signal) =>
        new Promise((resolve) => signal.addEventListener('abort', () => resolve('ended'), { once: true })),
    );
    const running = run();
    await Promise.resolve();
    ending.abort();
    await running;
    expect(told.slice(0, 2)).toEqual(['call events', 'unwatched']);
    expect(told).not.toContain('call ping');
    const { told: never, ending: ended, run: late } = world(async () => 'ended');
    ended.abort();
    await late();
    expect(never).toEqual([]);
  });

  test('survives a runtime that cannot even be asked whether it lives', async () => {
    const { told, run } = world(async () => {
      throw new Error('gone');
    }, 2);
    await run();
    expect(told.filter((line) => line === 'unwatched')).toHaveLength(2);
  });
});
