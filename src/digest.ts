// A short digest of a text, to notice changes without keeping the text. Not secure against forgery.
import { hash } from 'node:crypto';

/** 28 characters. */
export function digestOf(text: string | Buffer): string {
  return hash('sha1', text, 'base64');
}
