// Completes package-lock.json: if a registry has only some platforms' packages, npm omits the others from the lock, and
// `npm ci` then rejects it everywhere. Run after `npm install` (`npm run lock`); complete entries stay.
import { readFileSync, writeFileSync } from 'node:fs';
import { pathToFileURL } from 'node:url';

interface LockEntry {
  readonly version?: string;
  readonly dev?: boolean;
  readonly optional?: boolean;
  readonly os?: readonly string[];
  readonly cpu?: readonly string[];
  readonly libc?: readonly string[];
  readonly optionalDependencies?: { readonly [name: string]: string };
}

export interface Lock {
  packages: { [path: string]: LockEntry };
}

const systems = ['android', 'darwin', 'freebsd', 'linux', 'netbsd', 'openbsd', 'openharmony', 'sunos', 'win32', 'aix'];
const processors = ['arm64', 'arm', 'ia32', 'loong64', 'mips64el', 'ppc64', 'riscv64', 's390x', 'wasm32', 'x64'];

/** The lock with an entry for every optional package of other platforms that it names. */
export function completed(lock: Lock): Lock {
  const wanted = Object.values(lock.packages).flatMap((entry) =>
    Object.entries(entry.optionalDependencies ?? {}).map(([name, version]) => ({ name, version, dev: entry.dev })),
  );
  const missing = wanted.filter(
    ({ name }) => lock.packages[`node_modules/${name}`] === undefined && isOfPlatform(name),
  );
  const entries = missing.map(
    ({ name, version, dev }) => [`node_modules/${name}`, entryOf(name, version, dev)] as const,
  );
  const packages = { ...lock.packages, ...Object.fromEntries(entries) };
  return {
    ...lock,
    packages: Object.fromEntries(Object.entries(packages).toSorted(([a], [b]) => a.localeCompare(b, 'en'))),
  };
}

function entryOf(name: string, version: string, dev: boolean | undefined): LockEntry {
  const words = wordsOf(name);
  const cpu = processors.filter((one) => words.includes(one));
  const libc = words.includes('musl') ? ['musl'] : words.includes('linux') ? ['glibc'] : undefined;
  return {
    version,
    cpu,
    ...(dev === true ? { dev } : {}),
    ...(libc === undefined ? {} : { libc }),
    optional: true,
    os: systems.filter((one) => words.includes(one)),
  };
}

function isOfPlatform(name: string): boolean {
  const words = wordsOf(name);
  return systems.some((one) => words.includes(one)) && processors.some((one) => words.includes(one));
}

function wordsOf(name: string): string[] {
  return name.split(/[/-]/);
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? '').href) {
  const text = readFileSync('package-lock.json', 'utf8');
  const after = `${JSON.stringify(completed(JSON.parse(text)), null, 2)}\n`;
  if (after !== text) writeFileSync('package-lock.json', after);
}
