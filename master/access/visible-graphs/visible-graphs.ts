// The scopes in use, by the key of their rights: made when first wanted, shared by all with equal rights, let go when
// nobody came for a while or when others need the room.
import { createHash } from 'node:crypto';
import type { Clock } from '../../../src/clock.ts';
import { fault } from '../../../src/errors.ts';
import type { GraphReader } from '../../graph/engine/engine.ts';
import type { Rights } from '../auth/rights.ts';
import type { VisibleGraph, VisibleGraphOptions } from './visible-graph.ts';
import { createVisibleGraph, visibleOf } from './visible-graph.ts';

/** What answers for a scope: an application over its graph. */
export interface VisibleGraphApp {
  close(): Promise<unknown>;
}

export interface VisibleGraphsOptions<A extends VisibleGraphApp> extends Omit<VisibleGraphOptions, 'rights'> {
  /** Builds what answers; `epoch` tells this graph's revisions from every other's. */
  readonly open: (graph: GraphReader, epoch: string) => Promise<A>;
  /** Distinguishes this process from the one before it. */
  readonly epoch: string;
  /** Bytes that the resources of all scopes together may take. */
  readonly mostBytes: number;
  readonly clock: Clock;
}

export interface VisibleGraphs<A extends VisibleGraphApp> {
  /**
   * What answers for these rights, held until `leave` is called.
   * @throws Fault `overloaded` when there is no room for it.
   */
  enter(rights: Rights): Promise<{ readonly app: A; leave(): void }>;
  /** Lets go of what nobody used for a while. */
  tidy(): Promise<void>;
  size(): { readonly count: number; readonly bytes: number };
  close(): Promise<void>;
}

interface Held<A> {
  readonly visible: VisibleGraph;
  readonly app: Promise<A>;
  readonly expected: number;
  users: number;
  usedAt: number;
}

/** Milliseconds. */
const idleFor = 600_000;
const most = 256;

export function createVisibleGraphs<A extends VisibleGraphApp>(options: VisibleGraphsOptions<A>): VisibleGraphs<A> {
  const { main, open, mostBytes, clock, epoch } = options;
  const held = new Map<string, Held<A>>();
  const made = new Map<string, number>();

  function make(rights: Rights): Held<A> {
    const expected = sizeOf(main, rights);
    makeRoom(expected);
    const visible = createVisibleGraph({ ...options, rights });
    const app = visible.ready.then(() => open(visible.graph, epochOf(rights)));
    const one: Held<A> = { visible, app, expected, users: 0, usedAt: clock() };
    held.set(rights.key, one);
    // One that cannot be made is tried again by whoever comes next.
    app.catch(() => void letGo(rights.key, one));
    return one;
  }

  /** Of nothing but the rights and how often they were opened here: it may say nothing of what is hidden. */
  function epochOf({ key }: Rights): string {
    const times = (made.get(key) ?? 0) + 1;
    made.set(key, times);
    return createHash('sha256').update(`${epoch} ${key} ${times}`).digest('hex').slice(0, 8);
  }

  function taken(): number {
    return held.values().reduce((sum, one) => sum + bytesOf(one), 0);
  }

  function makeRoom(bytes: number): void {
    const idle = [...held].filter(([, { users }]) => users === 0).sort(([, a], [, b]) => a.usedAt - b.usedAt);
    while ((held.size >= most || taken() + bytes > mostBytes) && idle.length > 0) {
      const [key, one] = idle.shift() as [string, Held<A>];
      void letGo(key, one);
    }
    if (held.size >= most || taken() + bytes > mostBytes)
      throw fault('overloaded', { reason: 'there is no room for one more view of the graph' });
  }

  async function letGo(key: string, one: Held<A>): Promise<void> {
    if (held.get(key) === one) held.delete(key);
    one.visible.close();
    await (await one.app.catch(() => undefined))?.close();
  }

  return {
    async enter(rights) {
      const one = held.get(rights.key) ?? make(rights);
      one.users++;
      let entered = true;
      const leave = () => {
        if (entered) one.users--;
        entered = false;
        one.usedAt = clock();
      };
      try {
        return { app: await one.app, leave };
      } catch (error) {
        leave();
        throw error;
      }
    },
    async tidy() {
      const old = [...held].filter(([, { users, usedAt }]) => users === 0 && clock() - usedAt >= idleFor);
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
  return Math.max(expected, visible.graph.bytes.size().live);
}
