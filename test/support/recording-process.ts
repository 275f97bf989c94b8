// A process that records the history of a graph that changes all the time, and tells of moments that are on disk: what was
// answered then. To be ended without warning.
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
  // Others have their turn: what is handed over is being written while the next change comes.
  await new Promise((resolve) => setTimeout(resolve, 1));
  if (i % 10 > 0) continue;
  const { revision } = recorded.engine;
  const { text } = await recorded.ask('/cluster');
  // What history has told is written.
  const { status } = await recorded.ask(`/cluster?at=${epoch}-${revision}`);
  if (status === 200)
    process.stdout.write(
      `${JSON.stringify({ epoch, revision, hash: createHash('sha256').update(text).digest('hex') })}\n`,
    );
}
