// The visible graphs in use, by key of rights: created on demand, shared by callers with equal rights, dropped after a time
// without use. If there is no room for another, the tenant that holds most loses one, including its open answers; no tenant
// loses any to one that holds more.
import { createHash } from 'node:crypto';
import { LRUCache } from 'lru-cache';
import type { MonotonicClock, MonotonicTime } from '../../../src/clock.ts';
import { fault } from '../../../src/errors.ts';
import type { GraphReader } from '../../graph/engine/engine.ts';
import type { Rights } from '../auth/rights.ts';
import { bearersOf } from '../auth/tenant.ts';
import type { VisibleGraph, VisibleGraphOptions } from './visible-graph.ts';
import { createVisibleGraph, visibleOf } from './visible-graph.ts';

/** The application over a visible graph. */
export interface VisibleGraphApp {
  close(): Promise<unknown>;
}

export interface VisibleGraphsOptions<A extends VisibleGraphApp> extends Omit<VisibleGraphOptions, 'rights'> {
  /** Builds the application; `epoch` distinguishes this graph's revisions from all others. */
  readonly open: (graph: GraphReader, epoch: string, rights: Rights) => Promise<A>;
  /** Distinguishes this process from earlier ones. */
  readonly epoch: string;
  /** Maximum bytes of all together. */
  readonly mostBytes: number;
  readonly clock: MonotonicClock;
}

export interface VisibleGraphs<A extends VisibleGraphApp> {
  /**
   * The application for these rights, held until `leave` is called.
   * @throws Fault `overloaded` if there is no room.
   */
  enter(rights: Rights, user: User): Promise<{ readonly app: A; readonly graph: GraphReader; leave(): void }>;
  /** Drops graphs that were not used for a while. */
  tidy(): Promise<void>;
  size(): { readonly count: number; readonly bytes: number };
  close(): Promise<void>;
}

/** A running answer that uses one. */
export interface User {
  /** Callers with the same tenant share limits: see tenant.ts. */
  readonly tenant: string;
  /** Ends the answer. */
  cut(): void;
}

interface Held<A> {
  readonly rights: Rights;
  readonly visible: VisibleGraph;
  readonly app: Promise<A>;
  readonly expected: number;
  readonly users: Set<User>;
  /** The last user. */
  tenant: string;
  usedAt: MonotonicTime;
}

/** Milliseconds. */
const idleFor = 600_000;
/** Cost of an empty one: 787 KiB of heap were measured, 1.2 MiB resident, after using every route. */
export const baseBytes = 1 << 20;
/** Maximum keys of rights whose openings are counted. */
const mostKeys = 4096;

