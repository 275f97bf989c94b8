// A short mark of a text, by which it is told that it changed: the text itself need not be kept. No protection against forgery.
import { hash } from 'node:crypto';

/** 28 characters. */
export function digestOf(text: string): string {
  return hash('sha1', text, 'base64');
}
