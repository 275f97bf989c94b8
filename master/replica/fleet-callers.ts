// Serves the graph of several clusters to callers whose rights differ per cluster. Each cluster authenticates the caller and says
// what they may see; the caller's graph joins those parts. Clusters that do not know the caller, or cannot be asked, are left
// out. The answer says that some were left out, but not which.
import { createHash, randomUUID } from 'node:crypto';
import type { MonotonicClock, MonotonicTime } from '../../src/clock.ts';
import { Fault, fault } from '../../src/errors.ts';
import type { Server } from '../../src/http/server.ts';
import { clusterOfId } from '../../src/ids.ts';
import type { SourceState } from '../../src/model.ts';
import type { AccessOptions } from '../access/access.ts';
import type { Authenticator, Caller } from '../access/auth/authenticator.ts';
import { type Rights, seesEverything } from '../access/auth/rights.ts';
import type { RightsOfCallers } from '../access/auth/rights-of-callers.ts';
import type { Limits } from '../access/gate.ts';
import { baseBytes, type User, type VisibleGraphs } from '../access/visible-graphs/visible-graphs.ts';
import type { History } from '../history/history.ts';
import type { MemberPast } from './ask-members.ts';
import { FleetGraph, type FleetGraphOptions, type JoinedGraph } from './fleet-graph.ts';
import { idWithin } from './fleet-ids.ts';
import { runSteps } from './run-steps.ts';

/** A served cluster with its access control. */
export interface AccessibleMember {
  readonly cluster: string;
  readonly graph: JoinedGraph;
  readonly access: Pick<AccessOptions, 'authenticator' | 'limits'>;
  /** For callers who may see the whole cluster. */
  readonly history: History | undefined;
  historyFor(rights: Rights): History | undefined;
}

/** The part of several clusters that a caller may see. */
export interface FleetPart {
  readonly graph: FleetGraph;
  readonly pasts: readonly MemberPast[];
  /** Distinguishes the revisions of this graph from those of all others. */
  readonly epoch: string;
}

export interface FleetCallersOptions {
  readonly members: () => readonly AccessibleMember[];
  /** The state of each cluster's master. */
  readonly states: () => ReadonlyMap<string, SourceState>;
  readonly open: (part: FleetPart) => Promise<Server>;
  readonly like: FleetGraphOptions;
  /** Maximum bytes of all callers' graphs together. */
  readonly mostBytes: number;
  readonly clock: MonotonicClock;
}

/** Why clusters are left out: they do not know the caller, or could not be asked. */
type Others = 'forbidden' | 'unknown';

interface Known<T> {
  readonly of: ReadonlyMap<string, T>;
  readonly others: Others | undefined;
}

interface View {
  readonly app: Promise<Server>;
  readonly graph: FleetGraph;
  readonly rights: Known<Rights>;
  readonly left: (() => void)[];
  readonly users: Set<User>;
  tenant: string;
  usedAt: MonotonicTime;
}

/** Milliseconds without use after which a caller's graph is dropped. */
const idleFor = 600_000;
/** The name under which `completeness` lists the clusters that are left out. */
const othersName = '(others)';
const reasons: { readonly [why in Others]: string } = {
  forbidden: 'clusters that do not know the caller are left out',
  unknown: 'clusters that cannot be asked about the caller at the moment are left out',
};

export class FleetCallers {
  readonly #options: FleetCallersOptions;
  readonly #callers = new WeakMap<Caller, Known<Caller>>();
  readonly #rights = new WeakMap<Rights, Known<Rights>>();
  readonly #views = new Map<string, View>();

  constructor(options: FleetCallersOptions) {
    this.#options = options;
  }

