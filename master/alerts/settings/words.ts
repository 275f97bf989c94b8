// Value parsers shared by several parts of the alerts file.
import { findingSeverities } from '../../findings/contract.ts';
import { parseWildcards, type Wildcards } from '../../graph/questions/wildcard.ts';
import { oneOf, oneOrMore, type PlacedFault, type Reader, text, told } from '../../yaml/checked.ts';

export type Tell = (fault: PlacedFault) => void;

/** A string accepted by `parse`. */
export function parsed<T>(parse: (text: string) => T, most?: number): Reader<T> {
  const read = text(/\S/, 'a text', most);
  return (value, place, tell) => {
    const said = read(value, place, tell);
    if (said === undefined) return undefined;
    try {
      return parse(said);
    } catch (error) {
      return told(tell, place, (error as Error).message);
    }
  };
}

/** With `*` and `!` as usual, as a string or a list. */
export const names: Reader<Wildcards> = (value, place, tell) => {
  const items = oneOrMore(text())(value, place, tell);
  return items && parsed((list) => parseWildcards(list, 'the list'))(items.join(','), place, tell);
};

export const httpUrl = parsed((said) => {
  const url = URL.parse(said);
  if (url?.protocol !== 'http:' && url?.protocol !== 'https:')
    throw new Error('must be a URL that begins with http:// or https://');
  if (url.username !== '' || url.password !== '')
    throw new Error('must hold no password: credentials are read from files');
  return said.replace(/\/+$/, '');
}, 2048);
export const severity = oneOf(findingSeverities);
export const word = text(/^[a-z][a-z0-9]*(-[a-z0-9]+)*$/, 'in small letters with hyphens');
