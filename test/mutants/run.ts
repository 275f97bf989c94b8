// `npm run mutants -- FOLDER`: a sample of changed files, each run against the tests that reach it.
import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { filesBelow, root } from '../support/source-tree.ts';
import { type Mutation, mutationsOf } from './mutations.ts';
import { createReach } from './reach.ts';

interface Mutant extends Mutation {
  readonly path: string;
}

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    count: { type: 'string', default: '12' },
    seed: { type: 'string', default: '1' },
    tests: { type: 'string', default: '30' },
    workers: { type: 'string', default: '2' },
  },
});
const nearest = 4;
const folders = positionals.length > 0 ? positionals : ['master', 'minion', 'cli', 'src'];
const reach = createReach();

let survivors = 0;
for (const folder of folders) {
  const sample = drawn(mutantsBelow(folder), Number(values.count), Number(values.seed));
  if (sample.length === 0) throw new Error(`nothing below ${folder} can be changed`);
  const alive = sample.filter((mutant) => !isKilled(mutant));
  survivors += alive.length;
  console.log(`${folder}: ${sample.length - alive.length} of ${sample.length} killed`);
}
process.exitCode = survivors > 0 ? 1 : 0;

function mutantsBelow(folder: string): Mutant[] {
  const files = filesBelow(folder).filter(({ path }) => !path.includes('/recorded/'));
  return files.flatMap(({ path, text }) => mutationsOf(text).map((mutation) => ({ ...mutation, path })));
}

/** The same seed yields the same sample of the same source. */
function drawn(all: readonly Mutant[], count: number, seed: number): Mutant[] {
  const left = [...all];
  let state = seed;
  const next = (below: number) => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return Math.floor((state / 2 ** 32) * below);
  };
  return Array.from({ length: Math.min(count, left.length) }, () => left.splice(next(left.length), 1)[0] as Mutant);
}

function isKilled(mutant: Mutant): boolean {
  const tests = reach(mutant.path).slice(0, Number(values.tests));
  const killed = staged(tests).some((some) => !passes(mutant, some));
  const verdict = killed ? 'killed  ' : tests.length > 0 ? 'SURVIVED' : 'UNTESTED';
  console.log(`${verdict} ${mutant.path}:${mutant.line}\n  - ${mutant.before}\n  + ${mutant.after}`);
  return killed;
}

/** The nearest tests kill most mutants, so the others run only if those pass. */
function staged(tests: readonly string[]): readonly (readonly string[])[] {
  return [tests.slice(0, nearest), tests.slice(nearest)].filter((some) => some.length > 0);
}

/** A run that hangs counts as failed. */
function passes({ path, from, to, text }: Mutant, tests: readonly string[]): boolean {
  const config = ['--config', 'test/mutants/vitest.config.ts', `--maxWorkers=${values.workers}`];
  const options = ['run', ...config, '--reporter=dot', ...tests];
  const mutant = JSON.stringify({ path: join(root, path), from, to, text });
  const { status } = spawnSync(join(root, 'node_modules/.bin/vitest'), options, {
    cwd: root,
    env: { ...process.env, MUTANT: mutant, NODE_OPTIONS: `--import=${join(import.meta.dirname, 'loader.js')}` },
    stdio: 'ignore',
    timeout: 600_000,
  });
  return status === 0;
}
