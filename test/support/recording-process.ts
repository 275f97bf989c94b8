// A process that records the history of a constantly changing graph, and prints moments that are on disk with the answers given
// then. To be killed.
import { createHash } from 'node:crypto';
import fc from 'fast-check';
import { createWorld, step } from './random-steps.ts';
import { createRecordedApp } from './recorded-app.ts';

const [folder = '', epoch = '', seed = '0'] = process.argv.slice(2);
const recorded = createRecordedApp({ folder, epoch, times: { together: 5 } });
const world = createWorld(recorded);
const steps = fc.sample(step, { numRuns: 4000, seed: Number(seed) });
for (const each of steps.slice(0, 40)) world.run(each);
await recorded.start();
process.stdout.write('started\n');
for (const [i, each] of steps.slice(40).entries()) {
  world.run(each);
  // Lets the thread write while the next change arrives.
  await new Promise((resolve) => setTimeout(resolve, 1));
  if (i % 10 > 0) continue;
  const { revision } = recorded.engine;
  const { text } = await recorded.ask('/cluster');
  // Once history returns it, it is on disk.
  const { status } = await recorded.ask(`/cluster?at=${epoch}-${revision}`);
  if (status === 200)
    process.stdout.write(
      `${JSON.stringify({ epoch, revision, hash: createHash('sha256').update(text).digest('hex') })}\n`,
    );
}
