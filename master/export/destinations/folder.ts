// A store in a folder. Files appear under their names when complete.
import { mkdir, open, readFile, rename, rm, stat, utimes, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { SendFailure } from '../failure.ts';
import type { Store } from './store.ts';

/** Milliseconds until an untouched lock counts as left by a killed run. */
const staleAfter = 10 * 60_000;

export function folderStore(folder: string, clock: () => number = Date.now): Store {
  const file = (path: string) => join(folder, ...path.split('/'));
  return {
    name: folder,
    async write(path, body) {
      const target = file(path);
      try {
        await mkdir(dirname(target), { recursive: true });
        await writeFile(`${target}.part`, body);
        await rename(`${target}.part`, target);
      } catch (error) {
        throw new SendFailure(
          'unreachable',
          `${target} cannot be written: ${(error as NodeJS.ErrnoException).code}`,
          error,
        );
      }
    },
    async read(path) {
      try {
        return await readFile(file(path));
      } catch (error) {
        if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
        throw new SendFailure(
          'unreachable',
          `${file(path)} cannot be read: ${(error as NodeJS.ErrnoException).code}`,
          error,
        );
      }
    },
    async lock(path, run) {
      try {
        await mkdir(dirname(file(path)), { recursive: true });
        await take(file(path), run, clock);
      } catch (error) {
        if (error instanceof SendFailure) throw error;
        throw new SendFailure(
          'unreachable',
          `${file(path)} cannot be written: ${(error as NodeJS.ErrnoException).code}`,
          error,
        );
      }
    },
    async touch(path) {
      const now = new Date(clock());
      await utimes(file(path), now, now).catch(() => undefined);
    },
    unlock: (path) => rm(file(path), { force: true }),
    close: () => undefined,
  };
}

async function take(path: string, run: string, clock: () => number): Promise<void> {
  for (let tries = 0; tries < 2; tries++) {
    try {
      await using handle = await open(path, 'wx');
      return await handle.writeFile(run);
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
      const age = clock() - (await stat(path).catch(() => ({ mtimeMs: 0 }))).mtimeMs;
      if (age < staleAfter) break;
      await rm(path, { force: true });
    }
  }
  throw new SendFailure('busy', `another run writes to ${dirname(path)} already`);
}
