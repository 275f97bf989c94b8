// Which texts of a resource are searched and how well a text matches. This alone defines the results, whatever the index.
import { peekAt } from '../model/bytes.ts';
import type { Vertex } from '../model/vertex.ts';

/** Best first. */
export const ranks = ['exact', 'prefix', 'word', 'part', 'typo'] as const;
export type Rank = (typeof ranks)[number];

/** Where a text occurs; also the order among hits of equal rank. */
export const places = ['id', 'name', 'address', 'label', 'uid'] as const;
export type Place = (typeof places)[number];

/** Shorter texts match at the start of words only. */
export const shortestPart = 3;
/** Shorter texts allow no typo. */
export const shortestTypo = 5;
/** Minimum length of a UID prefix. */
export const shortestUid = 8;

const longest = 512;

export type Texts = { readonly [place in Exclude<Place, 'id'>]: readonly string[] };

/** What a search looks at. */
export type Searchable = Pick<
  Vertex,
  'id' | 'type' | 'namespace' | 'name' | 'label' | 'alternateLabel' | 'labels' | 'uid' | 'version'
>;

/** Lower case, distinct, at most 512 characters. */
export function textsOf(vertex: Searchable): Texts {
  const { name, label, alternateLabel, labels, uid } = vertex;
  return {
    name: distinct([name, label, alternateLabel]),
    address: addressesOf(vertex),
    label: labels ? distinct(Object.values(labels)) : [],
    uid: uid ? [lower(uid)] : [],
  };
}

/** By type: names of the properties that have the object's own addresses. */
const addressFields: { readonly [type: string]: RegExp } = {
  Pod: /"podIPs?":("[^"]*"|\[[^\]]*\])/g,
  Service: /"(?:clusterIPs?|externalIPs|loadBalancerIP|ingress)":("[^"]*"|\[[^\]]*\])/g,
  Node: /"addresses":(\[[^\]]*\])/g,
  Ingress: /"ingress":(\[[^\]]*\])/g,
  Gateway: /"addresses":(\[[^\]]*\])/g,
};
const address = /"([0-9A-Fa-f]*[.:][0-9A-Fa-f.:]*[0-9A-Fa-f])"/g;

function addressesOf({ type, version }: Searchable): readonly string[] {
  const fields = addressFields[type];
  if (!fields || !version) return [];
  const text = peekAt(version).toString('latin1', version.from, version.to);
  const found: string[] = [];
  for (const [, value = ''] of text.matchAll(fields))
    for (const [, one = ''] of value.matchAll(address)) found.push(copied(one));
  return distinct(found);
}

/** A substring keeps the whole original string in memory. */
function copied(text: string): string {
  return Buffer.from(text, 'latin1').toString('latin1');
}

function distinct(texts: readonly string[]): readonly string[] {
  const [first = '', ...others] = texts;
  if (others.every((each) => each === '' || each === first)) return first === '' ? [] : [lower(first)];
  return [...new Set(texts.filter((each) => each !== '').map(lower))];
}

export function lower(text: string): string {
  return (text.length > longest ? text.slice(0, longest) : text).toLowerCase();
}

/** Rank of the match; undefined for none. Typos are not considered. */
export function rankOf(text: string, asked: string): Exclude<Rank, 'typo'> | undefined {
  let at = text.indexOf(asked);
  if (at < 0) return undefined;
  if (at === 0) return text.length === asked.length ? 'exact' : 'prefix';
  for (; at >= 0; at = text.indexOf(asked, at + 1)) if (isWordStart(text, at)) return 'word';
  return asked.length < shortestPart ? undefined : 'part';
}

/**
 * Whether some word or sequence of words differs by one letter: inserted, missing, replaced or swapped. The first letter
 * must match.
 */
export function isTypoOf(text: string, asked: string): boolean {
  if (asked.length < shortestTypo) return false;
  for (let at = 0; at < text.length; at++) {
    if (text[at] !== asked[0] || !isWordStart(text, at)) continue;
    for (let length = asked.length - 1; length <= asked.length + 1; length++)
      if (isWordEnd(text, at + length) && isOneEdit(text.slice(at, at + length), asked)) return true;
  }
  return false;
}

export function isWordStart(text: string, at: number): boolean {
  return isLetter(text.charCodeAt(at)) && (at === 0 || !isLetter(text.charCodeAt(at - 1)));
}

function isWordEnd(text: string, at: number): boolean {
  return at === text.length || (at < text.length && !isLetter(text.charCodeAt(at)));
}

/** Lower-case letters, digits and everything outside ASCII. */
export function isLetter(code: number): boolean {
  return (code >= 97 && code <= 122) || (code >= 48 && code <= 57) || code > 127;
}

/** For different texts. */
function isOneEdit(a: string, b: string): boolean {
  let start = 0;
  while (start < a.length && start < b.length && a[start] === b[start]) start++;
  let end = 0;
  const most = Math.min(a.length, b.length) - start;
  while (end < most && a[a.length - 1 - end] === b[b.length - 1 - end]) end++;
  const [left, right] = [a.slice(start, a.length - end), b.slice(start, b.length - end)];
  if (left.length <= 1 && right.length <= 1) return true;
  return left.length === 2 && right.length === 2 && left[0] === right[1] && left[1] === right[0];
}
