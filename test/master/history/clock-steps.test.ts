// A clock that is set forward or back while a master runs. Times of a recording do not go back: what happens after a clock was set back is
// recorded at the latest moment so far, and `now` is never before that. The real store and threads, with a clock of the test.
import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { describe, expect, onTestFinished, test } from 'vitest';
import { HeldClock } from '../../../master/history/held-clock.ts';
import { kindNamed } from '../../support/random-cluster.ts';
import { createRecordedApp } from '../../support/recorded-app.ts';

const minute = 60_000;
const hour = 60 * minute;

interface Difference {
  readonly resources: { readonly added: { readonly id: string }[]; readonly changed: { readonly id: string }[] };
  readonly gaps: readonly unknown[];
}

async function open() {
  const offset = new SharedArrayBuffer(8);
  const view = new Float64Array(offset);
  const recorded = createRecordedApp({ offset, times: { together: 1, look: 5 } });
  onTestFinished(() => recorded.close());
  let made = 0;
  const put = () => {
    const name = `c${++made}`;
    recorded.store
      .sinkOf(kindNamed('ConfigMap'))
      .event('ADDED', { metadata: { name, namespace: 'n1', uid: name } } as never);
    return `ConfigMap:n1/${name}`;
  };
  const step = (milliseconds: number) => {
    view[0] = (view[0] ?? 0) + milliseconds;
  };
  put();
  await recorded.start();
  step(10 * minute);
  put();
  return { recorded, put, step };
}

/** Whatever is asked about the present tells of a change that has just happened. */
async function checkPresent({ recorded }: Awaited<ReturnType<typeof open>>, id: string): Promise<void> {
  const live = await recorded.ask('/cluster');
  expect((await recorded.ask('/cluster?at=now')).text).toBe(live.text);
  const { timestamp, revision } = JSON.parse(live.text) as { timestamp: string; revision: number };
  expect((await recorded.ask(`/cluster?at=${timestamp}`)).text).toBe(live.text);
  expect((await recorded.ask(`/cluster?at=abcd0123-${revision}`)).text).toBe(live.text);
  const since = await recorded.json<Difference>('/cluster/diff?from=-5m');
  expect(since.resources.added.map((each) => each.id)).toContain(id);
  const life = await recorded.json<{ versions: { change: string; timestamp: string }[] }>(
    `/cluster/history/configmap/${id.slice('ConfigMap:'.length)}`,
  );
  expect(life.versions.map(({ change }) => change)).toEqual(['added']);
  const { buckets } = await recorded.json<{ buckets: { groups: Record<string, { added: number }> }[] }>(
    '/cluster/timeline?from=-5m&buckets=5&by=type',
  );
  expect(buckets.reduce((sum, { groups }) => sum + (groups['ConfigMap']?.added ?? 0), 0)).toBeGreaterThan(0);
}

test.each([
  ['forward an hour', [hour]],
  ['back an hour', [-hour]],
  ['back a minute and forward again', [-minute, minute]],
  ['forward an hour and back again', [hour, -hour]],
  ['back, on, and further back', [-minute, 10_000, -hour]],
])('a clock that goes %s hides nothing of what happens then', async (_, steps) => {
  const opened = await open();
  await checkPresent(opened, 'ConfigMap:n1/c2');
  for (const each of steps) {
    opened.step(each);
    const id = opened.put();
    await checkPresent(opened, id);
    expect(opened.recorded.engine.get(id)).toBeDefined();
  }
});

test('where it is set back, how far the recording is ahead is told', async () => {
  const opened = await open();
  const { recorded, put, step } = opened;
  const ahead = async () => (await recorded.json<{ aheadSeconds?: number }>('/cluster/history')).aheadSeconds;
  expect(await ahead()).toBeUndefined();
  step(hour);
  put();
  expect(await ahead()).toBeUndefined();
  step(-hour);
  put();
  expect(await ahead()).toBeGreaterThan(1800);
  const { segments } = await recorded.json<{ segments: { from: string; to: string }[] }>('/cluster/history');
  expect(Date.parse(segments.at(-1)?.to ?? '')).toBeGreaterThan(Date.now() + 65 * minute);
});

test('what was told to last is told again, however the clock is set, and moments of the record are in order', async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.array(fc.constantFrom(-hour, -minute, -1000, 0, 1000, minute, hour), { minLength: 3, maxLength: 8 }),
      async (steps) => {
        const opened = await open();
        const { recorded, put, step } = opened;
        const lasting = new Map<string, string>();
        const look = async (path: string) => {
          const { text, headers } = await recorded.ask(path);
          if (String(headers['cache-control']).includes('immutable')) lasting.set(path, text);
        };
        for (const each of steps) {
          put();
          await look(`/cluster?at=abcd0123-${recorded.engine.revision}`);
          const { segments } = await recorded.json<{ segments: { to: string }[] }>('/cluster/history');
          const to = Date.parse(segments.at(-1)?.to ?? '');
          for (const ago of [0, 1, 500, 30_000, 9 * minute])
            await look(`/cluster?at=${new Date(to - ago).toISOString()}`);
          step(each);
        }
        put();
        for (const [path, text] of lasting) expect((await recorded.ask(path)).text).toBe(text);
        expect(lasting.size).toBeGreaterThan(0);
        await recorded.close();
      },
    ),
    { numRuns: 4 },
  );
});

