import { expect, test } from 'vitest';
import { createStanding, type Standing } from '../../../../master/sources/kubernetes/standing.ts';
import { createLogger } from '../../../../src/logger.ts';
import { createMemorySink, type MemorySink } from '../../../support/memory-sink.ts';
import { createVirtualTime, type VirtualTime } from '../../../support/virtual-time.ts';

interface Scene {
  readonly standing: Standing;
  readonly sink: MemorySink;
  readonly time: VirtualTime;
  readonly lines: string[];
}

function scene(): Scene {
  const time = createVirtualTime();
  const sink = createMemorySink();
  const lines: string[] = [];
  const destination = { write: (line: string) => void lines.push(JSON.parse(line).msg) };
  const logger = createLogger({ level: 'info', format: 'json', destination });
  const standing = createStanding({
    type: 'Pod',
    sink,
    logger,
    clock: time.clock,
    delay: time.sleep,
    grace: 5000,
    refresh: 10_000,
  });
  return { standing, sink, time, lines };
}

test('trouble that passes soon is told at once, and leaves no line in the log', async () => {
  const { standing, sink, time, lines } = scene();
  standing.listed(undefined, 'watch');
  standing.trouble('watch', 'cut');
  await time.advance(4999);
  standing.recovered('watch');
  await time.advance(60_000);
  expect(sink.states).toEqual(['syncing', 'synced', 'stale: cut', 'synced']);
  expect(lines).toEqual([]);
});

test('trouble that lasts is logged with its newest reason, and is as old as its beginning; its end is logged too', async () => {
  const { standing, sink, time, lines } = scene();
  standing.listed(undefined, 'watch');
  standing.trouble('watch', 'cut');
  standing.trouble('watch', 'refused');
  await time.advance(5000);
  standing.trouble('watch', 'refused again');
  await time.advance(60_000);
  expect(standing.current()).toEqual({ state: 'stale', since: '2023-11-14T22:13:20.000Z', reason: 'refused again' });
  standing.recovered('watch');
  expect(sink.states).toEqual(['syncing', 'synced', 'stale: cut', 'stale: refused', 'stale: refused again', 'synced']);
  expect(lines).toEqual(['Pod: stale', 'Pod: synced']);
});

test('one part that recovers does not speak for another', async () => {
  const { standing, time } = scene();
  standing.listed(undefined, 'watch');
  standing.trouble('watch a', 'cut');
  standing.trouble('watch b', 'cut');
  standing.recovered('watch a');
  await time.advance(5000);
  expect(standing.current().state).toBe('stale');
  standing.recovered('watch b');
  expect(standing.current().state).toBe('synced');
});

test('before the first list it is still syncing, and says why', async () => {
  const { standing, sink, time } = scene();
  standing.trouble('list', 'the API server is starting');
  await time.advance(5000);
  standing.recovered('list');
  expect(sink.states).toEqual(['syncing', 'syncing: the API server is starting']);
});

test('what was only partly allowed is that again after trouble', async () => {
  const { standing, sink, time } = scene();
  standing.listed('namespace b: no', 'watch');
  standing.trouble('watch a', 'cut');
  await time.advance(5000);
  standing.recovered('watch a');
  expect(sink.states).toEqual(['syncing', 'forbidden: namespace b: no', 'stale: cut', 'forbidden: namespace b: no']);
});

test('a forbidden kind is not made stale by trouble', async () => {
  const { standing, sink, time } = scene();
  standing.listed(undefined, 'watch');
  standing.set('forbidden', 'no');
  standing.trouble('list', 'away');
  await time.advance(5000);
  expect(sink.states.at(-1)).toBe('forbidden: no');
});

test('nothing is told after closing', async () => {
  const { standing, sink, time } = scene();
  standing.listed(undefined, 'watch');
  standing.trouble('watch', 'cut');
  standing.close();
  await time.advance(60_000);
  expect(sink.states).toEqual(['syncing', 'synced', 'stale: cut']);
});
