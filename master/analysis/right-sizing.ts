// Recommends requests and limits of a container from its usage: facts, rule and value. Pure; it changes nothing. A
// recommendation tells what window of how many containers it is based on, and needs a minimum of it.
import type { Amounts, ResourcesAsked } from '../series/resources-asked.ts';
import type { Usage, UsageWindow, Used } from '../series/usage.ts';

export interface SizingFact {
  /** `requests.cpu`, `limits.memory`. */
  readonly field: string;
  readonly verdict: 'too-little' | 'too-much' | 'absent';
  /** Cores or bytes; undefined if not set. */
  readonly now?: number;
  readonly proposed: number;
  /** As a Kubernetes quantity. */
  readonly quantity: string;
  readonly why: string;
}

export interface RightSizing {
  readonly window: UsageWindow;
  readonly containers: number;
  /** With data, of the window. */
  readonly minutes: number;
  readonly used: { readonly cpu?: Used; readonly memory?: Used };
  /** Throttled share of the time, over all containers. */
  readonly throttled?: number;
  /** Share of its scheduling periods, where the time is not known. */
  readonly throttledPeriods?: number;
  readonly oomKills: number;
  readonly facts: readonly SizingFact[];
  /** Why there are no facts for lack of data. */
  readonly unknown?: string;
}

/** Minimum minutes of data: of the last hour, and of the weeks that a Prometheus keeps. */
export const leastMinutes = { own: 30, prometheus: 1440 } as const;
const spare = { request: 1.15, limit: 1.3, afterKill: 1.5 } as const;
/** A request is excessive above this multiple of the needed amount and this difference. */
const tooMuch = { times: 2, cpu: 0.05, memory: 32 * 2 ** 20 } as const;
const least = { cpu: 0.01, memory: 16 * 2 ** 20 } as const;
const nearLimit = 0.9;
const muchThrottled = { time: 0.05, periods: 0.25 } as const;

/** Minutes of data from which something is proposed. */
function neededOf({ source, minutes }: UsageWindow): number {
  return Math.min(leastMinutes[source], minutes);
}

/** Whether the usage is known long enough to propose something of it. */
export function isLongEnough({ minutes, window }: Usage): boolean {
  return minutes >= neededOf(window);
}

/** Weeks before an hour, if enough of them is known. A kill that either knows of counts. */
export function bestUsage(past: Usage | undefined, own: Usage): Usage {
  if (past === undefined) return own;
  const oomKills = Math.max(past.oomKills, own.oomKills);
  const isOwn = !isLongEnough(past) && (isLongEnough(own) || own.minutes >= past.minutes);
  return { ...(isOwn ? own : past), oomKills };
}

export function rightSizing(usage: Usage, { requests, limits }: ResourcesAsked): RightSizing {
  const { cpu, memory, oomKills, minutes, window, throttled, throttledPeriods } = usage;
  const about = {
    window,
    containers: usage.containers,
    minutes,
    used: { ...(cpu && { cpu }), ...(memory && { memory }) },
    ...(throttled === undefined ? {} : { throttled }),
    ...(throttled !== undefined || throttledPeriods === undefined ? {} : { throttledPeriods }),
    oomKills,
  };
  const isKnown = (family: 'cpu' | 'memory') => usage.minutesOf[family] >= neededOf(window);
  // An OOM kill is a fact in any case.
  if (!isLongEnough(usage) && oomKills === 0) return { ...about, facts: [], unknown: tooShort(usage) };
  const facts = [
    ...(cpu && isKnown('cpu') ? [cpuRequest(cpu, window, requests, limits), cpuLimit(cpu, limits, usage)] : []),
    ...(memory ? [memoryLimit(memory, limits, usage)] : []),
    ...(memory && isKnown('memory') ? [memoryRequest(memory, window, requests)] : []),
  ];
  return {
    ...about,
    facts: consistent(
      facts.filter((fact) => fact !== undefined),
      requests,
      limits,
    ),
  };
}

function tooShort({ minutes, window }: Usage): string {
  const needed = neededOf(window);
  if (window.source === 'own') return `${minutes} minutes are known, ${needed} are needed`;
  return `${spanOfMinutes(minutes)} of the last ${spanOfMinutes(window.minutes)} are known, ${spanOfMinutes(needed)} are needed`;
}

/** `7 d`, `36 h`, `45 min`. */
export function spanOfMinutes(minutes: number): string {
  if (minutes >= 2880 && minutes % 1440 === 0) return `${minutes / 1440} d`;
  if (minutes >= 120) return `${Math.round(minutes / 6) / 10} h`;
  return `${Math.round(minutes)} min`;
}

