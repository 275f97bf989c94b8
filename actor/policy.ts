// The policy as data, written by an administrator: what it does not name is forbidden. Pure.
import { isRecord } from '../src/fields.ts';
import { quantityOf } from '../src/quantity.ts';
import { type Action, type ActionKind, actionKinds } from './action.ts';
import { Refusal } from './refusal.ts';
import type { AmountChange } from './resources.ts';

export interface Policy {
  /** Globs with `*`; other namespaces are never touched. */
  readonly namespaces: readonly string[];
  /** Globs of excluded namespaces, which take precedence. */
  readonly except: readonly string[];
  readonly actions: readonly ActionKind[];
  readonly kinds: readonly string[];
  /** Maximum factor of a change, up and down. */
  readonly factors: { readonly up: number; readonly down: number };
  /** Minimum and maximum of each value, as quantities. */
  readonly bounds: { readonly [resource: string]: readonly [least: string, most: string] };
  /** Whether an amount may be removed. */
  readonly removal: boolean;
  /** When actions may start; empty for always. */
  readonly hours: readonly Hours[];
  /** Managers whose objects are refused, of `argocd`, `flux`, `fleet`, `configsync`, `helm`. */
  readonly managed: readonly string[];
  /** Seconds allowed for a rollout before it is reverted. */
  readonly within: number;
}

export interface Hours {
  /** `mon` to `sun`; empty for every day. */
  readonly days: readonly string[];
  /** `HH:MM`; `to` before `from` spans midnight. */
  readonly from: string;
  readonly to: string;
  /** From the IANA time zone database. */
  readonly zone: string;
}

const managers = ['argocd', 'flux', 'fleet', 'configsync', 'helm'];
const weekdays = ['mon', 'tue', 'wed', 'thu', 'fri', 'sat', 'sun'];

/** Without a document nothing is allowed. */
export const usualPolicy: Policy = {
  namespaces: [],
  except: ['kube-system', 'kube-public', 'kube-node-lease'],
  actions: actionKinds,
  kinds: ['Deployment', 'StatefulSet', 'DaemonSet', 'Pod'],
  factors: { up: 4, down: 4 },
  bounds: {},
  removal: false,
  hours: [],
  managed: ['argocd', 'flux', 'fleet', 'configsync'],
  within: 600,
};

type Reader = (value: unknown) => unknown;

const readers: { readonly [field in keyof Policy]: Reader } = {
  namespaces: texts('names of namespaces, with `*` for any', /^[a-z0-9*.-]{1,253}$/),
  except: texts('names of namespaces, with `*` for any', /^[a-z0-9*.-]{1,253}$/),
  actions: oneOf(actionKinds),
  kinds: oneOf(usualPolicy.kinds),
  managed: oneOf(managers),
  factors(value) {
    const { up = usualPolicy.factors.up, down = usualPolicy.factors.down, ...rest } = fieldsIn(value);
    if (Object.keys(rest).length > 0 || ![up, down].every((factor) => Number(factor) >= 1 && Number.isFinite(factor)))
      throw new Error('must be `up` and `down`, each a number from 1');
    return { up, down };
  },
  bounds(value) {
    for (const [resource, pair] of Object.entries(fieldsIn(value))) {
      if (!['cpu', 'memory', 'replicas'].includes(resource))
        throw new Error(`${resource} is none of cpu, memory, replicas`);
      const [least, most] = Array.isArray(pair) && pair.length === 2 ? pair.map(quantityOf) : [];
      if (least === undefined || most === undefined || least > most)
        throw new Error(`${resource} must be the least and the most, as quantities`);
    }
    const pairs = Object.entries(value as Policy['bounds']).map(([name, [least, most]]) => [
      name,
      [String(least), String(most)],
    ]);
    return Object.fromEntries(pairs);
  },
  removal(value) {
    if (typeof value !== 'boolean') throw new Error('must be true or false');
    return value;
  },
  hours(value) {
    if (!Array.isArray(value)) throw new Error('must be a list');
    return value.map(hoursOf);
  },
  within(value) {
    if (!Number.isInteger(value) || Number(value) < 1 || Number(value) > 7200)
      throw new Error('must be a whole number of seconds, 7200 at most');
    return value;
  },
};

/** @throws Error with the invalid field and its allowed values. */
export function policyOf(document: unknown): Policy {
  const given = Object.entries(fieldsIn(document)).map(([field, value]) => {
    const reader = Object.hasOwn(readers, field) ? readers[field as keyof Policy] : undefined;
    if (reader === undefined)
      throw new Error(`${field} is not a field of a policy: there is ${Object.keys(readers).join(', ')}`);
    try {
      return [field, reader(value)];
    } catch (error) {
      throw new Error(`${field}: ${(error as Error).message}`, { cause: error });
    }
  });
  return { ...usualPolicy, ...Object.fromEntries(given) };
}

function fieldsIn(value: unknown): { readonly [field: string]: unknown } {
  if (value === undefined || value === null) return {};
  if (!isRecord(value)) throw new Error('must be an object');
  return value;
}

