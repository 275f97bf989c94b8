// Takes the place of fast-check in tests (vitest.config.ts), so that one environment sets all random tests. `npm test` gives the
// same inputs each time: a failure of it is repeatable, and it judges the change and not the luck of the run. Other inputs, and
// more of them, are tried by RANDOM_SEED and RANDOM_RUNS.
import { createRequire } from 'node:module';
import type * as fastCheck from 'fast-check';

type FastCheck = typeof fastCheck;

// It is required, as an import of this name would come back to this file.
const original = createRequire(import.meta.url)('fast-check') as FastCheck;

const usualRuns = 100;
const { RANDOM_SEED = '1', RANDOM_RUNS = '1' } = process.env;
const times = wholeNumber('RANDOM_RUNS', RANDOM_RUNS);
original.configureGlobal(RANDOM_SEED === 'random' ? {} : { seed: wholeNumber('RANDOM_SEED', RANDOM_SEED) });

function wholeNumber(setting: string, text: string): number {
  const number = Number(text);
  if (text.trim() === '' || !Number.isSafeInteger(number) || number < 1)
    throw new Error(`${setting} is "${text}"; give a whole number of at least 1`);
  return number;
}

const assert = ((property: fastCheck.IRawProperty<unknown>, parameters?: fastCheck.Parameters<unknown>) =>
  original.assert(property, {
    ...parameters,
    numRuns: times * (parameters?.numRuns ?? usualRuns),
  })) as FastCheck['assert'];

export default { ...original, assert };
