// Text inside XML 1.0, between tags and between quotes alike.
import { printable } from '../../../src/printable.ts';

const entities: { readonly [character: string]: string } = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
};

export function escapeXml(text: string): string {
  return printable(text).replace(/[&<>"']/g, (character) => entities[character] as string);
}
