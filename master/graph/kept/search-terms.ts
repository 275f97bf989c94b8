// What of a resource is searched, and how well a text matches: by this alone an answer is defined, however it is found.
import { bytesOf } from '../model/bytes.ts';
import type { Vertex } from '../model/vertex.ts';

/** From best to worst. */
export const ranks = ['exact', 'prefix', 'word', 'part', 'typo'] as const;
export type Rank = (typeof ranks)[number];

/** Where a text stands, in the order in which equal ranks are answered. */
export const places = ['id', 'name', 'address', 'label', 'uid'] as const;
export type Place = (typeof places)[number];

/** Shorter texts are looked for at the beginnings of words alone. */
export const shortestPart = 3;
/** Shorter texts are taken as they are. */
export const shortestTypo = 5;
/** From so many characters on a UID is known by its beginning. */
export const shortestUid = 8;

const longest = 512;

export type Texts = { readonly [place in Exclude<Place, 'id'>]: readonly string[] };

/** In lower case, each once; what is longer than 512 characters is cut. */
export function textsOf(vertex: Vertex): Texts {
  const { name, label, alternateLabel, labels, uid } = vertex;
  return {
    name: distinct([name, label, alternateLabel]),
    address: addressesOf(vertex),
    label: labels ? distinct(Object.values(labels)) : [],
    uid: uid ? [lower(uid)] : [],
  };
}

/** Of types whose objects say their own addresses: what stands behind these names. */
const addressFields: { readonly [type: string]: RegExp } = {
  Pod: /"podIPs?":("[^"]*"|\[[^\]]*\])/g,
  Service: /"(?:clusterIPs?|externalIPs|loadBalancerIP|ingress)":("[^"]*"|\[[^\]]*\])/g,
  Node: /"addresses":(\[[^\]]*\])/g,
  Ingress: /"ingress":(\[[^\]]*\])/g,
  Gateway: /"addresses":(\[[^\]]*\])/g,
};
const address = /"([0-9A-Fa-f]*[.:][0-9A-Fa-f.:]*[0-9A-Fa-f])"/g;

function addressesOf({ type, version }: Vertex): readonly string[] {
  const fields = addressFields[type];
  if (!fields || !version) return [];
  const text = bytesOf(version).toString('latin1', version.from, version.to);
  const found: string[] = [];
  for (const [, value = ''] of text.matchAll(fields))
    for (const [, one = ''] of value.matchAll(address)) found.push(copied(one));
  return distinct(found);
}

/** A part of a text holds the whole of it in memory. */
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

/** How well the text matches; undefined where it does not. A typo is not looked for. */
export function rankOf(text: string, asked: string): Exclude<Rank, 'typo'> | undefined {
  let at = text.indexOf(asked);
  if (at < 0) return undefined;
  if (at === 0) return text.length === asked.length ? 'exact' : 'prefix';
  for (; at >= 0; at = text.indexOf(asked, at + 1)) if (isWordStart(text, at)) return 'word';
  return asked.length < shortestPart ? undefined : 'part';
}

/** Whether a word, or several that follow one another, is the same but for one letter too many, too few, wrong or swapped. The first letter is right. */
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

/** Lower case letters, digits, and all that is not ASCII. */
export function isLetter(code: number): boolean {
  return (code >= 97 && code <= 122) || (code >= 48 && code <= 57) || code > 127;
}

/** Of different texts. */
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
