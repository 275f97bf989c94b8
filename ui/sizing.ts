// What right-sizing tells of a workload, in the words of people, and what to do with its action elsewhere. Pure.
import { type Amounts, shortText } from './numbers.ts';

/** As docs/actions.md describes it. */
export interface ActionDocument {
  readonly id: string;
  readonly action: string;
  readonly target: {
    readonly kind: string;
    readonly namespace: string;
    readonly name: string;
    readonly container?: string;
  };
  readonly reason?: string;
  readonly until?: string;
}

export interface SizingFact {
  /** `requests.cpu` */
  readonly field: string;
  readonly verdict: string;
  /** Cores or bytes; undefined if not set. */
  readonly now?: number;
  /** What to set. */
  readonly quantity: string;
  readonly why: string;
}

interface Used {
  readonly p95: number;
  readonly most: number;
}

/** One container of a workload, in an answer of `/cluster/right-sizing`. */
export interface Sized {
  /** Id of the resource. */
  readonly workload: string;
  readonly container: string;
  readonly containers: number;
  /** Whose numbers, and over how many minutes; the last hour where it is left out. */
  readonly window?: { readonly source: string; readonly minutes: number };
  readonly minutes: number;
  readonly used: { readonly cpu?: Used; readonly memory?: Used };
  readonly oomKills: number;
  readonly facts: readonly SizingFact[];
  /** Why nothing can be said. */
  readonly unknown?: string;
  readonly action?: ActionDocument;
}

type Resource = keyof Amounts;

/** `uses 12m of 500m requested, at most 30m, over the last hour`; one sentence for each that is measured. */
export function usageSentences({ used, minutes, facts, window }: Sized): string[] {
  const over = isOfWeeks(window) ? weeksText(minutes, window.minutes) : hourText(minutes);
  return (['cpu', 'memory'] as const).flatMap((resource) => {
    const of = used[resource];
    if (!of) return [];
    const asked = facts.find(({ field }) => field === `requests.${resource}`)?.now;
    const requested = asked === undefined ? '' : ` of ${amountOf(resource, asked)} requested`;
    const name = resource === 'cpu' ? 'Processor' : 'Memory';
    return [`${name}: uses ${amountOf(resource, of.p95)}${requested}, at most ${amountOf(resource, of.most)}, ${over}`];
  });
}

/** Whether a Prometheus has the numbers. */
export function isOfWeeks(window: Sized['window']): window is NonNullable<Sized['window']> {
  return window?.source === 'prometheus';
}

function hourText(minutes: number): string {
  return minutes >= 59 ? 'over the last hour' : `in the ${minutes} minutes that are known`;
}

/** Prometheus is asked each quarter of an hour: a gap of less is none. */
function weeksText(known: number, all: number): string {
  const days = (minutes: number) => `${Math.round(minutes / 144) / 10} days`;
  return known >= all - 15
    ? `over ${days(all)} (Prometheus)`
    : `in the ${days(known)} that are known of ${days(all)} (Prometheus)`;
}

/** `500m`; `not set` where it is not. */
export function presentOf({ field, now }: SizingFact): string {
  return now === undefined ? 'not set' : amountOf(field.endsWith('.cpu') ? 'cpu' : 'memory', now);
}

function amountOf(resource: Resource, value: number): string {
  return shortText({ [resource]: value });
}

export interface ActionPlace {
  /** As the gateway knows it. */
  readonly cluster: string;
  /** URL of the gateway. */
  readonly server: string;
}

/** The words after `kubectl insight` that show what the action would change; without a place it finds the actor by itself. */
export function applyWords(place: ActionPlace | undefined): string[] {
  const at = place === undefined ? [] : ['--cluster', place.cluster, '--server', place.server];
  return ['apply-action', '-f', '-', ...at];
}
