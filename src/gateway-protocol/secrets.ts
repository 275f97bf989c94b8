// Agents' secrets, read from the file on each use: a rotated one applies from the next connection.
import { readFileSync } from 'node:fs';
import { fault } from '../errors.ts';

/** Shorter secrets can be guessed. In bytes. */
export const shortestSecret = 16;

/**
 * One secret per line, newest first; ignores empty lines and those that start with `#`.
 * @throws Fault `credentials_unreadable` if the file is unreadable or has no secret.
 */
export function readSecrets(file: string): Buffer[] {
  const secrets = linesOf(file).map((line) => Buffer.from(line));
  if (secrets.length === 0) throw fault('credentials_unreadable', { file, reason: 'it holds no secret' });
  if (secrets.some(({ length }) => length < shortestSecret)) {
    const reason = `a secret in it is shorter than ${shortestSecret} characters`;
    throw fault('credentials_unreadable', { file, reason });
  }
  return secrets;
}

function linesOf(file: string): string[] {
  try {
    const lines = readFileSync(file, 'utf8').split('\n');
    return lines.map((line) => line.trim()).filter((line) => line !== '' && !line.startsWith('#'));
  } catch (error) {
    throw fault('credentials_unreadable', { file, reason: String((error as NodeJS.ErrnoException).code) }, error);
  }
}