function cpuRequest({ p95 }: Used, window: UsageWindow, requests: Amounts, limits: Amounts): SizingFact | undefined {
  const proposed = Math.max(least.cpu, p95 * spare.request);
  const because =
    window.source === 'own'
      ? `nineteen minutes of twenty it used at most ${cores(p95)} cores`
      : `in nineteen of twenty intervals of ${window.step} minutes, over ${spanOfMinutes(window.minutes)}, it used at most ${cores(p95)} cores`;
  // Kubernetes uses the limit as the default request.
  const now = requests.cpu ?? limits.cpu;
  if (now === undefined) return fact('requests.cpu', 'absent', undefined, proposed, because);
  if (p95 > now) return fact('requests.cpu', 'too-little', now, proposed, because);
  const isMuch = now > proposed * tooMuch.times && now - proposed > tooMuch.cpu;
  return isMuch ? fact('requests.cpu', 'too-much', now, proposed, because) : undefined;
}

function cpuLimit({ most }: Used, { cpu }: Amounts, { throttled, throttledPeriods }: Usage): SizingFact | undefined {
  if (cpu === undefined) return undefined;
  if (throttled !== undefined) {
    if (throttled < muchThrottled.time) return undefined;
    const proposed = Math.max(cpu * spare.limit, (most + throttled) * spare.limit);
    return fact('limits.cpu', 'too-little', cpu, proposed, `its limit held it up ${percent(throttled)} of the time`);
  }
  if (throttledPeriods === undefined || throttledPeriods < muchThrottled.periods) return undefined;
  const because = `its limit held it up in ${percent(throttledPeriods)} of its scheduling periods`;
  return fact('limits.cpu', 'too-little', cpu, Math.max(cpu, most) * spare.limit, because);
}

/** A Prometheus does not see what came before the first number of a counter, which begins again with a container. */
const killed = (times: number, window: UsageWindow) =>
  `it was killed for memory ${window.source === 'own' ? '' : 'at least '}${times} times${over(window)}`;
/** Nothing of the last hour: it is what is usual. */
const over = ({ source, minutes }: UsageWindow) => (source === 'own' ? '' : ` over ${spanOfMinutes(minutes)}`);
const percent = (share: number) => `${Math.round(share * 100)} %`;

function memoryRequest({ most }: Used, window: UsageWindow, { memory: now }: Amounts): SizingFact | undefined {
  const proposed = Math.max(least.memory, most * spare.request);
  const because = `it held ${mebibytes(most)} at most${over(window)}`;
  if (now === undefined) return fact('requests.memory', 'absent', undefined, proposed, because);
  if (most > now) return fact('requests.memory', 'too-little', now, proposed, because);
  const isMuch = now > proposed * tooMuch.times && now - proposed > tooMuch.memory;
  return isMuch ? fact('requests.memory', 'too-much', now, proposed, because) : undefined;
}

function memoryLimit({ most }: Used, { memory: now }: Amounts, { window, oomKills }: Usage): SizingFact | undefined {
  if (now === undefined) return undefined;
  if (oomKills > 0) {
    const proposed = Math.max(now * spare.afterKill, most * spare.limit);
    return fact('limits.memory', 'too-little', now, proposed, killed(oomKills, window));
  }
  if (most <= now * nearLimit) return undefined;
  return fact(
    'limits.memory',
    'too-little',
    now,
    most * spare.limit,
    `it held ${mebibytes(most)} of ${mebibytes(now)}${over(window)}`,
  );
}

/** API servers reject a request above its limit, so the limit is raised too. */
function consistent(facts: readonly SizingFact[], requests: Amounts, limits: Amounts): readonly SizingFact[] {
  const value = (field: string, now: number | undefined) => facts.find((each) => each.field === field)?.proposed ?? now;
  const more = (['cpu', 'memory'] as const).flatMap((resource) => {
    const [request, limit] = [
      value(`requests.${resource}`, requests[resource]),
      value(`limits.${resource}`, limits[resource]),
    ];
    if (request === undefined || limit === undefined || request <= limit) return [];
    const field = `limits.${resource}`;
    return [
      fact(
        field,
        'too-little',
        limits[resource],
        request * spare.limit,
        `the request is to be ${quantity(field, request)}`,
      ),
    ];
  });
  return [...facts.filter(({ field }) => !more.some((each) => each.field === field)), ...more];
}

function fact(
  field: string,
  verdict: SizingFact['verdict'],
  now: number | undefined,
  wanted: number,
  why: string,
): SizingFact {
  const text = quantity(field, wanted);
  const proposed = field.endsWith('.cpu') ? Number(text.slice(0, -1)) / 1000 : Number(text.slice(0, -2)) * 2 ** 20;
  return { field, verdict, ...(now === undefined ? {} : { now }), proposed, quantity: text, why };
}

/** Two significant digits, rounded up: no measurement justifies more. */
function quantity(field: string, value: number): string {
  const [amount, unit] = field.endsWith('.cpu') ? [value * 1000, 'm'] : [value / 2 ** 20, 'Mi'];
  const step = 10 ** Math.max(0, Math.floor(Math.log10(Math.max(1, amount))) - 1);
  return `${Math.ceil(amount / step - 1e-9) * step}${unit}`;
}

const cores = (value: number) => String(Math.round(value * 1000) / 1000);
const mebibytes = (value: number) => `${Math.ceil(value / 2 ** 20)} MiB`;
