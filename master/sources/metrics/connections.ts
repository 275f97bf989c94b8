// Relations for connections seen by a node's probe: one appears with the first connection and disappears ten minutes after
// the last. Counts never reach the graph, so they make no revisions.
import { containerId, parseId, resourceId } from '../../../src/ids.ts';
import type { ObservedConnection } from '../../../src/telemetry-api.ts';
import type { Addresses, Holder } from './addresses.ts';

/** Milliseconds that a relation outlives its last connection. */
export const keptFor = 600_000;
/** Maximum relations of one container. */
export const mostTargets = 200;
/** Maximum number of external addresses shown individually; all others are one resource. */
export const mostHosts = 1000;
/** All addresses that are not shown one by one. */
export const outside = resourceId('CIDR', '0.0.0.0/0');

/** As in a container's property `observed.connectsTo`. */
export interface Connecting {
  readonly to: string;
  readonly ports: readonly number[];
  /** Id of the Service that was called. */
  readonly via?: string;
  /** The last attempt failed. */
  readonly failed?: true;
  readonly since: string;
}

interface Standing {
  readonly ports: Set<number>;
  via: string | undefined;
  failed: boolean;
  readonly since: number;
  last: number;
}

export interface ConnectionsOptions {
  readonly addresses: Pick<Addresses, 'of'>;
}

export class StandingConnections {
  readonly #addresses: Pick<Addresses, 'of'>;
  /** By node, then by runtime id of the container, then by target id. */
  readonly #nodes = new Map<string, Map<string, Map<string, Standing>>>();
  readonly #hosts = new Set<string>();
  #dropped = 0;

  constructor({ addresses }: ConnectionsOptions) {
    this.#addresses = addresses;
  }

  /** Connections ignored because of a maximum. */
  get dropped(): number {
    return this.#dropped;
  }

  /** Takes the current report of a node's probe; `now`: milliseconds since the epoch on this machine. */
  take(node: string, connections: readonly ObservedConnection[], skew: number, now: number): void {
    const containers = this.#nodes.get(node) ?? new Map<string, Map<string, Standing>>();
    this.#nodes.set(node, containers);
    for (const connection of connections) this.#takeOne(containers, connection, skew, now);
    for (const [id, targets] of containers) {
      for (const [target, { last }] of targets) if (now - last > keptFor) targets.delete(target);
      if (targets.size === 0) containers.delete(id);
    }
  }

  /** By runtime id of the container, sorted by target. */
  of(node: string): Map<string, Connecting[]> {
    const containers = this.#nodes.get(node) ?? new Map<string, Map<string, Standing>>();
    return new Map(
      [...containers].map(([id, targets]) => {
        const sorted = [...targets].toSorted(([a], [b]) => (a < b ? -1 : 1));
        return [id, sorted.map(([to, standing]) => connecting(to, standing))];
      }),
    );
  }

  /** Everything that stands, on every node. */
  *all(): Generator<{
    readonly node: string;
    readonly container: string;
    readonly target: string;
    readonly via: string | undefined;
  }> {
    for (const [node, containers] of this.#nodes)
      for (const [container, targets] of containers)
        for (const [target, { via }] of targets) yield { node, container, target, via };
  }

  forget(node: string): void {
    this.#nodes.delete(node);
  }

  #takeOne(
    containers: Map<string, Map<string, Standing>>,
    { container, destination, actual = destination, first, last: said, failed }: ObservedConnection,
    skew: number,
    now: number,
  ): void {
    // Corrects for the node's clock; never later than now.
    const last = Math.min(now, said + skew);
    if (now - last > keptFor) return;
    const dialled = splitAddress(destination);
    const went = splitAddress(actual);
    if (!dialled || !went) return;
    const service = this.#addresses.of(dialled.host);
    const target = this.#targetOf(went.host, went.port);
    const via = service?.type === 'Service' && service.id !== target ? service.id : undefined;
    const targets = containers.get(container) ?? new Map<string, Standing>();
    containers.set(container, targets);
    const known = targets.get(target);
    if (!known && targets.size >= mostTargets) {
      this.#dropped++;
      return;
    }
    const since = Math.min(now, Math.max(0, first + skew));
    const standing = known ?? { ports: new Set(), via, failed, since, last };
    targets.set(target, standing);
    if (standing.ports.size < 32) standing.ports.add(went.port);
    if (last < standing.last) return;
    standing.last = last;
    standing.failed = failed;
    standing.via = via ?? standing.via;
  }

  #targetOf(host: string, port: number): string {
    const holder = this.#addresses.of(host);
    if (holder) return holder.type === 'Pod' ? containerAt(holder, port) : holder.id;
    if (!this.#hosts.has(host) && this.#hosts.size >= mostHosts) return outside;
    this.#hosts.add(host);
    return resourceId('Host', host);
  }
}

/** The container that declares the port, or the only one; otherwise the Pod. */
export function containerAt({ id, containers = [] }: Holder, port: number): string {
  const declaring = containers.filter(({ ports }) => ports.includes(port));
  const [only, ...others] = declaring.length > 0 ? declaring : containers;
  if (!only || others.length > 0) return id;
  const { path } = parseId(id);
  const slash = path.indexOf('/');
  return containerId(path.slice(0, slash), path.slice(slash + 1), only.name);
}

function connecting(to: string, { ports, via, failed, since }: Standing): Connecting {
  return {
    to,
    ports: [...ports].toSorted((a, b) => a - b),
    ...(via === undefined ? {} : { via }),
    ...(failed ? { failed: true as const } : {}),
    since: new Date(since).toISOString(),
  };
}

/** `address:port` or `[address]:port`. Pure. */
export function splitAddress(text: string): { readonly host: string; readonly port: number } | undefined {
  const [, six, four, digits] = /^(?:\[([0-9a-f:.]{2,45})\]|([0-9.]{7,15})):(\d{1,5})$/.exec(text) ?? [];
  const [host, port] = [six ?? four, Number(digits)];
  return host === undefined || !(port <= 65_535) ? undefined : { host, port };
}