  readonly authenticator: Authenticator = {
    callerOf: async (authorization, mayAsk) => {
      if (this.#options.members().length === 0)
        throw fault('not_ready', { reason: 'no master has told a whole graph yet' });
      const known = await this.#askAll(async ({ access }) => access.authenticator?.callerOf(authorization, mayAsk));
      const [first] = known.of.values();
      if (first === undefined) return undefined;
      const keys = [...known.of].map(([cluster, { key }]) => [cluster, key]).sort();
      const caller = { ...first, key: digestOf([keys, known.others]) };
      this.#callers.set(caller, known);
      return caller;
    },
  };

  readonly #rightsOf: RightsOfCallers = {
    of: async (caller) => {
      const { of: callers, others } = this.#callers.get(caller) ?? { of: new Map<string, Caller>(), others: undefined };
      const found = await this.#askAll(async ({ cluster, access: { limits } }) => {
        const here = callers.get(cluster);
        return here && (limits ? limits.rights.of(here) : seesEverything);
      });
      // Clusters that do not know the caller were already counted during authentication.
      const known = { of: found.of, others: found.others === 'unknown' ? found.others : others };
      const rights = rightsIn(known);
      this.#rights.set(rights, known);
      return rights;
    },
    mayRead: (caller, path) => this.#everywhere(caller, (limits, here) => limits.rights.mayRead(here, path)),
    mayPost: (caller, path) => this.#everywhere(caller, (limits, here) => limits.rights.mayPost(here, path)),
  };

  readonly #visible: VisibleGraphs<Server> = {
    enter: async (rights, user) => {
      const view = this.#views.get(rights.key) ?? this.#make(rights, user);
      view.users.add(user);
      view.tenant = user.tenant;
      const leave = () => {
        if (view.users.delete(user)) view.usedAt = this.#options.clock();
      };
      try {
        return { app: await view.app, graph: view.graph.engine, leave };
      } catch (error) {
        leave();
        throw error;
      }
    },
    tidy: async () => {
      const { clock } = this.#options;
      const old = [...this.#views].filter(([, { users, usedAt }]) => users.size === 0 && clock() - usedAt >= idleFor);
      await Promise.all(old.map(([key, view]) => this.#drop(key, view)));
    },
    size: () => ({ count: this.#views.size, bytes: this.#taken() }),
    close: () => this.dropAll(),
  };

  get limits(): Limits & { close(): void } {
    return {
      rights: this.#rightsOf,
      visibleGraphs: this.#visible,
      synced: () => this.#options.members().length > 0,
      close: () => {},
    };
  }

  /** Drops all callers' graphs, because a cluster's graph was replaced. Readers connect again. */
  async dropAll(): Promise<void> {
    await Promise.all([...this.#views].map(([key, view]) => this.#drop(key, view)));
  }

  /** Call periodically: updates the states of the clusters. */
  tellClusters(): void {
    for (const { graph, rights } of this.#views.values()) this.#tell(graph, rights);
  }

  #tell(graph: FleetGraph, { of, others }: Known<Rights>): void {
    const states = new Map([...this.#options.states()].filter(([cluster]) => of.has(cluster)));
    if (others) {
      const since = graph.engine.sources('clusters').get(othersName)?.since ?? graph.engine.timestamp;
      states.set(othersName, { state: others, since, reason: reasons[others] });
    }
    graph.tellClusters(states);
  }

  /** @throws Fault if no cluster answered and at least one could not be asked. */
  async #askAll<T>(ask: (member: AccessibleMember) => Promise<T | undefined>): Promise<Known<T>> {
    const of = new Map<string, T>();
    let others: Others | undefined;
    let failure: Fault | undefined;
    await Promise.all(
      this.#options.members().map(async (member) => {
        try {
          const found = await ask(member);
          if (found !== undefined) of.set(member.cluster, found);
          else others ??= 'forbidden';
        } catch (error) {
          if (!(error instanceof Fault) || !isPassing(error)) throw error;
          others = 'unknown';
          failure = error;
        }
      }),
    );
    if (of.size === 0 && failure !== undefined) throw failure;
    return { of, others };
  }

  async #everywhere(caller: Caller, may: (limits: Limits, here: Caller) => Promise<boolean>): Promise<boolean> {
    const callers = this.#callers.get(caller);
    if (!callers || callers.others !== undefined) return false;
    const answers = this.#options.members().map(async ({ cluster, access: { limits } }) => {
      const here = callers.of.get(cluster);
      return here !== undefined && (limits === undefined || (await may(limits, here)));
    });
    return (await Promise.all(answers)).every(Boolean);
  }

  #make(rights: Rights, { tenant }: User): View {
    this.#makeRoom();
    const { like, clock } = this.#options;
    const known = this.#rights.get(rights) ?? { of: new Map<string, Rights>(), others: undefined };
    const graph = new FleetGraph(like);
    const left: (() => void)[] = [];
    const view: View = {
      app: Promise.resolve().then(() => this.#open(rights.key, view)),
      ...{ graph, rights: known, left, users: new Set<User>(), tenant, usedAt: clock() },
    };
    const { openSnapshots } = graph.engine;
    like.retention.belong(openSnapshots, () => view.tenant);
    this.#views.set(rights.key, view);
    // If this fails, the next caller tries again.
    view.app.catch(() => void this.#drop(rights.key, view));
    return view;
  }

  async #open(key: string, view: View): Promise<Server> {
    const pasts: MemberPast[] = [];
    for (const member of this.#options.members().toSorted((a, b) => (a.cluster < b.cluster ? -1 : 1))) {
      const { cluster, graph: whole, access } = member;
      const rights = view.rights.of.get(cluster);
      if (rights === undefined) continue;
      if (rights.everything || access.limits === undefined) {
        await runSteps(view.graph.join(cluster, whole));
        pasts.push({ cluster, history: member.history });
        continue;
      }
      const user = { tenant: view.tenant, cut: () => void this.#cut(key, view) };
      const { graph, leave } = await access.limits.visibleGraphs.enter(rights, user);
      view.left.push(leave);
      await runSteps(view.graph.join(cluster, { engine: graph, kinds: whole.kinds }));
      pasts.push({ cluster, history: member.historyFor(rights) });
    }
    this.#tell(view.graph, view.rights);
    return this.#options.open({ graph: view.graph, pasts, epoch: randomUUID().slice(0, 8) });
  }

  /** Ends the streams of a view whose cluster graphs are gone. */
  async #cut(key: string, view: View): Promise<void> {
    for (const user of view.users) user.cut();
    await this.#drop(key, view);
  }

  async #drop(key: string, view: View): Promise<void> {
    if (this.#views.get(key) === view) this.#views.delete(key);
    view.graph.close();
    const app = await view.app.catch(() => undefined);
    await app?.close();
    for (const leave of view.left.splice(0)) leave();
  }

  #taken(): number {
    return this.#views.values().reduce((sum, { graph }) => sum + baseBytes + graph.engine.bytes.size().live, 0);
  }

  /** @throws Fault `overloaded` if all existing graphs are in use. */
  #makeRoom(): void {
    while (this.#taken() + baseBytes > this.#options.mostBytes) {
      const idle = [...this.#views].filter(([, { users }]) => users.size === 0);
      const [oldest] = idle.toSorted(([, a], [, b]) => a.usedAt - b.usedAt);
      if (!oldest) throw fault('overloaded', { reason: 'there is no room for one more view of the graph' });
      void this.#drop(...oldest);
    }
  }
}

