// Debian's Chromium without a window, for pages that try to read what they must not. The test maps names to addresses; only
// loopback is reached.
import { spawn } from 'node:child_process';
import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

const binary = '/usr/bin/chromium';

/** Without it, tests of pages are skipped, unless every test must run. */
export const hasBrowser = existsSync(binary);
export const skipsBrowser = !hasBrowser && process.env['CI'] !== 'true';

export interface Browser {
  /** Ends all its processes and removes its files. */
  close(): Promise<void>;
}

/** Opens one page. `names` are mapped to the given addresses; no other name resolves. */
export function openPage(url: string, names: { readonly [name: string]: string }): Browser {
  const folder = mkdtempSync(join(tmpdir(), 'browser-'));
  const rules = [
    ...Object.entries(names).map(([name, address]) => `MAP ${name} ${address}`),
    'MAP * ~NOTFOUND , EXCLUDE localhost, EXCLUDE 127.0.0.1',
  ];
  const flags = [
    '--headless=new',
    '--no-sandbox',
    '--disable-gpu',
    '--disable-dev-shm-usage',
    '--no-first-run',
    '--disable-background-networking',
    '--disable-component-update',
    '--no-proxy-server',
    `--user-data-dir=${folder}`,
    `--host-resolver-rules=${rules.join(', ')}`,
    // Only keeps the browser open: the port is not used.
    '--remote-debugging-port=0',
  ];
  const env = { PATH: process.env['PATH'], HOME: folder, XDG_CONFIG_HOME: folder, XDG_CACHE_HOME: folder };
  const child = spawn(binary, [...flags, url], { stdio: 'ignore', detached: true, env });
  const ended = new Promise<void>((resolve) => child.once('close', () => resolve()));
  return {
    async close() {
      if (child.pid !== undefined && child.exitCode === null && child.signalCode === null)
        process.kill(-child.pid, 'SIGKILL');
      await ended;
      rmSync(folder, { recursive: true, force: true, maxRetries: 20, retryDelay: 100 });
    },
  };
}
