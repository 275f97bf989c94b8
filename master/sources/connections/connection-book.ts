// Which connections stand by the word of which sources. One pair may be seen by several, as containers by one and as workloads
// by another: the finer one is shown, and of equal ones the source of the highest rank says how.
import { getOrMake } from '../../../src/get-or-make.ts';
import type { SeenConnection } from './ends.ts';

/** As in the property `observedConnections` of its source. */
export interface StandingConnection {
  readonly to: string;
  readonly ports: readonly number[];
  readonly via?: string;
  readonly failed?: true;
  /** When it was first seen here. */
  readonly since: string;
  /** Names of the sources that say so, the highest rank first. */
  readonly by: readonly string[];
}

interface Standing {
  readonly source: string;
  readonly target: string;
  readonly ports: Set<number>;
  readonly since: number;
  via: string | undefined;
  failed: boolean;
  last: number;
}

export interface Speaker {
  readonly name: string;
  readonly rank: number;
  /** Milliseconds. */
  readonly keptFor: number;
  readonly most: number;
}

interface Said extends Standing {
  readonly by: string;
  readonly rank: number;
}

/** What decides which of several is shown. */
export interface Judge {
  /** The topmost owner of a resource. */
  lifted(id: string): string;
  /** Pairs of topmost owners that probes of minions see themselves, and those of callers and dialled Services. */
  readonly probed: ReadonlySet<string>;
}

const mostPorts = 32;

export const pairOf = (source: string, target: string) => `${source}\n${target}`;

export class ConnectionBook {
  readonly #speakers = new Map<string, { speaker: Speaker; readonly pairs: Map<string, Standing> }>();

  /** Takes what a source sees now; returns how many there was no room for. The oldest stay. */
  take(speaker: Speaker, seen: readonly SeenConnection[], now: number): number {
    const known = getOrMake(this.#speakers, speaker.name, () => ({ speaker, pairs: new Map<string, Standing>() }));
    known.speaker = speaker;
    let dropped = 0;
    const succeeded = new Set(seen.filter(({ failed }) => !failed).map(({ source, target }) => pairOf(source, target)));
    for (const { source, target, port, via } of seen) {
      const key = pairOf(source, target);
      const before = known.pairs.get(key);
      if (!before && known.pairs.size >= speaker.most) dropped++;
      else {
        const standing = before ?? { source, target, ports: new Set(), since: now, via, failed: false, last: now };
        known.pairs.set(key, standing);
        if (port !== undefined && standing.ports.size < mostPorts) standing.ports.add(port);
        standing.via = via ?? standing.via;
        standing.failed = !succeeded.has(key);
        standing.last = now;
      }
    }
    return dropped;
  }

  forget(name: string): void {
    this.#speakers.delete(name);
  }

  /** Drops what was not seen for long. */
  expire(now: number): void {
    for (const { speaker, pairs } of this.#speakers.values())
      for (const [key, { last }] of pairs) if (now - last > speaker.keptFor) pairs.delete(key);
  }

  /** By id of the source, each sorted by target. */
  standing({ lifted, probed }: Judge): Map<string, StandingConnection[]> {
    const all = this.#all();
    const keyOf = ({ source, target }: Said) => pairOf(lifted(source), lifted(target));
    // Saying that a Service was dialled takes less knowledge than saying where that led.
    const led = new Set(all.flatMap(({ source, via }) => (via === undefined ? [] : pairOf(lifted(source), via))));
    const own = all.filter((said) => !probed.has(keyOf(said)) && !led.has(keyOf(said)));
    const shown = [...Map.groupBy(own, keyOf).values()].flatMap(finest);
    const bySource = Map.groupBy(
      [...Map.groupBy(shown, ({ source, target }) => pairOf(source, target)).values()],
      sourceOf,
    );
    return new Map(
      [...bySource].map(([source, groups]) => {
        const merged = groups.map(mergedOf);
        return [source, merged.toSorted((a, b) => (a.to < b.to ? -1 : 1))];
      }),
    );
  }

  #all(): Said[] {
    const speakers = [...this.#speakers.values()].toSorted(
      (a, b) => b.speaker.rank - a.speaker.rank || (a.speaker.name < b.speaker.name ? -1 : 1),
    );
    return speakers.flatMap(({ speaker: { name, rank }, pairs }) =>
      [...pairs.values()].map((each) => ({ ...each, by: name, rank })),
    );
  }
}

const sourceOf = ([first]: readonly Said[]) => first?.source ?? '';

/** Without those that another one describes at least as exactly at both ends. */
function finest(group: readonly Said[]): Said[] {
  const forms = group.map(({ source, target }) => [levelOf(source), levelOf(target)] as const);
  return group.filter((_, at) => {
    const [source, target] = forms[at] ?? [0, 0];
    return !forms.some(([a, b]) => a >= source && b >= target && a + b > source + target);
  });
}

function levelOf(id: string): number {
  if (id.startsWith('Container:')) return 3;
  return id.startsWith('Pod:') ? 2 : 1;
}

/** Merges statements about one pair; the highest rank comes first. */
function mergedOf(all: readonly Said[]): StandingConnection {
  const [first] = all as readonly [Said, ...Said[]];
  const ports = all.find((each) => each.ports.size > 0)?.ports ?? [];
  const via = all.find((each) => each.via !== undefined)?.via;
  return {
    to: first.target,
    ports: [...ports].toSorted((a, b) => a - b),
    ...(via === undefined ? {} : { via }),
    ...(first.failed ? { failed: true as const } : {}),
    since: new Date(Math.min(...all.map(({ since }) => since))).toISOString(),
    by: [...new Set(all.map(({ by }) => by))],
  };
}
