// Builds the npm package: `npm run pack` creates cluster-insight-VERSION.tgz, or `node install/pack.ts FOLDER` its folder.
// Node.js does not run TypeScript within node_modules, so types are stripped; lines stay in place.
import { execFileSync } from 'node:child_process';
import { cpSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { stripTypeScriptTypes } from 'node:module';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import packageJson from '../package.json' with { type: 'json' };
import { buildUi } from './build-ui.ts';

const root = join(import.meta.dirname, '..');
/** What runs, including the built page. */
const folders = readdirSync(root, { withFileTypes: true })
  .filter((each) => each.isDirectory() && ['src', 'master', 'minion', 'cli', 'actor'].includes(each.name))
  .map(({ name }) => name);
const documents = ['README.md', 'LICENSE', 'CHANGELOG.md'];
/** Needed only to build the page. */
const ofPage: ReadonlySet<string> = new Set(['esbuild', 'lit-html']);

export async function pack(target: string): Promise<void> {
  for (const folder of folders)
    for (const file of readdirSync(join(root, folder), { recursive: true, encoding: 'utf8', withFileTypes: true }))
      if (file.isFile() && file.name !== 'README.md') copy(join(file.parentPath, file.name), target);
  for (const name of documents) cpSync(join(root, name), join(target, name));
  await buildUi(join(target, 'ui', 'dist'));
  writeFileSync(join(target, 'package.json'), `${JSON.stringify(manifest(), null, 2)}\n`);
}

function copy(path: string, target: string): void {
  const to = join(target, path.slice(root.length + 1));
  mkdirSync(dirname(to), { recursive: true });
  if (path.endsWith('.ts')) writeFileSync(to.replace(/\.ts$/, '.js'), stripped(readFileSync(path, 'utf8')));
  else if (path.endsWith('.js')) writeFileSync(to, renamed(readFileSync(path, 'utf8')), { mode: 0o755 });
  else cpSync(path, to);
}

function stripped(source: string): string {
  return renamed(stripTypeScriptTypes(source));
}

/** Renames every text that is a module path: an import, a worker, a command line. */
function renamed(source: string): string {
  return source.replaceAll(/(['"])((?:[\w-]+|\.{1,2})(?:\/[\w.-]+)*)\.ts\1/g, '$1$2.js$1');
}

function manifest(): object {
  const { name, version, description, license, type, engines, bin, dependencies } = packageJson;
  const needed = Object.entries(dependencies).filter(([each]) => !ofPage.has(each));
  const files = [...folders, 'ui/dist', ...documents];
  return { name, version, description, license, type, engines, bin, files, dependencies: Object.fromEntries(needed) };
}

if (import.meta.main) {
  const [given] = process.argv.slice(2);
  const folder = given ?? mkdtempSync(join(tmpdir(), 'cluster-insight-pack-'));
  try {
    await pack(folder);
    if (given === undefined) execFileSync('npm', ['pack', folder, '--pack-destination', root], { stdio: 'inherit' });
  } finally {
    if (given === undefined) rmSync(folder, { recursive: true });
  }
}
