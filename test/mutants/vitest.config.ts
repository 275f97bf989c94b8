// Runs the plain tests with one changed file; the environment variables of run.ts say which and how.
import { readFileSync } from 'node:fs';
import { defineConfig } from 'vitest/config';

interface Mutant {
  readonly path: string;
  readonly from: number;
  readonly to: number;
  readonly text: string;
}

const mutant = JSON.parse(process.env['MUTANT'] ?? 'null') as Mutant | null;

export default defineConfig({
  root: new URL('../..', import.meta.url).pathname,
  plugins: [
    {
      name: 'mutant',
      enforce: 'pre',
      load(id) {
        if (!mutant || id.split('?')[0] !== mutant.path) return null;
        const text = readFileSync(mutant.path, 'utf8');
        return text.slice(0, mutant.from) + mutant.text + text.slice(mutant.to);
      },
    },
  ],
  test: {
    pool: 'forks',
    // The cache's key is the original file: a cached result would replace the mutant.
    fsModuleCache: false,
    maxWorkers: 2,
    bail: 1,
    testTimeout: 60_000,
    hookTimeout: 120_000,
    include: ['test/**/*.test.ts'],
  },
});