export function createVisibleGraphs<A extends VisibleGraphApp>(options: VisibleGraphsOptions<A>): VisibleGraphs<A> {
  const { main, open, mostBytes, clock, epoch } = options;
  const held = new Map<string, Held<A>>();
  const made = new LRUCache<string, number>({
    max: mostKeys,
    dispose: (_count, _key, why) => void (why === 'evict' && forgotten++),
  });
  let forgotten = 0;

  function make(rights: Rights, { tenant }: User): Held<A> {
    const expected = baseBytes + sizeOf(main, rights);
    makeRoom(tenant, rights, expected);
    const visible = createVisibleGraph({ ...options, rights });
    const app = visible.ready.then(() => open(visible.graph, epochOf(rights), rights));
    const one: Held<A> = { rights, visible, app, expected, users: new Set(), tenant, usedAt: clock() };
    const { openSnapshots } = visible.graph;
    openSnapshots.retention.belong(openSnapshots, () => one.tenant);
    held.set(rights.key, one);
    // If it failed, the next caller tries again.
    app.catch(() => void letGo(rights.key, one));
    return one;
  }

  /** Computed from the rights and the number of openings only: it must not reveal anything hidden. */
  function epochOf({ key }: Rights): string {
    const digest = createHash('sha256').update(key).digest('base64');
    // After the counters were dropped, this keeps old numbers from being reused.
    const times = (made.get(digest) ?? forgotten * 2 ** 20) + 1;
    made.set(digest, times);
    return createHash('sha256').update(`${epoch} ${key} ${times}`).digest('hex').slice(0, 8);
  }

  function taken(): number {
    return held.values().reduce((sum, one) => sum + bytesOf(one), 0);
  }

  function makeRoom(tenant: string, rights: Rights, bytes: number): void {
    while (taken() + bytes > mostBytes) {
      const found = dispensable([...held], { tenant, rights }, bytes);
      if (!found) throw fault('overloaded', { reason: 'there is no room for one more view of the graph' });
      void letGo(...found);
      for (const user of found[1].users) user.cut();
    }
  }

  async function letGo(key: string, one: Held<A>): Promise<void> {
    if (held.get(key) === one) held.delete(key);
    one.visible.close();
    await (await one.app.catch(() => undefined))?.close();
  }

  return {
    async enter(rights, user) {
      const one = held.get(rights.key) ?? make(rights, user);
      one.users.add(user);
      one.tenant = user.tenant;
      const leave = () => {
        if (one.users.delete(user)) one.usedAt = clock();
      };
      try {
        return { app: await one.app, graph: one.visible.graph, leave };
      } catch (error) {
        leave();
        throw error;
      }
    },
    async tidy() {
      const old = [...held].filter(([, { users, usedAt }]) => users.size === 0 && clock() - usedAt >= idleFor);
      await Promise.all(old.map(([key, one]) => letGo(key, one)));
    },
    size: () => ({ count: held.size, bytes: taken() }),
    async close() {
      await Promise.all([...held].map(([key, one]) => letGo(key, one)));
    },
  };
}

function sizeOf(main: GraphReader, rights: Rights): number {
  let bytes = 0;
  for (const each of visibleOf(main, rights)) bytes += each.bytes;
  return bytes;
}

function bytesOf({ visible, expected }: Held<unknown>): number {
  return Math.max(expected, baseBytes + visible.graph.bytes.size().live);
}

/** A new user and the purpose. */
interface Coming {
  readonly tenant: string;
  readonly rights: Rights;
}

/** Graphs to drop so that the new user has room; undefined if none can be dropped fairly. */
function dispensable<A>(
  held: readonly [string, Held<A>][],
  { tenant, rights }: Coming,
  bytes: number,
): [string, Held<A>] | undefined {
  const loads = loadsOf(held.map(([, one]) => one));
  const least = (bearers: readonly string[]) => Math.min(...bearers.map((each) => loads.get(each) ?? 0));
  const own = least(bearersOf(tenant, rights));
  const loadOf = ([, one]: [string, Held<A>]) => Math.min(...ownersOf(one).map(least));
  const isIdle = ([, { users }]: [string, Held<A>]) => users.size === 0;
  const inOrder = held.toSorted(
    (a, b) => loadOf(b) - loadOf(a) || Number(isIdle(b)) - Number(isIdle(a)) || a[1].usedAt - b[1].usedAt,
  );
  const [largest] = inOrder;
  if (largest && loadOf(largest) > own + bytes) return largest;
  const idle = held.filter(isIdle).toSorted(([, a], [, b]) => a.usedAt - b.usedAt);
  return idle.find(([, one]) => one.tenant === tenant) ?? (own === 0 ? idle[0] : undefined);
}

/** Bytes by tenant charged; a graph used by several is charged to all of them. */
function loadsOf(held: readonly Held<unknown>[]): Map<string, number> {
  const loads = new Map<string, number>();
  for (const one of held) {
    const owners = ownersOf(one);
    for (const each of owners.flat()) loads.set(each, (loads.get(each) ?? 0) + bytesOf(one) / owners.length);
  }
  return loads;
}

/** The current or last users, and each tenant charged for them. */
function ownersOf({ users, tenant, rights }: Held<unknown>): readonly (readonly string[])[] {
  const tenants = users.size === 0 ? [tenant] : [...new Set([...users].map((user) => user.tenant))];
  return tenants.map((each) => bearersOf(each, rights));
}
