// Requests and limits of a container: current ones, wanted ones, and the patch between two states. Pure.
import { isRecord, itemsOf } from '../src/fields.ts';
import type { KubernetesObject } from '../src/model.ts';
import { quantityOf } from '../src/quantity.ts';
import type { Action, Values } from './action.ts';
import { Refusal } from './refusal.ts';

export interface Amounts {
  readonly [resource: string]: string;
}

/** As in the container; a missing list is undefined here too. */
export interface Resources {
  readonly requests?: Amounts;
  readonly limits?: Amounts;
  readonly [field: string]: unknown;
}

export interface FoundContainer {
  readonly list: 'containers' | 'initContainers';
  readonly name: string;
  /** Undefined if the container lacks the field. */
  readonly resources: Resources | undefined;
}

const lists = ['containers', 'initContainers'] as const;
export const amountLists = ['requests', 'limits'] as const;

/** @throws Refusal `unknown-container`. */
export function containerIn(podSpec: unknown, name: string | undefined): FoundContainer {
  const spec = isRecord(podSpec) ? podSpec : {};
  const found = lists.flatMap((list) =>
    itemsOf(spec[list] as unknown[]).flatMap((each) => (isRecord(each) ? [{ list, each }] : [])),
  );
  const match = found.find(({ each }) => each['name'] === name);
  if (match === undefined || name === undefined) {
    const names = found.map(({ each }) => String(each['name'])).join(', ');
    throw new Refusal('unknown-container', `there is no container ${name ?? 'named in the target'}; there is ${names}`);
  }
  const { resources } = match.each;
  return { list: match.list, name, resources: isRecord(resources) ? (resources as Resources) : undefined };
}

/** @throws Refusal `values`: only quantities of cpu and memory are allowed. */
export function checkAmounts(values: Values, field: string): void {
  const strange = Object.keys(values).find((name) => !amountLists.some((list) => list === name));
  if (strange !== undefined) throw new Refusal('values', `${field}.${strange} is none of ${amountLists.join(', ')}`);
  for (const list of amountLists) {
    const amounts = values[list] ?? {};
    if (!isRecord(amounts)) throw new Refusal('values', `${field}.${list} must be an object`);
    for (const [resource, amount] of Object.entries(amounts)) {
      if (resource !== 'cpu' && resource !== 'memory')
        throw new Refusal('values', `${field}.${list}.${resource}: only cpu and memory are set`);
      if (amount !== null && (typeof amount !== 'string' || !((quantityOf(amount) ?? 0) > 0)))
        throw new Refusal('values', `${field}.${list}.${resource} must be a quantity such as 250m or 64Mi, or null`);
    }
  }
}

/** Which expectation is not met: `limits.cpu is 1, expected 500m`. */
export function differenceFrom(expected: Values, resources: Resources | undefined): string | undefined {
  for (const list of amountLists) {
    for (const [resource, amount] of Object.entries((expected[list] ?? {}) as Values)) {
      const now = resources?.[list]?.[resource];
      if (quantityOf(now) !== quantityOf(amount))
        return `${list}.${resource} is ${now ?? 'not set'}, expected ${String(amount ?? 'not set')}`;
    }
  }
  return undefined;
}

/** The current amounts with the wanted ones applied; null removes one. */
export function withAmounts(resources: Resources | undefined, wanted: Values): Resources {
  const changed = amountLists.map((list) => {
    const amounts = Object.entries({ ...resources?.[list], ...(wanted[list] as Values | undefined) });
    const left = amounts.filter(([, amount]) => amount !== null);
    return [list, left.length === 0 ? undefined : Object.fromEntries(left)] as const;
  });
  const rest = Object.entries(resources ?? {}).filter(([name]) => !amountLists.some((list) => list === name));
  return Object.fromEntries([...rest, ...changed.filter(([, amounts]) => amounts !== undefined)]);
}

/** Whether both request the same amounts, however written. */
export function isSameResources(one: Resources | undefined, other: Resources | undefined): boolean {
  return amountLists.every((list) => {
    const names = new Set([...Object.keys(one?.[list] ?? {}), ...Object.keys(other?.[list] ?? {})]);
    return [...names].every((name) => quantityOf(one?.[list]?.[name]) === quantityOf(other?.[list]?.[name]));
  });
}

/** The strategic merge patch from `before` to `after`; removed amounts are null. */
export function resourcesPatch(before: Resources | undefined, after: Resources | undefined): Values | null {
  if (after === undefined) return null;
  const patch: Record<string, unknown> = {};
  for (const list of amountLists) {
    const [was, is] = [before?.[list], after[list]];
    if (is === undefined && was !== undefined) patch[list] = null;
    if (is === undefined) continue;
    const gone = Object.keys(was ?? {}).filter((name) => !(name in is));
    patch[list] = { ...is, ...Object.fromEntries(gone.map((name) => [name, null])) };
  }
  return patch;
}

/** The Pod spec in a workload's template. */
export function templateSpec(object: KubernetesObject): unknown {
  const { spec } = object as { readonly spec?: { readonly template?: { readonly spec?: unknown } } };
  return spec?.template?.spec;
}

/** Each changed amount, for the policy. */
export function changesOf({ wanted }: Pick<Action, 'wanted'>, resources: Resources | undefined): AmountChange[] {
  return amountLists.flatMap((list) =>
    Object.entries((wanted[list] ?? {}) as Values).flatMap(([resource, to]) => {
      const from = resources?.[list]?.[resource];
      if (quantityOf(from) === quantityOf(to)) return [];
      return [{ field: `${list}.${resource}`, resource, from, to: to === null ? undefined : String(to) }];
    }),
  );
}

export interface AmountChange {
  /** `limits.cpu`. */
  readonly field: string;
  readonly resource: string;
  /** Undefined if it is not set. */
  readonly from: string | undefined;
  readonly to: string | undefined;
}
