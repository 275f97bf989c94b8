// The bearer token that a minion requires: derived for its node from a token file, which is read again as it rotates.
// Compared in constant time.
import { createHash, timingSafeEqual } from 'node:crypto';
import type { MonotonicClock } from '../src/clock.ts';
import { badSetting } from '../src/errors.ts';
import type { Logger } from '../src/logger.ts';
import { nodeToken } from '../src/node-token.ts';
import { readSmallFile } from '../src/small-file.ts';

export interface TokenCheck {
  /**
   * Whether an `Authorization` header has the node's token or, with `orShared`, the one in the file. A missing or empty
   * file admits no caller.
   */
  accepts(authorization: string | undefined, orShared?: boolean): Promise<boolean>;
}

export interface TokenOptions {
  readonly file: string;
  /** The node's name, as known to the master. */
  readonly node: string;
  /** Accept the shared token everywhere: masters of 3.0 send it. */
  readonly takesShared: boolean;
  readonly clock: MonotonicClock;
  readonly logger: Logger;
}

interface Expected {
  readonly shared: Buffer;
  readonly node: Buffer;
}

/** How long a token is valid without reading its file again. */
const readAgainAfter = 1000;

/** @throws Fault `bad_setting` if the file has no token at start. */
export async function createTokenCheck({ file, node, takesShared, clock, logger }: TokenOptions): Promise<TokenCheck> {
  let readAt = clock();
  let expected = await read(file, node).catch(() => undefined);
  if (!expected)
    throw badSetting('CLUSTER_INSIGHT_TOKEN_FILE', `must name a readable file with a token in it, not ${file}`);
  const refresh = async () => {
    if (clock() - readAt < readAgainAfter) return;
    readAt = clock();
    try {
      expected = await read(file, node);
    } catch (error) {
      expected = undefined;
      logger.error({ err: error }, 'the token file cannot be read: every request is refused');
    }
  };
  return {
    async accepts(authorization, orShared = false) {
      await refresh();
      const token = /^bearer +(\S+) *$/i.exec(authorization ?? '')?.[1];
      if (token === undefined || expected === undefined) return false;
      const given = digest(token);
      const isShared = timingSafeEqual(given, expected.shared) && (takesShared || orShared);
      return timingSafeEqual(given, expected.node) || isShared;
    },
  };
}

async function read(file: string, node: string): Promise<Expected | undefined> {
  const token = (await readSmallFile(file)).trim();
  return token === '' ? undefined : { shared: digest(token), node: digest(nodeToken(token, node)) };
}

/** Digests have equal length, so every comparison takes the same time. */
function digest(token: string): Buffer {
  return createHash('sha256').update(token).digest();
}
