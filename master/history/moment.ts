// Parses a moment given by a caller.
import { fault } from '../../src/errors.ts';
import type { AskedMoment } from './archive-reader.ts';

export interface ParsedMoment {
  readonly asked: AskedMoment;
  /** Relative to now: the same words mean another moment later. */
  readonly relative: boolean;
}

const units = { ms: 1, s: 1000, m: 60_000, h: 3_600_000, d: 86_400_000 } as const;
const ago = /^-(\d{1,9}(?:\.\d{1,3})?)(ms|s|m|h|d)$/;
const instant = /^\d{4}-\d{2}-\d{2}[Tt]\d{2}:\d{2}:\d{2}(?:\.\d{1,9})?(?:[Zz]|[+-]\d{2}:\d{2})$/;
const numbered = /^([0-9a-f]{8})-(\d{1,15})$/;
/** Maximum milliseconds that callers' clocks may be ahead. */
const ahead = 5_000;

export const momentForms = 'an age such as -15m, a time such as 2026-11-20T03:12:00Z, `now`, or epoch-revision';

/** `now`: milliseconds. @throws Fault `bad_parameter`. */
export function parseMoment(text: string, parameter: string, now: number): ParsedMoment {
  if (text === 'now') return { asked: { time: now }, relative: true };
  const [, amount, unit] = ago.exec(text) ?? [];
  if (amount !== undefined)
    return { asked: { time: notBefore(now - Number(amount) * units[unit as keyof typeof units]) }, relative: true };
  const [, epoch, revision] = numbered.exec(text) ?? [];
  if (epoch !== undefined) return { asked: { epoch, revision: Number(revision) }, relative: false };
  const time = instant.test(text) && isDay(text) ? Date.parse(text) : Number.NaN;
  if (Number.isNaN(time))
    throw fault('bad_parameter', {
      parameter,
      reason: `${JSON.stringify(text)} is not a moment; write ${momentForms}`,
    });
  if (time > now + ahead) throw fault('bad_parameter', { parameter, reason: `${text} is in the future` });
  return { asked: { time: notBefore(Math.min(time, now)) }, relative: time >= now };
}

/** Of 1970 nothing is recorded, and an age may reach farther back than dates do. */
function notBefore(time: number): number {
  return Math.max(0, Math.round(time));
}

/** `Date.parse` takes February 30 for March 2. */
function isDay(text: string): boolean {
  const [year = 0, month = 0, day = 0] = text.slice(0, 10).split('-').map(Number);
  return new Date(Date.UTC(year, month - 1, day)).getUTCDate() === day;
}

/** A moment in milliseconds. @throws Fault `bad_parameter` for a revision. */
export function parseTime(text: string, parameter: string, now: number): number {
  const { asked } = parseMoment(text, parameter, now);
  if ('time' in asked) return asked.time;
  throw fault('bad_parameter', { parameter, reason: 'a moment in time is wanted here, not a revision' });
}
