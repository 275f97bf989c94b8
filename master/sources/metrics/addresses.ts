// Finds the Pod, Service or Node of an address. Built from the graph on first use, then kept up to date. Pods in the host
// network are never found by address alone, since they share it.
import { isRecord, listOf } from '../../../src/fields.ts';
import type { Steps } from '../../../src/steps.ts';
import type { GraphReader } from '../../graph/engine/engine.ts';
import type { Vertex } from '../../graph/model/vertex.ts';

export interface Holder {
  /** Id of the resource. */
  readonly id: string;
  readonly type: 'Pod' | 'Service' | 'Node';
  /** For Pods: containers with their declared ports. */
  readonly containers?: readonly DeclaredContainer[];
}

export interface DeclaredContainer {
  readonly name: string;
  readonly ports: readonly number[];
}

const types = ['Pod', 'Service', 'Node'] as const;
type HeldType = (typeof types)[number];

const isHeldType = (type: string): type is HeldType => (types as readonly string[]).includes(type);

export class Addresses {
  readonly #graph: GraphReader;
  readonly #holders = new Map<string, Holder>();
  /** By id. */
  readonly #addressesOf = new Map<string, readonly string[]>();
  readonly #stop: () => void;

  constructor(graph: GraphReader) {
    this.#graph = graph;
    this.#stop = graph.changes.follow(({ resources, removedResources }) => {
      for (const { id, type } of resources) if (isHeldType(type)) this.#look(graph.get(id), id);
      for (const { id } of removedResources) this.#forget(id);
    });
  }

  /** Adds existing resources; later changes arrive separately. */
  *fill(): Steps<void> {
    for (const type of types)
      for (const namespace of [...this.#graph.namespacesOf(type)])
        for (const vertex of [...this.#graph.members(type, namespace)]) {
          yield;
          this.#look(vertex, vertex.id);
        }
  }

  of(address: string): Holder | undefined {
    return this.#holders.get(address);
  }

  close(): void {
    this.#stop();
  }

  #look(vertex: Vertex | undefined, id: string): void {
    this.#forget(id);
    if (!vertex?.present || !isHeldType(vertex.type)) return;
    const properties: unknown = JSON.parse(this.#graph.propertiesOf(vertex));
    const addresses = addressesOf(vertex.type, properties);
    if (addresses.length === 0) return;
    this.#addressesOf.set(id, addresses);
    const containers = vertex.type === 'Pod' ? { containers: declared(properties) } : {};
    for (const address of addresses) this.#holders.set(address, { id, type: vertex.type, ...containers });
  }

  #forget(id: string): void {
    // Another resource may have the address by now.
    for (const address of this.#addressesOf.get(id) ?? [])
      if (this.#holders.get(address)?.id === id) this.#holders.delete(address);
    this.#addressesOf.delete(id);
  }
}

/** Pure. */
export function addressesOf(type: HeldType, properties: unknown): string[] {
  const [spec, status] = [at(properties, 'spec'), at(properties, 'status')];
  if (type === 'Service') return texts([at(spec, 'clusterIP'), ...listOf(at(spec, 'clusterIPs'))]);
  if (type === 'Node') {
    const entries = listOf(at(status, 'addresses')).filter((each) => String(at(each, 'type')).endsWith('IP'));
    return texts(entries.map((each) => at(each, 'address')));
  }
  const phase = at(status, 'phase');
  if (at(spec, 'hostNetwork') === true || phase === 'Succeeded' || phase === 'Failed') return [];
  return texts([at(status, 'podIP'), ...listOf(at(status, 'podIPs')).map((each) => at(each, 'ip'))]);
}

function declared(properties: unknown): DeclaredContainer[] {
  const spec = at(properties, 'spec');
  return listOf(at(spec, 'containers')).flatMap((each) => {
    const name = at(each, 'name');
    if (typeof name !== 'string') return [];
    const ports = listOf(at(each, 'ports')).map((port) => at(port, 'containerPort'));
    return { name, ports: ports.filter((port): port is number => typeof port === 'number') };
  });
}

function at(value: unknown, name: string): unknown {
  return isRecord(value) ? value[name] : undefined;
}

/** Distinct strings; a headless Service has the address `None`. */
function texts(values: readonly unknown[]): string[] {
  const all = values.filter((each): each is string => typeof each === 'string' && each !== '' && each !== 'None');
  return [...new Set(all)];
}
