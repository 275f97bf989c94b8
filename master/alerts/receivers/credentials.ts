// A receiver's credentials from files, read on each use: a mounted Secret may change at any time.
import { readFileSync, realpathSync, statSync } from 'node:fs';
import { fault } from '../../../src/errors.ts';
import type { Credentials } from '../settings/alert-settings.ts';

const longest = 1 << 20;

/**
 * What this process has for itself: its account in the cluster, the tokens and keys of its own that the manifests mount, what
 * the kernel tells. Whoever may write the file of alerts should not have it sent to where they like.
 */
const ofThisProcess = [
  /^\/(proc|sys|dev)\//,
  /^(\/var)?\/run\/secrets\/(kubernetes\.io|eks\.amazonaws\.com|azure)\//,
  /^\/etc\/cluster-insight\/(?!alert-credentials\/)/,
];

/** Without the final line end. @throws Fault `credentials_unreadable`. */
export function secretIn(file: string): string {
  return bytesIn(file)
    .toString('utf8')
    .replace(/\r?\n$/, '');
}

/** @throws Fault `credentials_unreadable`. */
export function bytesIn(file: string): Buffer {
  try {
    if ([file, realpathSync(file)].some((path) => ofThisProcess.some((form) => form.test(path))))
      throw new Error('what is there is for this process alone');
    const { size } = statSync(file);
    if (size > longest) throw new Error(`it has ${size} bytes`);
    return readFileSync(file);
  } catch (error) {
    throw fault('credentials_unreadable', { file, reason: (error as Error).message }, error);
  }
}

/** @throws Fault `credentials_unreadable`. */
export function authorizationOf(credentials: Credentials): { readonly authorization?: string } {
  const { bearerTokenFile, username, passwordFile } = credentials;
  if (bearerTokenFile !== undefined) return { authorization: `Bearer ${headerSafe(bearerTokenFile)}` };
  if (username === undefined || passwordFile === undefined) return {};
  const login = Buffer.from(`${username}:${secretIn(passwordFile)}`).toString('base64');
  return { authorization: `Basic ${login}` };
}

function headerSafe(file: string): string {
  const token = secretIn(file).trim();
  if (/^[\x21-\x7e]+$/.test(token)) return token;
  throw fault('credentials_unreadable', { file, reason: 'it holds no token on one line' });
}
