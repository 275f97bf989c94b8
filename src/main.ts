// The program's entry. It restarts itself with the flags of its mode and with cached compiled code before it loads anything else:
// the first process has neither, and everything loaded there is loaded twice (anew.ts).
import { calm, self, small, startAnew } from './anew.ts';
import { loadBuiltins } from './builtins.ts';
import { minionSaid } from './minion-said.ts';
import { holdOptimizer } from './optimizer.ts';
import { resolveOwnImports } from './own-imports.ts';
import { loadPackages } from './packages.ts';
import { environment } from './settings/environment.ts';
import { holdYoungGeneration } from './young-generation.ts';

const isMinion = minionSaid(process.argv.slice(2), environment) ?? (await minionSet());
const loadMinion = async () => (await import('./program.ts')).loadMinion();
await startAnew(isMinion ? { flags: small, load: loadMinion } : { flags: calm }, self(environment));
if (!isMinion) {
  await loadBuiltins();
  holdOptimizer();
  holdYoungGeneration();
}
loadPackages();
resolveOwnImports();
const { main } = await import('./program.ts');
await main();

/** Invalid settings are reported later, by the process that reads them. */
async function minionSet(): Promise<boolean> {
  const { readConfig } = await import('./settings/config.ts');
  try {
    return readConfig().mode === 'minion';
  } catch {
    return false;
  }
}
