// The document of an action that sets what right-sizing proposes, for a workload as it stands: the values that are there are the
// precondition, the proposed ones what is wanted. Pure; it is proposed elsewhere.
import { createHash } from 'node:crypto';
import { isRecord, itemsOf } from '../../src/fields.ts';
import { parseId } from '../../src/ids.ts';
import { quantityOf } from '../../src/quantity.ts';
import type { SizingFact } from './right-sizing.ts';

export interface SizedWorkload {
  /** Id of the resource. */
  readonly id: string;
  readonly type: string;
  /** The object as it is kept. */
  readonly object: unknown;
}

/** As docs/actions.md describes it. */
export interface SizingAction {
  readonly id: string;
  readonly action: 'set-resources';
  readonly target: {
    readonly kind: string;
    readonly namespace: string;
    readonly name: string;
    readonly uid: string;
    readonly container: string;
  };
  readonly expected: AmountLists;
  readonly wanted: AmountLists;
  readonly reason: string;
  readonly until: string;
}

type AmountLists = { readonly [list: string]: { readonly [resource: string]: string | null } };

/** Those whose templates an action can change. */
const kinds: ReadonlySet<string> = new Set(['Deployment', 'StatefulSet', 'DaemonSet']);
/** Milliseconds. The same proposal has the same end, and with it the same id, for six hours: to ask twice is to propose once. */
const step = 6 * 3_600_000;
const longestReason = 900;

/** Undefined where nothing is proposed, or the template cannot be changed by an action, or has the proposed values already. */
export function sizingAction(
  { id, type, object }: SizedWorkload,
  container: string,
  facts: readonly SizingFact[],
  now: number,
): SizingAction | undefined {
  const uid = isRecord(object) && isRecord(object['metadata']) ? object['metadata']['uid'] : undefined;
  const resources = resourcesIn(object, container);
  if (!kinds.has(type) || typeof uid !== 'string' || resources === undefined) return undefined;
  const meant = facts.filter((fact) => quantityOf(valueAt(resources, fact.field)) !== quantityOf(fact.quantity));
  if (meant.length === 0) return undefined;
  const [namespace = '', name = ''] = parseId(id).path.split('/');
  const target = { kind: type, namespace, name, uid, container };
  const expected = listsOf(meant.map(({ field }) => [field, valueAt(resources, field)]));
  const wanted = listsOf(meant.map(({ field, quantity }) => [field, quantity]));
  const until = new Date((Math.floor(now / step) + 4) * step).toISOString();
  const digest = createHash('sha256')
    .update(JSON.stringify([target, expected, wanted, until]))
    .digest('hex');
  const reason = meant.map(({ field, quantity, why }) => `${field} ${quantity}: ${why}`).join('; ');
  return {
    id: `right-size-${digest.slice(0, 24)}`,
    action: 'set-resources',
    target,
    expected,
    wanted,
    reason: reason.slice(0, longestReason),
    until,
  };
}

/** Of the container in the template; empty where it has none, undefined where there is no such container. */
function resourcesIn(object: unknown, container: string): unknown {
  const template = fieldAt(fieldAt(fieldAt(object, 'spec'), 'template'), 'spec');
  const lists = ['containers', 'initContainers'].flatMap((list) => itemsOf(fieldAt(template, list) as unknown[]));
  const found = lists.find((each) => fieldAt(each, 'name') === container);
  return found === undefined ? undefined : (fieldAt(found, 'resources') ?? {});
}

/** `limits.cpu` as it is written there; null where it is not set. */
function valueAt(resources: unknown, field: string): string | null {
  const [list = '', resource = ''] = field.split('.');
  const value = fieldAt(fieldAt(resources, list), resource);
  return typeof value === 'string' || typeof value === 'number' ? String(value) : null;
}

function listsOf(values: readonly (readonly [field: string, value: string | null])[]): AmountLists {
  const lists: { [list: string]: { [resource: string]: string | null } } = {};
  for (const [field, value] of values) {
    const [list = '', resource = ''] = field.split('.');
    (lists[list] ??= {})[resource] = value;
  }
  return lists;
}

function fieldAt(value: unknown, field: string): unknown {
  return isRecord(value) ? value[field] : undefined;
}
