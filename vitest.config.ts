// How the tests run: plain ones in parallel, then those that start engines and processes, two at a time, because they mostly
// wait.

import { fileURLToPath } from 'node:url';
import { defineConfig } from 'vitest/config';
import { apiServerProgram } from './test/support/api-server-program.ts';

if (Number.parseInt(process.versions.node, 10) < 24)
  throw new Error(`The tests need Node 24 or newer, not ${process.version}: npm test runs them with its own`);

const real = ['test/engines/**/*.test.ts', 'test/e2e/**/*.test.ts', 'test/**/engines.test.ts'];

/** More runs of random tests take longer. */
const times = Number(process.env.RANDOM_RUNS ?? 1);

export default defineConfig({
  resolve: {
    alias: [
      {
        find: /^fast-check$/,
        replacement: fileURLToPath(new URL('test/support/random-runs.ts', import.meta.url)),
      },
    ],
  },
  test: {
    pool: 'forks',
    // Only hanging tests reach these limits, however slow the machine.
    testTimeout: 120_000 * times,
    hookTimeout: 300_000,
    teardownTimeout: 60_000,
    expect: { poll: { timeout: 60_000, interval: 20 } },
    coverage: {
      provider: 'v8',
      include: ['src/**', 'master/**', 'minion/**', 'actor/**', 'cli/**', 'install/**', 'ui/**'],
      reporter: ['text-summary', 'html'],
    },
    projects: [
      {
        extends: true,
        test: {
          name: 'plain',
          include: ['test/**/*.test.ts'],
          exclude: real,
          maxWorkers: 3,
          sequence: { groupOrder: 0 },
        },
      },
      {
        extends: true,
        test: {
          name: 'real',
          include: real,
          // Building a real API server takes minutes; without one these tests are left out, and npm test says so.
          exclude: apiServerProgram() === undefined ? ['test/e2e/api-server.test.ts'] : [],
          testTimeout: 300_000,
          maxWorkers: 2,
          sequence: { groupOrder: 1 },
        },
      },
    ],
  },
});
