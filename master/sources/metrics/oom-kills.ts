// Turns each container's counter of OOM kills into a fact: it was killed for memory within the last hour. A counter of unknown
// history, as in the first report of a node, tells of no recent kill.
import { getOrMake } from '../../../src/get-or-make.ts';
import type { NodeTelemetry } from '../../../src/telemetry-api.ts';

/** Milliseconds after the last kill in which it is told. */
export const recentFor = 3_600_000;

/** As in a container's property `observed.oomKills`. */
export interface KilledForMemory {
  /** Follows the counter in steps of ten times, so that kills alone make no revision. */
  readonly atLeast: number;
  /** RFC 3339: the report that first told of them. */
  readonly since: string;
}

interface Kills {
  readonly first: number;
  readonly last: number;
  readonly total: number;
  readonly said: number;
}

interface Counter {
  readonly count: number;
  readonly at: number;
  readonly kills: Kills | undefined;
}

interface Counted {
  /** The last report, if the probe ran. */
  at: number | undefined;
  readonly counters: Map<string, Counter>;
}

export class OomKills {
  /** By node, then by runtime id of the container. */
  readonly #nodes = new Map<string, Counted>();

  /** Takes the current report of a node's probes; `at`: its time in milliseconds since the epoch. */
  take(node: string, { probes, containers }: Pick<NodeTelemetry, 'probes' | 'containers'>, at: number): void {
    const counted = getOrMake(this.#nodes, node, (): Counted => ({ at: undefined, counters: new Map() }));
    const isRunning = probes['oom'] === 'running';
    const isNext = counted.at !== undefined && at - counted.at <= recentFor;
    counted.at = isRunning ? at : undefined;
    if (isRunning)
      for (const { id, oomKills = 0 } of containers) takeOne(counted.counters, { id, count: oomKills, at, isNext });
    for (const [id, counter] of counted.counters) if (at - counter.at > recentFor) counted.counters.delete(id);
  }

  /** Containers with a kill within the last hour, by runtime id; `now`: milliseconds since the epoch. */
  of(node: string, now: number): Map<string, KilledForMemory> {
    const found = new Map<string, KilledForMemory>();
    for (const [id, { kills }] of this.#nodes.get(node)?.counters ?? []) {
      if (!kills || now - kills.last > recentFor) continue;
      found.set(id, { atLeast: kills.said, since: new Date(kills.first).toISOString() });
    }
    return found;
  }

  forget(node: string): void {
    this.#nodes.delete(node);
  }
}

interface Reading {
  readonly id: string;
  readonly count: number;
  readonly at: number;
  /** Everything beyond the last reading was killed since. */
  readonly isNext: boolean;
}

function takeOne(counters: Map<string, Counter>, { id, count, at, isNext }: Reading): void {
  const known = counters.get(id);
  if (!known && count === 0) return;
  // A smaller count is that of a restarted probe.
  const more = isNext ? count - (known?.count ?? 0) : 0;
  counters.set(id, { count, at, kills: more > 0 ? added(known?.kills, more, at) : known?.kills });
}

function added(kills: Kills | undefined, more: number, at: number): Kills {
  if (!kills || at - kills.last > recentFor) return { first: at, last: at, total: more, said: more };
  const total = kills.total + more;
  return { first: kills.first, last: at, total, said: total >= kills.said * 10 ? total : kills.said };
}
