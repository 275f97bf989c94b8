// The past of several clusters in one graph: asks each cluster for its own past and joins the answers. Clusters whose history
// does not reach back far enough are left out, and the answer says so.
import { createHash } from 'node:crypto';
import { LRUCache } from 'lru-cache';
import { type Clock, timestampOf } from '../../src/clock.ts';
import { Fault, fault } from '../../src/errors.ts';
import { clusterOfId, parseId } from '../../src/ids.ts';
import type { SourceState } from '../../src/model.ts';
import type { Retention } from '../graph/revisions/retention.ts';
import type { Life, LifeRelation, LifeVersion, Moment, Observed, Reach } from '../history/archive-reader.ts';
import { differenceOf } from '../history/difference.ts';
import {
  type AskedDifference,
  type AskedSpan,
  checkOrder,
  type FoundDifference,
  type FoundLife,
  type History,
  type HistoryOverview,
  type Past,
  type Timeline,
} from '../history/history.ts';
import { parseMoment, parseTime } from '../history/moment.ts';
import type { PastGraph } from '../history/past-graph.ts';
import type { Gap } from '../history/records.ts';
import type { Turns } from '../turns.ts';
import { idInFleet, idWithin, type NamedClusters } from './fleet-ids.ts';
import { pastFleet } from './past-fleet.ts';
import { exportType, importType } from './service-exports.ts';

/** A served cluster and its past; undefined if none is kept. */
export interface MemberPast {
  readonly cluster: string;
  readonly history: History | undefined;
}

export interface FleetHistoryOptions {
  readonly members: () => readonly MemberPast[];
  readonly addresses?: NamedClusters['addresses'];
  readonly createdBy: string;
  readonly retention: Retention;
  readonly turns: Pick<Turns, 'run'>;
  readonly clock: Clock;
  /** Maximum resources of a past graph. */
  readonly most?: number;
}

/** A cluster's answer, or why there is none. */
type Told<T> = { readonly cluster: string } & ({ readonly told: T } | { readonly problem: Fault });

interface Pasts {
  readonly pasts: readonly { readonly cluster: string; readonly past: Past }[];
  readonly clusters: ReadonlyMap<string, SourceState>;
  readonly time: number;
}

const usualMost = 50_000;
const mostGraphs = 2;
const hint = 'narrow it, with namespace= or type= for example, or ask one cluster, with cluster=';
const never = new AbortController().signal;

export class FleetHistory implements History {
  readonly #options: FleetHistoryOptions;
  readonly #most: number;
  readonly #graphs = new LRUCache<string, Promise<PastGraph>>({ max: mostGraphs, ttl: 600_000 });

  constructor(options: FleetHistoryOptions) {
    this.#options = options;
    this.#most = options.most ?? usualMost;
  }

  async at(asked: string, reach?: Reach): Promise<Past> {
    const pasts = await this.#pastsAt(asked, 'at', reach);
    const graph = await this.#graphOf(pasts, reach);
    const { moment, lasting, gaps } = this.#told(pasts, graph);
    return { graph, epoch: moment.epoch, moment, time: pasts.time, lasting, gaps };
  }

  /** A walk that leads from one cluster into another needs the joined graph. */
  walk(asked: string): Promise<Past> {
    return this.at(asked);
  }

  /** Shared resources need the joined graph. */
  async texts(): Promise<undefined> {
    return undefined;
  }

  async differenceTexts(): Promise<undefined> {
    return undefined;
  }

