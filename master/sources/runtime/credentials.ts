// The master's credentials for minions: bearer token, CA, client certificate. The files rotate, so they are read again, at
// most once a second for all minions together.
import { type MonotonicClock, monotonicClock } from '../../../src/clock.ts';
import { fault } from '../../../src/errors.ts';
import { nodeToken } from '../../../src/node-token.ts';
import type { Config } from '../../../src/settings/config.ts';
import { readSmallFile } from '../../../src/small-file.ts';

export interface Tls {
  readonly ca?: string;
  readonly cert?: string;
  readonly key?: string;
  readonly servername?: string;
}

export interface Credentials {
  readonly token: string | undefined;
  /** The same object while the files are unchanged. */
  readonly tls: Tls;
}

export interface CredentialSource {
  /** Those for the minion of `node` at `url`. @throws Fault `credentials_unreadable` when a file was never readable. */
  current(node?: string, url?: string): Promise<Credentials>;
  /** The files are to be read again at the next call: a minion refused what they said. */
  doubt(): void;
}

export type CredentialFiles = Pick<
  Config,
  'tokenFile' | 'minionCaFile' | 'minionCertFile' | 'minionKeyFile' | 'minionServerName'
> &
  Partial<Pick<Config, 'minionToken' | 'minionTls'>>;

const keepFor = 1000;

export function createCredentials(files: CredentialFiles, clock: MonotonicClock = monotonicClock): CredentialSource {
  const lastGood = new Map<string, string>();
  let latest: Promise<Credentials> | undefined;
  let readAt = Number.NEGATIVE_INFINITY;
  let kept: Credentials = { token: undefined, tls: {} };

  async function read(): Promise<Credentials> {
    const { tokenFile, minionCaFile, minionCertFile, minionKeyFile, minionServerName } = files;
    const token = await text(tokenFile, lastGood);
    const tls = compact({
      ca: await text(minionCaFile, lastGood),
      cert: await text(minionCertFile, lastGood),
      key: await text(minionKeyFile, lastGood),
      servername: minionServerName,
    });
    kept = { token: token?.trim() || undefined, tls: same(kept.tls, tls) ? kept.tls : tls };
    return kept;
  }

  return {
    async current(node, url = '') {
      if (!latest || clock() - readAt >= keepFor) {
        readAt = clock();
        latest = read();
      }
      const { token, tls } = await latest;
      // A minion that has no TLS yet is of 3.0, and knows the shared token alone.
      const isOld = files.minionTls === 'offered' && url.startsWith('http:');
      if (token === undefined || node === undefined || files.minionToken === 'shared' || isOld) return { token, tls };
      return { token: nodeToken(token, node), tls };
    },
    doubt() {
      readAt = Number.NEGATIVE_INFINITY;
    },
  };
}

/** While a file is being replaced, its last content is used. */
async function text(file: string | undefined, lastGood: Map<string, string>): Promise<string | undefined> {
  if (file === undefined) return undefined;
  try {
    const content = await readSmallFile(file);
    lastGood.set(file, content);
    return content;
  } catch (error) {
    const content = lastGood.get(file);
    if (content !== undefined) return content;
    const reason = (error as NodeJS.ErrnoException).code ?? (error as Error).message;
    throw fault('credentials_unreadable', { file, reason }, error);
  }
}

function compact(tls: { [key in keyof Tls]: string | undefined }): Tls {
  return Object.fromEntries(Object.entries(tls).filter(([, value]) => value !== undefined));
}

function same(a: Tls, b: Tls): boolean {
  return a.ca === b.ca && a.cert === b.cert && a.key === b.key && a.servername === b.servername;
}
