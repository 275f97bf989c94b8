// Secrets of agents, read from a file each time they are needed: one that was rotated counts from the next connection on.
import { readFileSync } from 'node:fs';
import { fault } from '../errors.ts';

/** Shorter ones can be guessed. Bytes. */
export const shortestSecret = 16;

/**
 * One secret a line, the newest first; empty lines and those behind `#` count for nothing.
 * @throws Fault `credentials_unreadable` where the file cannot be read or has none.
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
