// A minion in this process on a free loopback port.

import { start } from '../../minion/start.ts';
import { silentLogger } from '../../src/logger.ts';
import { readConfig } from '../../src/settings/config.ts';

export interface TestMinion {
  readonly url: string;
  get(path: string, headers?: { readonly [name: string]: string }): Promise<Answer>;
  close(): Promise<void>;
}

export interface Answer {
  readonly status: number;
  readonly headers: Headers;
  readonly text: string;
  json<T>(): T;
}

/** `flags`: its command line, such as `--keep-values`. */
export async function startMinion(socket: string, ...flags: string[]): Promise<TestMinion> {
  const config = readConfig({}, ['minion', '--port', '0', '--runtime-socket', socket, ...flags]);
  const { url, close } = await start({ config, logger: silentLogger });
  return { url, close, get: (path, headers = {}) => get(url + path, headers) };
}

async function get(url: string, headers: { readonly [name: string]: string }): Promise<Answer> {
  const response = await fetch(url, { headers });
  const text = await response.text();
  return { status: response.status, headers: response.headers, text, json: () => JSON.parse(text) };
}