describe('a master that starts with its clock a year ahead', () => {
  const year = 365 * 24 * hour;

  test('removes nothing for that, says so, and goes on when the clock is right', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'clock-'));
    onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
    const live = new Map<string, string>();
    for (const [epoch, ahead] of [
      ['00000001', 0],
      ['00000002', 0],
      ['00000003', year],
      ['00000004', 0],
      ['00000005', 0],
    ] as const) {
      // As docs/operations.md says: what a wrong clock recorded goes, and time is right again.
      if (epoch === '00000005')
        for (const name of readdirSync(folder))
          if (Number(name.slice(0, 15)) > Date.now() + hour) rmSync(join(folder, name));
      const offset = new SharedArrayBuffer(8);
      new Float64Array(offset)[0] = ahead;
      const recorded = createRecordedApp({ folder, epoch, offset, times: { together: 1, look: 5 } });
      try {
        await recorded.start();
        recorded.store
          .sinkOf(kindNamed('ConfigMap'))
          .event('ADDED', { metadata: { name: epoch, namespace: 'n1', uid: epoch } } as never);
        const told = () => recorded.json<{ aheadSeconds?: number; clockAheadSeconds?: number }>('/cluster/history');
        // It is looked for again and again what is too old.
        await expect
          .poll(async () => ((await told()).clockAheadSeconds ?? 0) > 300 * 24 * 3600, { timeout: 20_000 })
          .toBe(ahead > 0);
        const { aheadSeconds = 0 } = await told();
        expect(aheadSeconds > 300 * 24 * 3600).toBe(epoch === '00000004');
        for (const [at, text] of live) {
          const { status, text: told } = await recorded.ask(`/cluster?at=${at}`);
          if (epoch === '00000005' && at >= '00000003') expect(status).toBe(410);
          else expect(told).toBe(text);
        }
        live.set(`${epoch}-${recorded.engine.revision}`, (await recorded.ask('/cluster')).text);
      } finally {
        await recorded.close();
      }
    }
  }, 60_000);
});

test('what is too old is told by a clock that has stayed where it was set', () => {
  let wall = Date.UTC(2026, 10, 1);
  let elapsed = 0;
  const clock = new HeldClock(
    () => wall,
    () => elapsed,
  );
  const pass = (milliseconds: number) => {
    wall += milliseconds;
    elapsed += milliseconds;
  };
  const begun = wall;
  pass(minute);
  expect(clock.now()).toBe(begun + minute);
  // A year ahead for half an hour: nothing becomes old by it.
  wall += 365 * 24 * hour;
  for (let i = 0; i < 30; i++) {
    pass(minute);
    expect(clock.now()).toBe(begun + (2 + i) * minute);
  }
  wall -= 365 * 24 * hour;
  pass(minute);
  expect(clock.now()).toBe(wall);
  // Back is believed at once.
  wall -= 3 * hour;
  expect(clock.now()).toBe(wall);
  // A day ahead, and it stays so, as after a machine slept.
  wall += 24 * hour;
  const before = clock.now();
  expect(before).toBeLessThan(wall - 20 * hour);
  pass(30 * minute);
  expect(clock.now()).toBe(before + 30 * minute);
  pass(30 * minute);
  expect(clock.now()).toBe(wall);
  pass(minute);
  expect(clock.now()).toBe(wall);
});

test('a clock that goes further ahead is believed when it has stayed there, not where it was before', () => {
  const written = Date.UTC(2026, 10, 1);
  let elapsed = 0;
  let ahead = 5 * minute;
  const clock = new HeldClock(
    () => written + ahead + elapsed,
    () => elapsed,
  );
  clock.heldFrom(written);
  clock.now();
  elapsed += 50 * minute;
  ahead += 365 * 24 * hour;
  expect(clock.now()).toBe(written + 50 * minute);
  elapsed += 30 * minute;
  expect(clock.now()).toBe(written + 80 * minute);
  elapsed += 30 * minute;
  expect(clock.now()).toBe(written + ahead + elapsed);
});

test('a clock that is far ahead of what was written last is believed when it has stayed there', () => {
  const written = Date.UTC(2026, 10, 1);
  let elapsed = 0;
  const clock = new HeldClock(
    () => written + 30 * 24 * hour + elapsed,
    () => elapsed,
  );
  clock.heldFrom(written);
  expect([clock.now(), clock.ahead]).toEqual([written, 30 * 24 * hour]);
  elapsed += 59 * minute;
  expect([clock.now(), clock.ahead]).toEqual([written + 59 * minute, 30 * 24 * hour]);
  elapsed += minute;
  expect([clock.now(), clock.ahead]).toEqual([written + 30 * 24 * hour + hour, 0]);
});
