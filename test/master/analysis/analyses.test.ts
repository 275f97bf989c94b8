import { expect, it } from 'vitest';
import { Analyses } from '../../../master/analysis/analyses.ts';

const { signal } = new AbortController();
/** A ring: betweenness takes a walk from each vertex. */
const ring = (resources: number) =>
  Uint32Array.from({ length: resources * 2 }, (_, i) => (i % 2 === 0 ? i / 2 : ((i + 1) / 2) % resources));

it('an analysis runs in a thread of its own', async () => {
  const analyses = new Analyses();
  expect(await analyses.run({ of: 'cycles', resources: 3, ends: ring(3) }, signal)).toEqual([{ resources: [0, 1, 2] }]);
  await analyses.close();
});

it('one that takes too long is ended, and says what to do', async () => {
  const analyses = new Analyses({ patience: 1 });
  const asked = analyses.run({ of: 'centrality', resources: 5000, ends: ring(5000) }, signal);
  await expect(asked).rejects.toMatchObject({
    code: 'query_too_large',
    message: expect.stringContaining('namespace='),
  });
  await analyses.close();
});

it('ends an analysis that no one waits for any more', async () => {
  const analyses = new Analyses();
  const gone = new AbortController();
  const asked = analyses.run({ of: 'centrality', resources: 5000, ends: ring(5000) }, gone.signal);
  gone.abort();
  await expect(asked).rejects.toMatchObject({ code: 'client_gone' });
  await analyses.close();
});
