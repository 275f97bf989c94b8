// Findings for answers that cannot wait until everything that changed was examined.
import { expect, test } from 'vitest';
import { FindingBook } from '../../../master/findings/book.ts';
import { FindingsDesk } from '../../../master/findings/desk.ts';
import { findingRules } from '../../../master/findings/index.ts';
import { deployment, findingGraph, noon, service } from '../../support/finding-graph.ts';

/** A desk whose rounds begin only while it is open. */
function desk(patience?: number) {
  const graph = findingGraph([deployment('web'), service('web')], { rules: findingRules });
  let open: () => void = () => {};
  let gate = Promise.resolve();
  const made = new FindingsDesk({
    graph: graph.graph.engine,
    book: new FindingBook(findingRules),
    clock: () => Date.parse(noon),
    run: async (steps) => {
      await gate;
      for (const _ of steps);
    },
    ...(patience !== undefined && { patience }),
  });
  const close = () => {
    gate = new Promise((resolve) => {
      open = resolve;
    });
  };
  return { made, graph, close, open: () => open() };
}

test('what is known is told soon, with how much was not examined again; later with nothing left', async () => {
  const { made, graph, close, open } = desk(0);
  await made.start();
  const before = made.findings.version;
  close();
  graph.put(service('cart', { selector: { app: 'none' } }));
  const late = await made.soon();
  expect(late.unjudged).toBeGreaterThan(0);
  expect(late.found.version).toBe(before);
  open();
  await made.current();
  const soon = await desk().made.soon();
  expect(soon.unjudged).toBe(0);
  expect([...made.findings.about('Service:shop/cart')]).toMatchObject([{ name: 'service-selects-nothing' }]);
  made.close();
});

test('without a bound the latest changes are waited for', async () => {
  const { made, graph, close, open } = desk();
  await made.start();
  close();
  graph.put(service('cart', { selector: { app: 'none' } }));
  const told = made.soon();
  open();
  const { found, unjudged } = await told;
  expect(unjudged).toBe(0);
  expect([...found.about('Service:shop/cart')]).toMatchObject([{ name: 'service-selects-nothing' }]);
  made.close();
});

test('during the first round nothing is waited for', async () => {
  const { made, close, open } = desk(0);
  close();
  const first = made.start();
  const { found, unjudged } = await made.soon();
  expect(found.settled).toBe(false);
  expect(unjudged).toBeGreaterThanOrEqual(0);
  open();
  await first;
  expect(found.settled).toBe(true);
  made.close();
});
