// Builds the page in ui/ to ui/dist: bundled, with content hashes in file names, and precompressed: `node
// install/build-ui.ts`. With --if-needed only if a source is newer.
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readdirSync, readFileSync, renameSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { basename, join, relative } from 'node:path';
import { brotliCompressSync, constants, gzipSync } from 'node:zlib';
import type { PluginBuild } from 'esbuild';

const root = join(import.meta.dirname, '..');
const source = join(root, 'ui');

export interface Built {
  readonly files: number;
  /** Maximum bytes of the files for the first view, with gzip. */
  readonly first: number;
  /** Maximum bytes of all files, with gzip. */
  readonly all: number;
}

/** Whether a source or build tool is newer than the build. */
export function isStale(target: string): boolean {
  const page = join(target, 'index.html.gz');
  if (!existsSync(page)) return true;
  const built = statSync(page).mtimeMs;
  const sources = readdirSync(source, { recursive: true, withFileTypes: true });
  const paths = sources
    .filter((each) => each.isFile() && !each.parentPath.startsWith(target))
    .map((each) => join(each.parentPath, each.name));
  return [...paths, join(root, 'package-lock.json'), import.meta.filename].some(
    (path) => statSync(path).mtimeMs > built,
  );
}

export async function buildUi(target: string): Promise<Built> {
  const { build } = await import('esbuild');
  const { outputFiles, metafile } = await build({
    entryPoints: [join(source, 'main.ts'), join(source, 'app.css')],
    outdir: target,
    absWorkingDir: root,
    entryNames: '[name]-[hash]',
    chunkNames: '[name]-[hash]',
    bundle: true,
    splitting: true,
    format: 'esm',
    target: ['es2024'],
    minify: true,
    charset: 'utf8',
    legalComments: 'eof',
    plugins: [{ name: 'silent', setup: silence }],
    metafile: true,
    write: false,
    logLevel: 'error',
  });
  const icon = readFileSync(join(source, 'icon.svg'));
  const iconName = `icon-${createHash('sha256').update(icon).digest('hex').slice(0, 8)}.svg`;
  const entry = (ending: string) => {
    const found = Object.entries(metafile.outputs).find(
      ([path, { entryPoint }]) =>
        entryPoint !== undefined && path.endsWith(ending) && /^(main|app)-/.test(basename(path)),
    );
    if (!found) throw new Error(`no ${ending} was built`);
    return basename(found[0]);
  };
  const names = { SCRIPT: `ui/${entry('.js')}`, STYLE: `ui/${entry('.css')}`, ICON: `ui/${iconName}` };
  const chunks = [...staticImports(metafile.outputs, basename(names.SCRIPT))];
  const page = readFileSync(join(source, 'index.html'), 'utf8')
    .replace(/SCRIPT|STYLE|ICON/g, (name) => names[name as keyof typeof names])
    // Otherwise the browser asks for them only when it has read the script.
    .replace('</head>', `${chunks.map((name) => `<link rel="modulepreload" href="ui/${name}">\n`).join('')}</head>`);
  const files = new Map<string, Uint8Array>([
    ...outputFiles.map(({ path, contents }) => [relative(target, path), contents] as const),
    [iconName, icon],
    ['index.html', Buffer.from(page)],
  ]);
  const first = ['index.html', basename(names.SCRIPT), basename(names.STYLE), iconName, ...chunks];
  const sizes = write(target, files, new Set(first));
  const sum = (some: Iterable<string>) => [...some].reduce((total, name) => total + (sizes.get(name) ?? 0), 0);
  return { files: files.size, first: sum(first), all: sum(sizes.keys()) };
}

/** Nothing listens to the graph of the page: Node's emitter, which graphology extends, would be 2 kB of it. */
function silence({ onResolve, onLoad }: PluginBuild): void {
  onResolve({ filter: /^events$/ }, () => ({ path: 'events', namespace: 'silent' }));
  onLoad({ filter: /./, namespace: 'silent' }, () => ({
    contents: 'export class EventEmitter { emit() { return false; } }',
  }));
}

/** Also of what is imported. */
function staticImports(
  outputs: {
    readonly [path: string]: { readonly imports: readonly { readonly path: string; readonly kind: string }[] };
  },
  name: string,
  found = new Set<string>(),
): Set<string> {
  const [, output] = Object.entries(outputs).find(([path]) => basename(path) === name) ?? [];
  for (const { path, kind } of output?.imports ?? []) {
    const imported = basename(path);
    if (kind !== 'import-statement' || found.has(imported)) continue;
    staticImports(outputs, imported, found.add(imported));
  }
  return found;
}

/** Writes to a separate folder first: concurrent readers see the old or the new page. */
function write(
  target: string,
  files: ReadonlyMap<string, Uint8Array>,
  first: ReadonlySet<string>,
): Map<string, number> {
  const fresh = `${target}.${process.pid}`;
  rmSync(fresh, { recursive: true, force: true });
  mkdirSync(fresh, { recursive: true });
  const sizes = new Map<string, number>();
  for (const [name, bytes] of files) {
    const gzip = gzipSync(bytes, { level: 9 });
    writeFileSync(join(fresh, `${name}.gz`), gzip);
    // What is loaded later does not need the last tenth: the image stays small.
    if (first.has(name)) writeFileSync(join(fresh, `${name}.br`), brotliOf(bytes));
    sizes.set(name, gzip.length);
  }
  rmSync(target, { recursive: true, force: true });
  renameSync(fresh, target);
  return sizes;
}

function brotliOf(bytes: Uint8Array): Buffer {
  return brotliCompressSync(bytes, { params: { [constants.BROTLI_PARAM_QUALITY]: 11 } });
}

if (import.meta.main) {
  const target = join(source, 'dist');
  if (!process.argv.includes('--if-needed') || isStale(target)) {
    const { files, first, all } = await buildUi(target);
    process.stderr.write(
      `ui: ${files} files, ${(first / 1000).toFixed(1)} kB at the start, ${(all / 1000).toFixed(1)} kB in all (gzip)\n`,
    );
  }
}
