// The contract of a route: it sees the graph as a reader, the names of types, and nothing of where they come from.
import type { Registry } from 'prom-client';
import type { Clock } from '../../src/clock.ts';
import type { Check } from '../../src/http/health.ts';
import type { Server } from '../../src/http/server.ts';
import type { AlertsReader } from '../alerts/alerts-reader.ts';
import type { FindingsPlace } from '../findings/desk.ts';
import type { GraphReader } from '../graph/engine/engine.ts';
import type { Indexes } from '../graph/kept/indexes.ts';
import type { History } from '../history/history.ts';
import type { Resync } from '../resyncing.ts';
import type { RunningImage } from '../running-image.ts';
import type { SeriesReader } from '../series/series.ts';
import type { StaticFiles } from '../ui/static-files.ts';

export interface RouteContext {
  readonly graph: GraphReader;
  /** What is kept beside the graph. */
  readonly indexes: Indexes;
  /** What is wrong with the graph. */
  readonly findings: FindingsPlace;
  /** What is told of them; undefined where nobody is. */
  readonly alerts?: AlertsReader | undefined;
  /** The types that people call `name`: kind, plural, short name or 2015 name, in any case; several where groups share it. */
  readonly typesNamed: (name: string) => readonly string[];
  readonly live: readonly Check[];
  readonly ready: readonly Check[];
  /** Why the graph cannot be asked yet, for a person; undefined once each kind was listed. Left out: it always can. */
  readonly notReady?: () => string | undefined;
  readonly metrics: Registry;
  /** The graph is what one caller may see, not all of it. */
  readonly partial?: boolean;
  /** Origins whose pages may post messages. */
  readonly origins?: readonly string[];
  /** What runs: see version.ts. */
  readonly build: Build;
  /** The image that this process runs from, once the graph holds its own Pod. */
  readonly running?: () => RunningImage | undefined;
  /** The built page, where there is one. */
  readonly page?: StaticFiles | undefined;
  /** Milliseconds between two heartbeats of `/cluster/watch`; 15 s where it is left out. */
  readonly heartbeat?: number;
  /** What is kept of the past; undefined where nothing is. */
  readonly history?: History | undefined;
  /** What is served is the demo cluster, which nobody runs. */
  readonly demo?: boolean;
  /** Lists everything again; where it is left out, nobody can ask for that. */
  readonly resync?: Resync;
  /** Numbers of the last hour; where it is left out, none are known. */
  readonly series?: SeriesReader;
  /** Milliseconds since the epoch; the machine's clock where it is left out. */
  readonly now?: Clock;
  /** Where masters are followed: how each cluster stands. Left out where this process reads one itself. */
  readonly clusters?: () => readonly ClusterStanding[];
  /** Distinguishes this process from the one before it: revisions begin anew with each. */
  readonly epoch: string;
}

/** A cluster, and how far what is served of it is behind its master. */
export interface ClusterStanding {
  readonly name: string;
  readonly state: 'empty' | 'following' | 'stale';
  /** Of its graph; undefined before it is whole. */
  readonly revision: number | undefined;
  /** Milliseconds since its master was last heard. */
  readonly lag: number | undefined;
  readonly staleSince: string | undefined;
  readonly reason: string | undefined;
}

export interface Build {
  readonly version: string;
  readonly revision?: string | undefined;
  readonly date?: string | undefined;
}

export interface Route {
  readonly name: string;
  register(app: Server, context: RouteContext): void;
}
