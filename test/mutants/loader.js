// Preloaded into the processes that tests start (NODE_OPTIONS): they load the mutant as the test runner does.
import { readFileSync } from 'node:fs';
import { registerHooks } from 'node:module';
import { fileURLToPath } from 'node:url';

const mutant = JSON.parse(process.env.MUTANT ?? 'null');

if (mutant) {
  registerHooks({
    load(url, context, next) {
      if (!url.startsWith('file:') || fileURLToPath(url.split('?')[0]) !== mutant.path) return next(url, context);
      const text = readFileSync(mutant.path, 'utf8');
      const source = text.slice(0, mutant.from) + mutant.text + text.slice(mutant.to);
      return { format: 'module-typescript', shortCircuit: true, source };
    },
  });
}
