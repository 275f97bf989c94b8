// Joins the program's modules into few files, for the image: `node install/join.ts`, to `joined/` beside `src/`. A start then reads
// ninety files where it read 750. Nothing else changes: types go, packages stay outside, and what lies beside a
// source is read from there.
import { readdirSync, readFileSync } from 'node:fs';
import { dirname, join, relative, resolve } from 'node:path';
import type { PluginBuild } from 'esbuild';

const root = join(import.meta.dirname, '..');
const folders = ['src', 'master', 'minion', 'actor'] as const;

/** How a source names the file of a thread. */
const thread = /new URL\('(?:\.\/)?([\w-]+)\.ts', import\.meta\.url\)/g;
/** That, a file beside the source, and the source's folder. */
const places = new RegExp(`${thread.source}|, import\\.meta\\.url\\)|import\\.meta\\.dirname`, 'g');
/** Packages are found from anywhere below the root; and whether a file has types shows at its own name. */
const placeless = /createRequire\(import\.meta\.url\)|import\.meta\.url\.endsWith\('\.ts'\)/g;

/** Writes `main.js`, one file for each thread, and what they share. Returns the names of all files. */
export async function joinModules(target: string): Promise<readonly string[]> {
  const { build } = await import('esbuild');
  const { metafile } = await build({
    entryPoints: { main: join(root, 'src/main.ts'), ...threads() },
    outdir: target,
    absWorkingDir: root,
    bundle: true,
    splitting: true,
    packages: 'external',
    format: 'esm',
    platform: 'node',
    target: ['node24'],
    // A text with one character beyond Latin-1 takes two bytes for each in V8.
    charset: 'ascii',
    minifyWhitespace: true,
    sourcemap: 'linked',
    sourcesContent: false,
    metafile: true,
    logLevel: 'error',
    plugins: [{ name: 'places', setup: (plugin) => keepPlaces(plugin, target) }],
  });
  return Object.keys(metafile.outputs).map((path) => relative(target, join(root, path)));
}

/** Every thread's file by its name in the target. */
function threads(): { readonly [name: string]: string } {
  const files = folders.flatMap((folder) =>
    readdirSync(join(root, folder), { recursive: true, encoding: 'utf8' }).map((name) => join(root, folder, name)),
  );
  const found = files
    .filter((path) => path.endsWith('.ts'))
    .flatMap((path) =>
      [...readFileSync(path, 'utf8').matchAll(thread)].map(([, name]) => join(dirname(path), `${name}.ts`)),
    );
  return Object.fromEntries(found.map((path) => [threadName(path), path]));
}

const threadName = (path: string) => relative(root, path).replace(/\.ts$/, '').replaceAll('/', '-');

function keepPlaces({ onLoad }: PluginBuild, target: string): void {
  onLoad({ filter: /\.ts$/ }, ({ path }) => {
    const text = readFileSync(path, 'utf8');
    return text.includes('import.meta') ? { contents: inPlace(text, path, target), loader: 'ts' } : undefined;
  });
}

/**
 * What a module finds beside itself it finds there still. Lines stay in place.
 * @throws for a use of `import.meta` of which is not known what it would mean elsewhere.
 */
export function inPlace(text: string, path: string, target: string): string {
  const source = relative(target, path);
  const unknown = text.replaceAll(places, '').replaceAll(placeless, '').includes('import.meta');
  if (unknown) throw new Error(`${path}: a use of import.meta that install/join.ts does not know`);
  return text.replaceAll(places, (found, name?: string) => {
    if (name !== undefined) return `new URL('./${threadName(join(dirname(path), name))}.js', import.meta.url)`;
    if (found === 'import.meta.dirname') return `(import.meta.dirname + '/${dirname(source)}')`;
    return `, new URL('${source}', import.meta.url))`;
  });
}

if (import.meta.main) {
  const [target = join(root, 'joined')] = process.argv.slice(2);
  const names = await joinModules(resolve(target));
  process.stderr.write(`joined: ${names.length} files\n`);
}
