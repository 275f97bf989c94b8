// Text in XML 1.0, both in elements and in attributes.
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
