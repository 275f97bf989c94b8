// Name of a run: 24 hexadecimal digits, starting with its second, as in the collector's protocol.
import { randomBytes } from 'node:crypto';

export function runIdAt(ms: number, random: (bytes: number) => Buffer = randomBytes): string {
  const seconds = Math.floor(ms / 1000)
    .toString(16)
    .padStart(8, '0');
  return seconds.slice(-8) + random(8).toString('hex');
}
