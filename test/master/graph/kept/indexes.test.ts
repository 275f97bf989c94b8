// Indexes that are built before they are asked for.
import { expect, test } from 'vitest';
import { Indexes } from '../../../../master/graph/kept/indexes.ts';
import { type Grouping, keyingOf } from '../../../../master/topology/groupings.ts';
import { zonesNow } from '../../../../master/topology/zone-of.ts';
import type { Steps } from '../../../../src/steps.ts';
import { createGraph } from '../../../support/random-cluster.ts';
import { finish } from '../../../support/steps.ts';

/** `runs` counts those that were built, and `fails` refuses the next. */
function kept() {
  const { engine } = createGraph();
  const seen = { runs: 0, atOnce: 0, fails: false };
  const indexes = new Indexes(engine, async (steps: Steps<void>) => {
    expect(++seen.atOnce).toBe(1);
    await Promise.resolve();
    seen.atOnce--;
    if (seen.fails) throw new Error('refused');
    seen.runs++;
    finish(steps);
  });
  const of = (by: Grouping) => ({ by, keying: keyingOf(by), zones: () => zonesNow(engine) });
  return { indexes, seen, of };
}

test('are not built for one that asks for a single grouping', async () => {
  const { indexes, seen, of } = kept();
  for (let i = 0; i < 3; i++) {
    await indexes.groups(of('namespace'));
    await indexes.prepare([of('node'), of('zone')]);
  }
  expect(seen.runs).toBe(1);
  indexes.close();
});

test('are built one after the other, once, when a second grouping is asked for, and serve later callers', async () => {
  const { indexes, seen, of } = kept();
  await indexes.groups(of('namespace'));
  await indexes.groups(of('node'));
  await indexes.prepare([of('node'), of('zone'), of('type')]);
  await indexes.prepare([of('application')]);
  expect(seen.runs).toBe(4);
  expect(await indexes.groups(of('zone'))).toBe(await indexes.groups(of('zone')));
  expect(seen.runs).toBe(4);
  await indexes.groups(of('application'));
  expect(seen.runs).toBe(5);
  indexes.close();
});

test('one that cannot be built delays none, and is built when it is asked for', async () => {
  const { indexes, seen, of } = kept();
  await indexes.groups(of('namespace'));
  await indexes.groups(of('type'));
  seen.fails = true;
  await indexes.prepare([of('node'), of('zone')]);
  expect(seen.runs).toBe(2);
  seen.fails = false;
  await indexes.groups(of('zone'));
  expect(seen.runs).toBe(3);
  indexes.close();
});
