// Writes the roles from rbac.ts: `node install/render-rbac.ts`. Run it after adding a kind.
import { mkdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { kinds } from '../master/kinds/index.ts';
import { printedFiles } from './rbac.ts';

const root = join(import.meta.dirname, '..');

for (const [path, text] of Object.entries(printedFiles(kinds))) {
  mkdirSync(dirname(join(root, path)), { recursive: true });
  writeFileSync(join(root, path), text);
  process.stdout.write(`${path}\n`);
}