  async difference({ from, to, narrowing, texts, exact }: AskedDifference): Promise<FoundDifference> {
    const now = this.#options.clock();
    const [first, last] = [timeOf(from, 'from', now), timeOf(to, 'to', now)].map(timestampOf);
    checkOrder(Date.parse(first ?? ''), Date.parse(last ?? ''));
    const [earlier, later] = [await this.#pastsAt(first ?? '', 'from'), await this.#pastsAt(last ?? '', 'to')];
    const [before, after] = [ofBoth(earlier, later), ofBoth(later, earlier)];
    const both = new Set(before.pasts.map(({ cluster }) => cluster));
    const found = await this.#ask(
      (history) => history.difference({ from: first ?? '', to: last ?? '', narrowing: everything, texts: false }),
      this.#options.members().filter(({ cluster }) => both.has(cluster)),
    );
    const [graphBefore, graphAfter] = [await this.#graphOf(before), await this.#graphOf(after)];
    const ids = this.#idsOf(found);
    const difference = await this.#options.turns.run(
      differenceOf(graphBefore, graphAfter, { ids, narrowing, texts, exact }),
      never,
    );
    const own = { from: this.#told(before, graphBefore).moment, to: this.#told(after, graphAfter).moment };
    const gaps = [...gapsOf(found, first ?? '', last ?? ''), ...unkept(before.clusters, first ?? '', last ?? '')];
    return { ...difference, ...own, completeness: graphAfter.completeness(), gaps: distinct(gaps) };
  }

  async life(id: string, span: AskedSpan): Promise<FoundLife> {
    const of = clusterOfId(id);
    const members = this.#options.members().filter(({ cluster }) => of === undefined || cluster === of);
    const found = await this.#ask((history, cluster) => history.life(idWithin(cluster, id) ?? id, span), members);
    const lives = found.flatMap((each) => ('told' in each ? [this.#lifeIn(each.cluster, id, each.told)] : []));
    return {
      versions: lives.flatMap(({ versions }) => versions).sort((a, b) => a.time - b.time),
      relations: lives.flatMap(({ relations }) => relations).sort((a, b) => a.time - b.time),
      events: lives.flatMap(({ events }) => events),
      gaps: distinct(gapsOf(found, span.from ?? timestampOf(0), span.to ?? timestampOf(this.#options.clock()))),
    };
  }

  async timeline(span: AskedSpan, buckets: number): Promise<Timeline> {
    const now = this.#options.clock();
    const to = span.to === undefined ? now : parseTime(span.to, 'to', now);
    const asked = span.from === undefined ? 0 : parseTime(span.from, 'from', now);
    const overviews = await this.#ask((history) => history.overview());
    const begins = overviews.flatMap((each) =>
      'told' in each ? Date.parse(each.told.oldestAvailable ?? '') || to : [],
    );
    const from = Math.max(asked, Math.min(...begins));
    if (from >= to) throw fault('bad_parameter', { parameter: 'from', reason: 'it is not before `to`' });
    const [first, last] = [timestampOf(from), timestampOf(to)];
    const found = await this.#ask((history) => history.timeline({ from: first, to: last, whole: true }, buckets));
    const counts = found.flatMap((each) => ('told' in each ? each.told.counts : []));
    const late = overviews.flatMap((each) => ('told' in each ? beginning(each.cluster, first, each.told) : []));
    return { from, to, counts: summed(counts), gaps: distinct([...gapsOf(found, first, last), ...late]) };
  }

  async overview(): Promise<HistoryOverview> {
    const found = await this.#ask((history) => history.overview());
    const told = found.flatMap((each) => ('told' in each ? [{ ...each.told, cluster: each.cluster }] : []));
    const [first] = told as [(typeof told)[number], ...typeof told];
    const stopped = told.find(({ state }) => state.state === 'stopped');
    const oldest = told.flatMap(({ oldestAvailable }) => oldestAvailable ?? []).sort();
    return {
      segments: told.flatMap(({ cluster, segments }) =>
        segments.map((each) => ({ ...each, name: `${cluster}/${each.name}` })),
      ),
      bytes: told.reduce((sum, { bytes }) => sum + bytes, 0),
      oldestAvailable: oldest[0],
      gaps: distinct(gapsOf(found, timestampOf(0), timestampOf(this.#options.clock()))),
      state: (stopped ?? first).state,
      place: told.every(({ place }) => place === 'folder') ? 'folder' : 'memory',
      limits: first.limits,
      ...(told.length < found.length || told.some(({ partly }) => partly) ? { partly: true as const } : {}),
    };
  }

  async #pastsAt(asked: string, parameter: string, reach?: Reach): Promise<Pasts> {
    const time = timeOf(asked, parameter, this.#options.clock());
    const at = timestampOf(time);
    const found = await this.#ask((history, cluster) => history.at(at, reachWithin(cluster, reach)));
    const pasts = found.flatMap((each) => ('told' in each ? [{ cluster: each.cluster, past: each.told }] : []));
    this.#bound(pasts.reduce((sum, { past }) => sum + past.graph.order.size, 0));
    const clusters = new Map(found.map((each) => [each.cluster, stateOf(each, at)]));
    return { pasts, clusters, time };
  }

  #bound(size: number): void {
    if (size > this.#most)
      throw fault('query_too_large', { reason: `more than ${this.#most} resources are known of that time`, hint });
  }

  #graphOf({ pasts, clusters }: Pasts, reach?: Reach): Promise<PastGraph> {
    const facts = pasts.map(({ cluster, past: { epoch, moment } }) => [
      cluster,
      epoch,
      moment.segment,
      moment.revision,
    ]);
    const key = createHash('sha256')
      .update(JSON.stringify([facts, [...clusters], reach ?? null]))
      .digest('base64');
    const known = this.#graphs.get(key);
    if (known) return known;
    const { addresses, createdBy, retention, turns } = this.#options;
    const parts = pasts.map(({ cluster, past: { graph } }) => ({ cluster, graph }));
    const made = turns.run(pastFleet({ parts, clusters, addresses, createdBy, retention }), never);
    this.#graphs.set(key, made);
    made.catch(() => this.#graphs.delete(key));
    return made;
  }

  #told({ pasts, clusters, time }: Pasts, { revision, timestamp, order }: PastGraph) {
    const all = pasts.map(({ past }) => past);
    const lasting = clusters.size === pasts.length && all.every((past) => past.lasting);
    const epochs = pasts.map(({ cluster, past }) => `${cluster} ${past.epoch} ${past.moment.revision}`);
    const epoch = createHash('sha256').update(epochs.sort().join('\n')).digest('hex').slice(0, 8);
    const moment: Moment = { segment: '', epoch, revision, timestamp, time, sealed: lasting, size: order.size };
    const gaps = pasts.flatMap(({ cluster, past }) => past.gaps.map((gap) => ({ ...gap, cluster })));
    return { moment, lasting, gaps: distinct([...gaps, ...unkept(clusters, moment.timestamp, timestampOf(time))]) };
  }

  /** The resources that may differ, by fleet id, and how the change was observed. */
  #idsOf(found: readonly Told<FoundDifference>[]): ReadonlyMap<string, Observed> {
    const ids = new Map<string, Observed>();
    for (const each of found) {
      if (!('told' in each)) continue;
      const { changes, relations } = each.told;
      const name = (id: string) => this.#named(each.cluster, id);
      for (const [id, { observed, ...more }] of changes) ids.set(name(id), { observed, ...more } as Observed);
      const sources = [...relations.added, ...relations.changed].map(
        (text) => (JSON.parse(text) as { source: string }).source,
      );
      for (const source of [...sources, ...relations.removed.map((one) => one.source)])
        if (!ids.has(name(source))) ids.set(name(source), { observed: 'watch' });
    }
    return new Map([...ids].sort(([a], [b]) => (a < b ? -1 : 1)));
  }

  #named(cluster: string, id: string): string {
    const colon = id.indexOf(':');
    const clusters = new Set(this.#options.members().map((member) => member.cluster));
    const { addresses } = this.#options;
    return idInFleet({ clusters, addresses }, cluster, { id, type: id.slice(0, colon), name: id.slice(colon + 1) });
  }

  #lifeIn(cluster: string, id: string, { versions, relations, events }: Life): Life {
    const name = (local: string) => this.#named(cluster, local);
    return {
      versions: versions.map((each): LifeVersion => ({ ...each, text: each.text && withIds(each.text, { id }) })),
      relations: relations.map((each): LifeRelation => {
        const [source, target] = [name(each.source.id), name(each.target.id)];
        const text = each.text && withIds(each.text, { source, target });
        return { ...each, text, source: { ...each.source, id: source }, target: { ...each.target, id: target } };
      }),
      events: events.map((each) => ({ ...each, target: name(each.target) })),
    };
  }

  /** Asks all clusters at once. @throws Fault of the first if none can answer. */
  async #ask<T>(
    question: (history: History, cluster: string) => Promise<T>,
    members = this.#options.members(),
  ): Promise<readonly Told<T>[]> {
    const found = await Promise.all(
      members.map(async ({ cluster, history }): Promise<Told<T>> => {
        try {
          if (history) return { cluster, told: await question(history, cluster) };
          return { cluster, problem: fault('history_off', { reason: `none of ${cluster} is kept here` }) };
        } catch (error) {
          if (error instanceof Fault && leftOut.has(error.code)) return { cluster, problem: error };
          throw error;
        }
      }),
    );
    const problems = found.flatMap((each) => ('problem' in each ? [each.problem] : []));
    if (problems.length === found.length)
      throw problems[0] ?? fault('history_off', { reason: 'no cluster is served yet' });
    return found;
  }
}

/** Faults of a cluster that knows nothing of the moment; the other clusters still answer. */
const leftOut: ReadonlySet<string> = new Set(['history_off', 'history_expired', 'history_damaged']);

/** Without clusters known at only one of the two moments, which would look as if they had come or gone. */
function ofBoth({ pasts, clusters, time }: Pasts, other: Pasts): Pasts {
  const isOfBoth = ({ cluster }: { readonly cluster: string }) => other.pasts.some((each) => each.cluster === cluster);
  const unknown = [...other.clusters].filter(([, { state }]) => state !== 'synced');
  return { pasts: pasts.filter(isOfBoth), clusters: new Map([...clusters, ...unknown]), time };
}

const everything = { key: '', resource: () => true, relation: () => true };

/** @throws Fault `bad_parameter` for a revision: revisions belong to one cluster. */
function timeOf(asked: string, parameter: string, now: number): number {
  const parsed = parseMoment(asked, parameter, now).asked;
  if ('time' in parsed) return parsed.time;
  throw fault('bad_parameter', {
    parameter,
    reason: 'revisions are those of one cluster: say cluster=NAME, or a moment in time',
  });
}

/**
 * What to ask of one cluster. Undefined means everything: longer walks, and types with relations into other clusters, may come
 * back from another cluster. Resources that deploy to another cluster point at its `Cluster` resource.
 */
function reachWithin(cluster: string, reach: Reach | undefined): Reach | undefined {
  if (reach?.ids === undefined) return reach;
  const { ids, ...others } = reach;
  if ((reach.steps ?? 0) > 1 || ids.some((id) => crossing.has(parseId(id).type))) return undefined;
  return { ...others, ids: [...ids.flatMap((id) => idWithin(cluster, id) ?? []), `Cluster:${cluster}`] };
}

/** Types with relations into other clusters. */
const crossing: ReadonlySet<string> = new Set([exportType, importType, 'Cluster', 'RemoteCluster']);

function stateOf(told: Told<unknown>, since: string): SourceState {
  if ('told' in told) return { state: 'synced', since };
  return { state: 'unknown', since, reason: told.problem.message };
}

function withIds(text: string, ids: object): string {
  return JSON.stringify({ ...(JSON.parse(text) as object), ...ids });
}

/** The gaps of all clusters, each with its cluster. Clusters that could not answer have a gap of the whole span. */
function gapsOf(found: readonly Told<{ readonly gaps: readonly Gap[] }>[], from: string, to: string): readonly Gap[] {
  return found.flatMap((each): readonly Gap[] => {
    const { cluster } = each;
    if ('told' in each) return each.told.gaps.map((gap) => ({ ...gap, cluster }));
    return [{ from, to, reason: 'not_kept', cluster }];
  });
}

function unkept(clusters: Pasts['clusters'], from: string, to: string): readonly Gap[] {
  const unknown = [...clusters].filter(([, { state }]) => state !== 'synced');
  return unknown.map(([cluster]) => ({ from, to, reason: 'not_kept', cluster }));
}

/** The gap before the recording of a cluster began. */
function beginning(cluster: string, from: string, { oldestAvailable: to }: HistoryOverview): readonly Gap[] {
  return to !== undefined && to > from ? [{ from, to, reason: 'not_kept', cluster }] : [];
}

function distinct(gaps: readonly Gap[]): readonly Gap[] {
  const known = new Map(gaps.map((gap) => [JSON.stringify(gap), gap]));
  return [...known.values()].sort((a, b) => (a.from < b.from ? -1 : 1));
}

/** Adds up counts of the same bucket, type and namespace. */
function summed(counts: Timeline['counts']): Timeline['counts'] {
  const sums = new Map<string, Timeline['counts'][number]>();
  for (const count of counts) {
    const key = `${count.bucket} ${count.type} ${count.namespace}`;
    const { added = 0, changed = 0, removed = 0 } = sums.get(key) ?? {};
    const sum = { added: added + count.added, changed: changed + count.changed, removed: removed + count.removed };
    sums.set(key, { ...count, ...sum });
  }
  return [...sums.values()];
}
