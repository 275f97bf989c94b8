// Estimates the width of text without a font: suitable for common sans-serif fonts, and never much too narrow.
import { printable } from '../../../src/printable.ts';

const narrow = new Set("fijlrtI.,:;|!'()[]{}/- ");
const wide = new Set('mwMWGOQ@%_CDHNU&');

/** In the unit of `size`. */
export function widthOf(text: string, size: number): number {
  let ems = 0;
  for (const character of text) {
    if (character > '\u10ff') ems += 1.05;
    else if (narrow.has(character)) ems += 0.38;
    else if (wide.has(character)) ems += 0.85;
    else ems += 0.64;
  }
  return ems * size;
}

/** At most `longest` characters; the last one shows an omission. */
export function fitted(text: string, longest: number): string {
  const characters = [...printable(text)];
  return characters.length <= longest ? characters.join('') : `${characters.slice(0, longest - 1).join('')}…`;
}
