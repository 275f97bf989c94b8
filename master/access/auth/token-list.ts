// Static tokens from a file, one per line, optionally with a name: `TOKEN,NAME`. The file is read again when it changes;
// only digests of tokens are kept and compared.
import { createHash } from 'node:crypto';
import type { MonotonicClock } from '../../../src/clock.ts';
import { badSetting } from '../../../src/errors.ts';
import type { Logger } from '../../../src/logger.ts';
import { readSmallFile } from '../../../src/small-file.ts';
import { type Authenticator, bearerToken, type Caller } from './authenticator.ts';
import { tenantOf } from './tenant.ts';

export interface TokenListOptions {
  readonly file: string;
  readonly clock: MonotonicClock;
  readonly logger: Logger;
}

/** Milliseconds until the file is checked again: mounted secrets are replaced behind a link. */
const readAgainAfter = 1000;

/** @throws Fault `bad_setting` if the file has no token at start. */
export async function createTokenList({ file, clock, logger }: TokenListOptions): Promise<Authenticator> {
  let readAt = clock();
  let callers = await readTokens(file).catch(() => new Map<string, Caller>());
  if (callers.size === 0)
    throw badSetting('CLUSTER_INSIGHT_AUTH_TOKENS_FILE', `must name a readable file with a token in it, not ${file}`);

  async function refresh(): Promise<void> {
    if (clock() - readAt < readAgainAfter) return;
    readAt = clock();
    try {
      callers = await readTokens(file);
    } catch (error) {
      callers = new Map();
      logger.error({ err: error }, 'the file of tokens cannot be read: every request is refused');
    }
  }

  return {
    async callerOf(authorization) {
      await refresh();
      const token = bearerToken(authorization);
      // A lookup by digest: its timing reveals nothing about a token.
      return token === undefined ? undefined : callers.get(digestOf(token));
    },
  };
}

/** Bytes of a list of tokens. */
const mostOfList = 16 << 20;

async function readTokens(file: string): Promise<Map<string, Caller>> {
  const lines = (await readSmallFile(file, mostOfList)).split(/\r?\n/);
  const callers = new Map<string, Caller>();
  for (const line of lines) {
    const [token = '', name = ''] = line.split(',', 2).map((part) => part.trim());
    if (token === '' || token.startsWith('#')) continue;
    const digest = digestOf(token);
    const caller = { name: name || `token ${digest.slice(0, 8)}`, key: digest };
    callers.set(digest, { ...caller, tenant: tenantOf(caller, '') });
  }
  return callers;
}

export function digestOf(token: string): string {
  return createHash('sha256').update(token).digest('hex');
}
