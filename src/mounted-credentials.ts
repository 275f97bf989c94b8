// Credentials for calls to others, from files, read on each use: a mounted Secret may change at any time.
import { realpathSync, statSync } from 'node:fs';
import { resolve } from 'node:path';
import { fault } from './errors.ts';
import { readSmallFileSync } from './small-file.ts';

/** Each is a path. */
export interface CredentialPaths {
  readonly bearerTokenFile?: string | undefined;
  readonly username?: string | undefined;
  readonly passwordFile?: string | undefined;
  readonly caFile?: string | undefined;
}

const longest = 1 << 20;

/**
 * Files for this process only: its account, mounted tokens and keys, and kernel files. A person who may write settings must not
 * be able to have them sent anywhere.
 */
const ofThisProcess = [/^\/(proc|sys|dev)\//, /^(\/var)?\/run\/secrets\/(kubernetes\.io|eks\.amazonaws\.com|azure)\//];
const mounted = '/etc/cluster-insight/';

export class MountedCredentials {
  readonly #own: string;

  /** `folder`: the one below /etc/cluster-insight that is for these calls; the others there are not read. */
  constructor(folder: 'alert-credentials' | 'connection-credentials') {
    this.#own = `${mounted}${folder}/`;
  }

  /** Without the final line end. @throws Fault `credentials_unreadable`. */
  text(file: string): string {
    return this.bytes(file)
      .toString('utf8')
      .replace(/\r?\n$/, '');
  }

  /** @throws Fault `credentials_unreadable`. */
  bytes(file: string): Buffer {
    try {
      if (this.#isForbidden(resolve(file)) || this.#isForbidden(realpathSync(file)))
        throw new Error('what is there is for this process alone');
      const { size } = statSync(file);
      if (size > longest) throw new Error(`it has ${size} bytes`);
      return readSmallFileSync(file, longest);
    } catch (error) {
      throw fault('credentials_unreadable', { file, reason: (error as Error).message }, error);
    }
  }

  /** @throws Fault `credentials_unreadable`. */
  authorization(credentials: CredentialPaths): { readonly authorization?: string } {
    const { bearerTokenFile, username, passwordFile } = credentials;
    if (bearerTokenFile !== undefined) return { authorization: `Bearer ${this.#headerSafe(bearerTokenFile)}` };
    if (username === undefined || passwordFile === undefined) return {};
    const login = Buffer.from(`${username}:${this.text(passwordFile)}`).toString('base64');
    return { authorization: `Basic ${login}` };
  }

  #isForbidden(path: string): boolean {
    if (ofThisProcess.some((form) => form.test(path))) return true;
    return path.startsWith(mounted) && !path.startsWith(this.#own);
  }

  #headerSafe(file: string): string {
    const token = this.text(file).trim();
    if (/^[\x21-\x7e]+$/.test(token)) return token;
    throw fault('credentials_unreadable', { file, reason: 'it holds no token on one line' });
  }
}
