// Latest values from metrics-server: https://github.com/kubernetes-sigs/metrics-server. Pure. It reports current usage: a rate
// over its own window, and memory including the files in use.
import { isRecord, listOf } from '../../../src/fields.ts';
import { quantityOf } from '../../../src/quantity.ts';

export interface UsedNow {
  /** Cores. */
  readonly cpu?: number;
  /** Bytes. */
  readonly memoryWorkingSet?: number;
}

export interface NodeUse {
  readonly node: string;
  /** Milliseconds since the epoch: the end of its window. */
  readonly at: number;
  readonly used: UsedNow;
}

export interface PodUse {
  readonly namespace: string;
  readonly pod: string;
  readonly at: number;
  readonly containers: readonly { readonly name: string; readonly used: UsedNow }[];
}

/** Items without a name or a time are left out. */
export function nodesUsed(list: unknown): NodeUse[] {
  return itemsIn(list).flatMap((item) => {
    const { name, at } = aboutOf(item);
    return name === undefined || at === undefined ? [] : [{ node: name, at, used: usedOf(item['usage']) }];
  });
}

export function podsUsed(list: unknown): PodUse[] {
  return itemsIn(list).flatMap((item) => {
    const { name, namespace, at } = aboutOf(item);
    if (name === undefined || namespace === undefined || at === undefined) return [];
    const containers = listOf(item['containers']).flatMap((each) => {
      if (!isRecord(each) || typeof each['name'] !== 'string') return [];
      return [{ name: each['name'], used: usedOf(each['usage']) }];
    });
    return [{ namespace, pod: name, at, containers }];
  });
}

type Fields = { readonly [field: string]: unknown };

function itemsIn(list: unknown): Fields[] {
  return isRecord(list) ? listOf(list['items']).filter(isRecord) : [];
}

function aboutOf(item: Fields) {
  const { name, namespace } = isRecord(item['metadata']) ? (item['metadata'] as Fields) : {};
  const at = Date.parse(String(item['timestamp']));
  return { name: textOf(name), namespace: textOf(namespace), at: Number.isNaN(at) ? undefined : at };
}

function textOf(value: unknown): string | undefined {
  return typeof value === 'string' && value !== '' && value.length <= 253 ? value : undefined;
}

function usedOf(usage: unknown): UsedNow {
  if (!isRecord(usage)) return {};
  const [cpu, memory] = [quantityOf(usage['cpu']), quantityOf(usage['memory'])];
  return { ...(cpu === undefined ? {} : { cpu }), ...(memory === undefined ? {} : { memoryWorkingSet: memory }) };
}
