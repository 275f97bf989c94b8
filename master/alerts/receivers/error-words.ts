// Why sending failed, in words without secrets: an error message may contain the whole URL.
import { Fault } from '../../../src/errors.ts';
import { addressRefused } from '../../../src/http/client.ts';

export function errorWords(error: unknown): string {
  const { code, name, message } = error as NodeJS.ErrnoException;
  if (error instanceof Fault || code === addressRefused) return message;
  if (name === 'TimeoutError') return 'it did not answer in time';
  return `it cannot be reached: ${code ?? name}`;
}
