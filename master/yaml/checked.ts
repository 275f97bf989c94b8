// Parses an unchecked value into a typed one: invalid parts are reported with their place. Parsers are small functions
// combined like the value.
import { isRecord } from '../../src/fields.ts';

export type Place = readonly (string | number)[];

export interface PlacedFault {
  readonly place: Place;
  readonly message: string;
}

/** Undefined if invalid, after reporting the error. */
export type Reader<T> = (value: unknown, place: Place, tell: (fault: PlacedFault) => void) => T | undefined;

/** The type that a reader returns. */
export type Read<R> = R extends Reader<infer T> ? T : never;

const longest = 16_384;

export function text(form: RegExp = /\S/, words = 'a text', most = 512): Reader<string> {
  return (value, place, tell) => {
    if (typeof value === 'string' && value.length <= most && form.test(value)) return value;
    return told(tell, place, `must be ${words}`);
  };
}

/** A multi-line string, such as a template. */
export const longText: Reader<string> = text(/\S/, `a text of at most ${longest} characters`, longest);

export const flag: Reader<boolean> = (value, place, tell) =>
  typeof value === 'boolean' ? value : told(tell, place, 'must be true or false');

export function whole(least: number, most: number): Reader<number> {
  return (value, place, tell) => {
    if (Number.isInteger(value) && (value as number) >= least && (value as number) <= most) return value as number;
    return told(tell, place, `must be a whole number from ${least} to ${most}`);
  };
}

export function oneOf<const W extends string>(words: readonly W[]): Reader<W> {
  return (value, place, tell) =>
    words.includes(value as W) ? (value as W) : told(tell, place, `must be one of ${words.join(', ')}`);
}

const units: { readonly [unit: string]: number } = { ms: 1, s: 1000, m: 60_000, h: 3_600_000, d: 86_400_000 };

/** Milliseconds. */
export function duration(least = 0, most = 365 * 86_400_000): Reader<number> {
  return (value, place, tell) => {
    const [, amount, unit = ''] = /^(\d+(?:\.\d+)?)(ms|s|m|h|d)$/.exec(String(value)) ?? [];
    if (amount === undefined) return told(tell, place, 'must be a duration such as 30s, 5m or 12h');
    const ms = Math.round(Number(amount) * (units[unit] ?? 0));
    if (ms >= least && ms <= most) return ms;
    return told(tell, place, `must be from ${least / 1000} s to ${most / 1000} s`);
  };
}

export function listOf<T>(item: Reader<T>, { least = 1, most = 1000 } = {}): Reader<readonly T[]> {
  return (value, place, tell) => {
    if (!Array.isArray(value) || value.length < least || value.length > most)
      return told(tell, place, `must be a list of ${least} to ${most}`);
    const read = value.map((each: unknown, at) => item(each, [...place, at], tell));
    return read.every((each) => each !== undefined) ? (read as T[]) : undefined;
  };
}

export function oneOrMore<T>(item: Reader<T>): Reader<readonly T[]> {
  const list = listOf(item);
  return (value, place, tell) => {
    if (Array.isArray(value)) return list(value, place, tell);
    const read = item(value, place, tell);
    return read === undefined ? undefined : [read];
  };
}

/** A map of arbitrary keys to what `item` reads; `key` is the allowed form of keys. */
export function mapOf<T>(item: Reader<T>, key: RegExp, words: string): Reader<{ readonly [name: string]: T }> {
  return (value, place, tell) => {
    if (!isRecord(value)) return told(tell, place, 'must be a map');
    const strange = Object.keys(value).find((name) => !key.test(name));
    if (strange !== undefined) return told(tell, [...place, strange], `must be called ${words}`);
    const read = Object.entries(value).map(([name, each]) => [name, item(each, [...place, name], tell)] as const);
    return read.every(([, each]) => each !== undefined) ? Object.fromEntries(read as [string, T][]) : undefined;
  };
}

type Parts = { readonly [key: string]: Reader<unknown> };
type Whole<P extends Parts, R extends keyof P> = { readonly [key in R]: Read<P[key]> } & {
  readonly [key in Exclude<keyof P, R>]?: Read<P[key]>;
};

/** A map with exactly these keys. */
export function record<P extends Parts, R extends keyof P & string = never>(
  parts: P,
  required: readonly R[] = [],
): Reader<Whole<P, R>> {
  return (value, place, tell) => {
    if (!isRecord(value)) return told(tell, place, `must be a map of ${Object.keys(parts).join(', ')}`);
    let isSound = true;
    const read: { [key: string]: unknown } = {};
    for (const [key, held] of Object.entries(value)) {
      const part = Object.hasOwn(parts, key) ? parts[key] : undefined;
      if (!part) told(tell, [...place, key], `there is no such key; there are ${Object.keys(parts).join(', ')}`);
      const found = part?.(held, [...place, key], tell);
      if (found === undefined) isSound = false;
      else read[key] = found;
    }
    const missing = required.find((key) => value[key] === undefined);
    if (missing !== undefined) return told(tell, [...place, missing], 'is missing');
    return isSound ? (read as Whole<P, R>) : undefined;
  };
}

/** Reports an error and returns undefined. */
export function told(tell: (fault: PlacedFault) => void, place: Place, message: string): undefined {
  tell({ place, message });
}
