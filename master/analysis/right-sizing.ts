// Recommends requests and limits of a container from its usage: facts, rule and value. Pure; it changes nothing. Only the
// last hour is known: a recommendation tells how many minutes of how many containers it is based on, and needs a minimum.
import type { Amounts, ResourcesAsked } from '../series/resources-asked.ts';

/** One container of the workload by minute; NaN if unknown. */
export interface MeasuredContainer {
  readonly cpu: readonly number[];
  /** Share of each second during which its limit throttled it. */
  readonly cpuThrottled: readonly number[];
  /** Resident bytes without the page cache. */
  readonly memory: readonly number[];
  readonly oomKills: number;
}

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
  readonly containers: number;
  /** Minutes of the container with most data. */
  readonly minutes: number;
  readonly used: { readonly cpu?: Used; readonly memory?: Used };
  /** Throttled share of the time, over all containers. */
  readonly throttled?: number;
  readonly oomKills: number;
  readonly facts: readonly SizingFact[];
  /** Why there are no facts for lack of data. */
  readonly unknown?: string;
}

export interface Used {
  readonly median: number;
  readonly p95: number;
  readonly most: number;
}

/** Minimum minutes of data for one container. */
export const leastMinutes = 30;
const spare = { request: 1.15, limit: 1.3, afterKill: 1.5 } as const;
/** A request is excessive above this multiple of the needed amount and this difference. */
const tooMuch = { times: 2, cpu: 0.05, memory: 32 * 2 ** 20 } as const;
const least = { cpu: 0.01, memory: 16 * 2 ** 20 } as const;
const nearLimit = 0.9;
const muchThrottled = 0.05;

export function rightSizing(measured: readonly MeasuredContainer[], { requests, limits }: ResourcesAsked): RightSizing {
  const cpu = usedOf(measured.map((each) => each.cpu));
  const memory = usedOf(measured.map((each) => each.memory));
  const minutes = Math.max(0, ...measured.map((each) => known(each.cpu.length > 0 ? each.cpu : each.memory).length));
  const throttles = known(measured.flatMap((each) => each.cpuThrottled));
  const throttled = throttles.length === 0 ? undefined : mean(throttles);
  const oomKills = measured.reduce((sum, each) => sum + each.oomKills, 0);
  const about = {
    containers: measured.length,
    minutes,
    used: { ...(cpu && { cpu }), ...(memory && { memory }) },
    ...(throttled === undefined ? {} : { throttled }),
    oomKills,
  };
  // An OOM kill is a fact in any case.
  if (minutes < leastMinutes && oomKills === 0)
    return { ...about, facts: [], unknown: `${minutes} minutes are known, ${leastMinutes} are needed` };
  const isKnown = minutes >= leastMinutes;
  const facts = [
    ...(cpu && isKnown ? [cpuRequest(cpu, requests, limits), cpuLimit(cpu, limits, throttled ?? 0)] : []),
    ...(memory ? [memoryLimit(memory, limits, oomKills), isKnown ? memoryRequest(memory, requests) : undefined] : []),
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

function cpuRequest({ p95 }: Used, requests: Amounts, limits: Amounts): SizingFact | undefined {
  const proposed = Math.max(least.cpu, p95 * spare.request);
  const because = `nineteen minutes of twenty it used at most ${cores(p95)} cores`;
  // Kubernetes uses the limit as the default request.
  const now = requests.cpu ?? limits.cpu;
  if (now === undefined) return fact('requests.cpu', 'absent', undefined, proposed, because);
  if (p95 > now) return fact('requests.cpu', 'too-little', now, proposed, because);
  const isMuch = now > proposed * tooMuch.times && now - proposed > tooMuch.cpu;
  return isMuch ? fact('requests.cpu', 'too-much', now, proposed, because) : undefined;
}

function cpuLimit({ most }: Used, { cpu }: Amounts, throttled: number): SizingFact | undefined {
  if (cpu === undefined || throttled < muchThrottled) return undefined;
  const proposed = Math.max(cpu * spare.limit, (most + throttled) * spare.limit);
  return fact(
    'limits.cpu',
    'too-little',
    cpu,
    proposed,
    `its limit held it up ${Math.round(throttled * 100)} % of the time`,
  );
}

function memoryRequest({ most }: Used, { memory: now }: Amounts): SizingFact | undefined {
  const proposed = Math.max(least.memory, most * spare.request);
  const because = `it held ${mebibytes(most)} at most`;
  if (now === undefined) return fact('requests.memory', 'absent', undefined, proposed, because);
  if (most > now) return fact('requests.memory', 'too-little', now, proposed, because);
  const isMuch = now > proposed * tooMuch.times && now - proposed > tooMuch.memory;
  return isMuch ? fact('requests.memory', 'too-much', now, proposed, because) : undefined;
}

function memoryLimit({ most }: Used, { memory: now }: Amounts, oomKills: number): SizingFact | undefined {
  if (now === undefined) return undefined;
  if (oomKills > 0) {
    const proposed = Math.max(now * spare.afterKill, most * spare.limit);
    return fact('limits.memory', 'too-little', now, proposed, `it was killed for memory ${oomKills} times`);
  }
  if (most <= now * nearLimit) return undefined;
  return fact(
    'limits.memory',
    'too-little',
    now,
    most * spare.limit,
    `it held ${mebibytes(most)} of ${mebibytes(now)}`,
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

/** Two significant digits, rounded up: an hour justifies no more. */
function quantity(field: string, value: number): string {
  const [amount, unit] = field.endsWith('.cpu') ? [value * 1000, 'm'] : [value / 2 ** 20, 'Mi'];
  const step = 10 ** Math.max(0, Math.floor(Math.log10(Math.max(1, amount))) - 1);
  return `${Math.ceil(amount / step - 1e-9) * step}${unit}`;
}

function usedOf(all: readonly (readonly number[])[]): Used | undefined {
  const values = known(all.flat()).toSorted((a, b) => a - b);
  const at = (share: number) => values[Math.min(values.length - 1, Math.floor(values.length * share))];
  const [median, p95, most] = [at(0.5), at(0.95), values.at(-1)];
  if (median === undefined || p95 === undefined || most === undefined) return undefined;
  return { median, p95, most };
}

function known(values: readonly number[]): number[] {
  return values.filter((value) => Number.isFinite(value));
}

function mean(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length;
}

const cores = (value: number) => String(Math.round(value * 1000) / 1000);
const mebibytes = (value: number) => `${Math.ceil(value / 2 ** 20)} MiB`;
