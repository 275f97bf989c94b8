// A bearer token kept in a file that somebody else renews, as the kubelet does for a pod's account.
// client-node's own reader knows the pod's file only, sends a final newline along, fails while the file is away for a
// moment, and does not look again when its token is refused.
import { readFile } from 'node:fs/promises';
import type { MonotonicClock } from '../../../src/clock.ts';

/** As client-go: a kubelet renews at 80 % of a token's life, long before the old one ends. */
const freshFor = 60_000;

export interface TokenFile {
  /** The newest token that could be read. */
  token(): Promise<string>;
  /** Read again the next time: the token was refused. */
  forget(): void;
}

export function createTokenFile(path: string, clock: MonotonicClock): TokenFile {
  let last: { readonly token: string; readonly at: number } | undefined;
  let fresh = false;

  async function read(): Promise<string> {
    const token = (await readFile(path, 'utf8')).trim();
    if (token === '') throw new Error(`${path} holds no token`);
    last = { token, at: clock() };
    fresh = true;
    return token;
  }

  return {
    async token() {
      if (last !== undefined && fresh && clock() - last.at < freshFor) return last.token;
      const { token } = last ?? {};
      return token === undefined ? read() : read().catch(() => token);
    },
    forget() {
      fresh = false;
    },
  };
}
