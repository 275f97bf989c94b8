import fc from 'fast-check';
import { describe, expect, onTestFinished, test } from 'vitest';
import { step, createWorld } from '../../support/random-steps.ts';
import { createRecordedApp, type RecordedAppOptions } from '../../support/recorded-app.ts';

/** The clock of the graph: it goes on by itself, so that each moment is its own. */
function createTime() {
  let now = Date.now() - 3_600_000;
  return { clock: () => ++now, now: () => now };
}

function open(options: RecordedAppOptions = {}) {
  const recorded = createRecordedApp(options);
  onTestFinished(() => recorded.close());
  return recorded;
}

describe('the graph at a moment', () => {
  test('is, byte for byte, what /cluster answered then, at two hundred moments while everything changes', async () => {
    const time = createTime();
    const recorded = open({ clock: time.clock });
    const world = createWorld(recorded);
    const steps = fc.sample(step, { numRuns: 420, seed: 19 });
    for (const each of steps.slice(0, 20)) world.run(each);
    await recorded.start();
    const seen: { readonly at: string; readonly text: string }[] = [];
    for (const [i, each] of steps.slice(20).entries()) {
      world.run(each);
      if (i % 2 > 0) continue;
      const { text } = await recorded.ask('/cluster?completeness=full');
      seen.push({ at: new Date(time.now()).toISOString(), text });
    }
    expect(seen.length).toBe(200);
    for (const { at, text } of seen) {
      const then = await recorded.ask(`/cluster?completeness=full&at=${at}`);
      expect({ at, text: then.text }).toEqual({ at, text });
    }
  }, 60_000);
});