/** Whether trying again later may help. */
function isPassing({ code }: Fault): boolean {
  return code === 'unavailable' || code === 'overloaded';
}

function rightsIn({ of, others }: Known<Rights>): Rights {
  const all = [...of.values()];
  const everything = others === undefined && all.every((rights) => rights.everything);
  if (everything) return { ...seesEverything, key: digestOf([...of.keys()].sort()) };
  const keys = [...of].map(([cluster, { key }]) => [cluster, key]).sort();
  return {
    everything,
    key: digestOf([keys, others]),
    sees(place) {
      const cluster = clusterOfId(place.id);
      const asked = cluster === undefined ? [...of] : [...of].filter(([name]) => name === cluster);
      return asked.some(([name, rights]) => rights.sees({ ...place, id: idWithin(name, place.id) ?? place.id }));
    },
    extentOf(type) {
      const extents = all.map((rights) => rights.extentOf(type));
      if (extents.every((extent) => extent === 'none')) return 'none';
      return others === undefined && extents.every((extent) => extent === 'all') ? 'all' : 'some';
    },
    reach: new Set(all.flatMap(({ reach }) => [...reach])),
  };
}

function digestOf(facts: unknown): string {
  return createHash('sha256').update(JSON.stringify(facts)).digest('base64');
}