function texts(what: string, form: RegExp): Reader {
  return (value) => {
    if (Array.isArray(value) && value.every((each) => typeof each === 'string' && form.test(each))) return value;
    throw new Error(`must be a list of ${what}`);
  };
}

function oneOf(known: readonly string[]): Reader {
  return (value) => {
    if (Array.isArray(value) && value.every((each) => known.includes(each))) return value;
    throw new Error(`must be a list of ${known.join(', ')}`);
  };
}

function hoursOf(value: unknown): Hours {
  const { days = [], from, to, zone = 'UTC', ...rest } = fieldsIn(value);
  const isTime = (text: unknown) => typeof text === 'string' && /^([01]\d|2[0-3]):[0-5]\d$/.test(text);
  if (Object.keys(rest).length > 0 || !isTime(from) || !isTime(to))
    throw new Error('each must be `days`, `from` and `to` as HH:MM, and `zone`');
  if (!Array.isArray(days) || !days.every((day) => weekdays.includes(day)))
    throw new Error(`days must be a list of ${weekdays.join(', ')}`);
  if (typeof zone !== 'string' || !isZone(zone)) throw new Error(`${String(zone)} is not a time zone`);
  return { days, from: String(from), to: String(to), zone };
}

function isZone(zone: string): boolean {
  try {
    Intl.DateTimeFormat('en', { timeZone: zone });
    return true;
  } catch {
    return false;
  }
}

/** Checks the policy for an action on this object, whatever its values. @throws Refusal. */
export function checkAction(policy: Policy, { action, target }: Pick<Action, 'action' | 'target'>): void {
  const { namespace, kind } = target;
  const isNamed = (globs: readonly string[]) => globs.some((glob) => globMatches(glob, namespace));
  if (!isNamed(policy.namespaces)) throw new Refusal('policy', `the policy names no namespace like ${namespace}`);
  if (isNamed(policy.except)) throw new Refusal('policy', `the policy leaves the namespace ${namespace} out`);
  if (!policy.actions.includes(action)) throw new Refusal('policy', `the policy does not allow ${action}`);
  if (!policy.kinds.includes(kind)) throw new Refusal('policy', `the policy does not allow actions on a ${kind}`);
}

/** @throws Refusal `policy` for a change that is too large or out of bounds. */
export function checkChanges({ factors, bounds, removal }: Policy, changes: readonly AmountChange[]): void {
  for (const { field, resource, from, to } of changes) {
    if (to === undefined) {
      if (!removal) throw new Refusal('policy', `the policy does not allow to take ${field} away`);
      continue;
    }
    const [was, wanted] = [quantityOf(from), quantityOf(to) ?? Number.NaN];
    const bound = bounds[resource];
    if (bound !== undefined) checkBound(field, to, wanted, bound);
    // There is no factor from nothing: new values need bounds.
    else if (was === undefined || was === 0)
      throw new Refusal(
        'policy',
        `${field} is ${from ?? 'not set'} now: only a policy with bounds of ${resource} allows ${to}`,
      );
    if (was === undefined || was === 0) continue;
    if (wanted > was * factors.up)
      throw new Refusal('policy', `${field} from ${from} to ${to} is more than ${factors.up} times as much`);
    if (wanted < was / factors.down)
      throw new Refusal('policy', `${field} from ${from} to ${to} is less than one ${factors.down}th`);
  }
}

function checkBound(field: string, to: string, wanted: number, [least, most]: readonly [string, string]): void {
  if (wanted < (quantityOf(least) ?? 0) || wanted > (quantityOf(most) ?? Number.POSITIVE_INFINITY))
    throw new Refusal('policy', `${field} ${to} is not between ${least} and ${most}`);
}

/** @throws Refusal `hours`. */
export function checkHours({ hours }: Policy, now: number): void {
  if (hours.length === 0 || hours.some((each) => isWithin(each, now))) return;
  const words = hours.map(({ days, from, to, zone }) => `${days.join(',') || 'daily'} ${from}-${to} ${zone}`);
  throw new Refusal('hours', `actions begin within ${words.join('; ')} alone`);
}

/** After midnight the day is that of the start. */
function isWithin({ days, from, to, zone }: Hours, now: number): boolean {
  const [day, time] = dayAndTime(zone, now);
  const [before] = dayAndTime(zone, now - 86_400_000);
  const isOn = (name: string) => days.length === 0 || days.includes(name);
  if (from <= to) return isOn(day) && time >= from && time < to;
  return (isOn(day) && time >= from) || (isOn(before) && time < to);
}

function dayAndTime(zone: string, now: number): [day: string, time: string] {
  const options = { timeZone: zone, weekday: 'short', hour: '2-digit', minute: '2-digit', hourCycle: 'h23' } as const;
  const parts = new Intl.DateTimeFormat('en-GB', options).formatToParts(now);
  const part = (type: string) => parts.find((each) => each.type === type)?.value ?? '';
  return [part('weekday').toLowerCase(), `${part('hour')}:${part('minute')}`];
}

function globMatches(glob: string, text: string): boolean {
  const parts = glob.split('*').map((part) => RegExp.escape(part));
  return new RegExp(`^${parts.join('.*')}$`).test(text);
}
