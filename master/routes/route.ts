// The contract of a route: it can read the graph and the names of types, and does not know their sources.
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
import type { PastNumbers } from '../series/past-numbers.ts';
import type { PastUseReader } from '../series/past-use.ts';
import type { SeriesReader } from '../series/series.ts';
import type { StaticFiles } from '../ui/static-files.ts';

export interface RouteContext {
  readonly graph: GraphReader;
  /** Indexes kept for the graph. */
  readonly indexes: Indexes;
  /** Findings of the graph. */
  readonly findings: FindingsPlace;
  /** Notifications about them; undefined without receivers. */
  readonly alerts?: AlertsReader | undefined;
  /** Types known to users as `name`: kind, plural, short name or 2015 name, ignoring case; several if groups share it. */
  readonly typesNamed: (name: string) => readonly string[];
  readonly live: readonly Check[];
  readonly ready: readonly Check[];
  /** Why the graph cannot answer yet, in words; undefined once each kind was listed. Undefined function: always ready. */
  readonly notReady?: () => string | undefined;
  readonly metrics: Registry;
  /** The graph is what one caller may see, not everything. */
  readonly partial?: boolean;
  /** Origins whose pages may send messages. */
  readonly origins?: readonly string[];
  /** The running version: see version.ts. */
  readonly build: Build;
  /** The image of this process, once the graph contains its Pod. */
  readonly running?: () => RunningImage | undefined;
  /** The built page, if any. */
  readonly page?: StaticFiles | undefined;
  /** Milliseconds between heartbeats of `/cluster/watch`; default 15 s. */
  readonly heartbeat?: number;
  /** The recorded past; undefined without. */
  readonly history?: History | undefined;
  /** The demo cluster is served. */
  readonly demo?: boolean;
  /** Lists everything again; undefined if not available. */
  readonly resync?: Resync;
  /** Metrics of the last hour; undefined if none. */
  readonly series?: SeriesReader;
  /** Numbers that a Prometheus has; undefined if none is configured. */
  readonly prometheus?: PastNumbers | undefined;
  /** What containers used over weeks, by the same. */
  readonly pastUse?: PastUseReader | undefined;
  /** Milliseconds since the epoch; default: the system clock. */
  readonly now?: Clock;
  /** For a follower of masters: the state of each cluster. Undefined if this process reads a cluster itself. */
  readonly clusters?: () => readonly ClusterStanding[];
  /** Distinguishes this process from earlier ones: each starts its revisions from 1. */
  readonly epoch: string;
  /** The epoch is that of another process, of whose graph this is a copy: readers may know a later revision than this one has. */
  readonly copied?: boolean;
  /** The state that takes the place of this graph, once it is known: readers of its changes are told to read that. */
  readonly successor?: () => Successor | undefined;
}

export interface Successor {
  readonly epoch: string;
  readonly revision: number;
  readonly timestamp: string;
}

/** A cluster, and how far the served state is behind its master. */
export interface ClusterStanding {
  readonly name: string;
  readonly state: 'empty' | 'following' | 'stale';
  /** Revision of its graph; undefined before it is complete. */
  readonly revision: number | undefined;
  /** Milliseconds since its master was last heard. */
  readonly lag: number | undefined;
  readonly staleSince: string | undefined;
  readonly reason: string | undefined;
  /** Of a gateway: whether the cluster's actor is connected; undefined where none has called in. */
  readonly actor?: 'connected' | 'away' | undefined;
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
