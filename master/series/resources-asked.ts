// Requests and limits of a container in cores and bytes, from its spec's `resources`. Pure.
import { isRecord } from '../../src/fields.ts';
import { quantityOf } from '../../src/quantity.ts';

export interface ResourcesAsked {
  readonly requests: Amounts;
  readonly limits: Amounts;
}

/** Undefined if not set. */
export interface Amounts {
  readonly cpu?: number;
  readonly memory?: number;
}

export function resourcesAsked(spec: unknown): ResourcesAsked {
  const resources = isRecord(spec) ? spec['resources'] : undefined;
  const of = (name: string) => amountsIn(isRecord(resources) ? resources[name] : undefined);
  return { requests: of('requests'), limits: of('limits') };
}

function amountsIn(list: unknown): Amounts {
  if (!isRecord(list)) return {};
  const [cpu, memory] = [quantityOf(list['cpu']), quantityOf(list['memory'])];
  return { ...(cpu === undefined ? {} : { cpu }), ...(memory === undefined ? {} : { memory }) };
}
