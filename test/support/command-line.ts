// Runs the command as a user's shell would: in a separate process, with a fully defined environment.
import { spawn } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterAll } from 'vitest';
import { root } from './source-tree.ts';

export interface Ended {
  readonly status: number | null;
  readonly out: string;
  readonly err: string;
}

interface Settings {
  readonly env?: NodeJS.ProcessEnv;
  readonly cwd?: string;
  readonly input?: string;
}

export const executable: string = join(root, 'cli/kubectl-insight.js');

/** The folder of everything that a test file and its commands write; removed at the end. */
const place = mkdtempSync(join(tmpdir(), 'command-line-'));
export const emptyHome: string = mkdtempSync(join(place, 'home-'));
afterAll(() => rmSync(place, { recursive: true, force: true }));

/** The pinned Node.js comes first, so that `#!/usr/bin/env node` finds it. */
export const path: string = `${dirname(process.execPath)}:/usr/local/bin:/usr/bin:/bin`;

export function insight(args: readonly string[], settings: Settings = {}): Promise<Ended> {
  return started(process.execPath, [executable, ...args], settings);
}

export function started(
  command: string,
  args: readonly string[],
  { env = {}, cwd, input }: Settings = {},
): Promise<Ended> {
  const child = spawn(command, args, {
    cwd: cwd ?? root,
    env: { PATH: path, HOME: emptyHome, ...env },
    timeout: 110_000,
  });
  const texts = { out: '', err: '' };
  child.stdout.setEncoding('utf8').on('data', (text: string) => (texts.out += text));
  child.stderr.setEncoding('utf8').on('data', (text: string) => (texts.err += text));
  // A command that reads no input may end before all of it was written.
  child.stdin.on('error', () => undefined).end(input ?? '');
  return new Promise((resolve, reject) => {
    child.on('error', reject);
    child.on('close', (status) => resolve({ status, ...texts }));
  });
}

/** A folder with these files, removed after the test file. */
export function folderOf(files: { readonly [name: string]: string }): string {
  const folder = mkdtempSync(join(place, 'files-'));
  for (const [name, text] of Object.entries(files)) writeFileSync(join(folder, name), text);
  return folder;
}
