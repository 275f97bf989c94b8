// A bearer token in a file that another program renews, like the kubelet for a service account. client-node's reader
// supports that file only, sends a trailing newline, fails while the file is briefly absent, and does not read it again
// after a rejection.
import type { MonotonicClock } from '../../../src/clock.ts';
import { readSmallFile } from '../../../src/small-file.ts';

/** As in client-go: a kubelet renews at 80 % of a token's life, long before it expires. */
const freshFor = 60_000;

export interface TokenFile {
  /** The last token that could be read. */
  token(): Promise<string>;
  /** Reads the file again next time: the token was rejected. */
  forget(): void;
}

export function createTokenFile(path: string, clock: MonotonicClock): TokenFile {
  let last: { readonly token: string; readonly at: number } | undefined;
  let fresh = false;

  async function read(): Promise<string> {
    const token = (await readSmallFile(path)).trim();
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
