// The bearer token that a minion demands: read again from its file as it rotates, compared in constant time.
import { createHash, timingSafeEqual } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import type { Clock } from '../src/clock.ts';
import { badSetting } from '../src/errors.ts';
import type { Logger } from '../src/logger.ts';

export interface TokenCheck {
  /** Whether an `Authorization` header carries the token. A file that is gone or empty lets nobody in. */
  accepts(authorization: string | undefined): Promise<boolean>;
}

/** How long a token that was read is good without looking at its file again. */
const readAgainAfter = 1000;

/** @throws Fault `bad_setting` when there is no token in the file at the start. */
export async function createTokenCheck(file: string, clock: Clock, logger: Logger): Promise<TokenCheck> {
  let readAt = clock();
  let expected = await digestOfFile(file).catch(() => undefined);
  if (!expected)
    throw badSetting('CLUSTER_INSIGHT_TOKEN_FILE', `must name a readable file with a token in it, not ${file}`);
  const refresh = async () => {
    if (clock() - readAt < readAgainAfter) return;
    readAt = clock();
    try {
      expected = await digestOfFile(file);
    } catch (error) {
      expected = undefined;
      logger.error({ err: error }, 'the token file cannot be read: every request is refused');
    }
  };
  return {
    async accepts(authorization) {
      await refresh();
      const token = /^bearer +(\S+) *$/i.exec(authorization ?? '')?.[1];
      return token !== undefined && expected !== undefined && timingSafeEqual(digest(token), expected);
    },
  };
}

async function digestOfFile(file: string): Promise<Buffer | undefined> {
  const token = (await readFile(file, 'utf8')).trim();
  return token === '' ? undefined : digest(token);
}

/** Digests are of one length, whatever was sent: the comparison takes the same time for all. */
function digest(token: string): Buffer {
  return createHash('sha256').update(token).digest();
}
