// The graphs in use, by the key of their rights: made when first wanted, shared by all with equal rights, let go when nobody
// came for a while. Where there is no room for one more, the tenant that holds most gives it, open answers included; nobody
// loses anything to one who holds more.
import { createHash } from 'node:crypto';
import { LRUCache } from 'lru-cache';
import type { MonotonicClock, MonotonicTime } from '../../../src/clock.ts';
import { fault } from '../../../src/errors.ts';
import type { GraphReader } from '../../graph/engine/engine.ts';
import type { Rights } from '../auth/rights.ts';
import { bearersOf } from '../auth/tenant.ts';
import type { VisibleGraph, VisibleGraphOptions } from './visible-graph.ts';
import { createVisibleGraph, visibleOf } from './visible-graph.ts';

/** What answers for a scope: an application over its graph. */
export interface VisibleGraphApp {
  close(): Promise<unknown>;
}

export interface VisibleGraphsOptions<A extends VisibleGraphApp> extends Omit<VisibleGraphOptions, 'rights'> {
  /** Builds what answers; `epoch` tells this graph's revisions from every other's. */
  readonly open: (graph: GraphReader, epoch: string, rights: Rights) => Promise<A>;
  /** Distinguishes this process from the one before it. */
  readonly epoch: string;
  /** Bytes that all of them together may take. */
  readonly mostBytes: number;
  readonly clock: MonotonicClock;
}

export interface VisibleGraphs<A extends VisibleGraphApp> {
  /**
   * What answers for these rights, held until `leave` is called.
   * @throws Fault `overloaded` when there is no room for it.
   */
  enter(rights: Rights, user: User): Promise<{ readonly app: A; leave(): void }>;
  /** Lets go of what nobody used for a while. */
  tidy(): Promise<void>;
  size(): { readonly count: number; readonly bytes: number };
  close(): Promise<void>;
}

/** An answer that is made of one. */
export interface User {
  /** Who shares what with them: see tenant.ts. */
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
  /** Who used it last. */
  tenant: string;
  usedAt: MonotonicTime;
}

/** Milliseconds. */
const idleFor = 600_000;
/** What one costs that holds nothing: 787 KiB of heap were measured, 1.2 MiB resident, once every route was asked. */
export const baseBytes = 1 << 20;
/** Keys of rights of which it is known how often they were opened. */
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
    // One that cannot be made is tried again by whoever comes next.
    app.catch(() => void letGo(rights.key, one));
    return one;
  }

  /** Of nothing but the rights and how often they were opened here: it may say nothing of what is hidden. */
  function epochOf({ key }: Rights): string {
    const digest = createHash('sha256').update(key).digest('base64');
    // Where the count began again, what was forgotten meanwhile keeps the same number from meaning something else.
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
        return { app: await one.app, leave };
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

/** Who comes, and for what. */
interface Coming {
  readonly tenant: string;
  readonly rights: Rights;
}

/** Which to let go so that who comes has room for so many bytes more; undefined where that would be unfair to all others. */
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

/** Bytes by who bears them; what several tenants use is borne by all of them. */
function loadsOf(held: readonly Held<unknown>[]): Map<string, number> {
  const loads = new Map<string, number>();
  for (const one of held) {
    const owners = ownersOf(one);
    for (const each of owners.flat()) loads.set(each, (loads.get(each) ?? 0) + bytesOf(one) / owners.length);
  }
  return loads;
}

/** Who uses it now, or did so last: for each tenant who bears it. */
function ownersOf({ users, tenant, rights }: Held<unknown>): readonly (readonly string[])[] {
  const tenants = users.size === 0 ? [tenant] : [...new Set([...users].map((user) => user.tenant))];
  return tenants.map((each) => bearersOf(each, rights));
}
