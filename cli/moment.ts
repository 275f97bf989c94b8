// Questions about the past: `--at` of all commands, and time spans for history.
import { jsonOf, type Source } from './sources/source.ts';

/** The source at a moment; the source itself if none is given. */
export function asOf(source: Source, at: string | undefined): Source {
  if (at === undefined) return source;
  const then = `at=${encodeURIComponent(at)}`;
  return { ...source, ask: (path) => source.ask(`${path}${path.includes('?') ? '&' : '?'}${then}`) };
}

export interface Span {
  readonly from: string;
  /** The requested start is too old: the span begins with the oldest record. */
  readonly shortened: boolean;
}

const units: { readonly [unit: string]: number } = { ms: 1, s: 1000, m: 60_000, h: 3_600_000, d: 86_400_000 };

/** The possible start of a span that should begin at `from`. */
export async function spanFrom(source: Source, from: string, now = Date.now()): Promise<Span> {
  const { oldestAvailable } = await jsonOf<{ readonly oldestAvailable?: string }>(source, '/cluster/history');
  const time = timeOf(from, now);
  const isEarlier = oldestAvailable !== undefined && time !== undefined && time < Date.parse(oldestAvailable);
  return isEarlier ? { from: oldestAvailable, shortened: true } : { from, shortened: false };
}

/** `5m` and `-5m` are the same age. */
export function momentOfAge(text: string): string {
  return /^\d+(?:\.\d+)?(?:ms|s|m|h|d)$/.test(text) ? `-${text}` : text;
}

function timeOf(text: string, now: number): number | undefined {
  const [, amount, unit = ''] = /^-(\d+(?:\.\d+)?)(ms|s|m|h|d)$/.exec(text) ?? [];
  if (amount !== undefined) return now - Number(amount) * (units[unit] ?? 0);
  const time = Date.parse(text);
  return Number.isNaN(time) || !/^\d{4}-/.test(text) ? undefined : time;
}
