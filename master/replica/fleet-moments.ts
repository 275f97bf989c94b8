// The graph of several clusters at a past moment, joined from the graph of each.
import { createHash } from 'node:crypto';
import { type Clock, timestampOf } from '../../src/clock.ts';
import { fault } from '../../src/errors.ts';
import { parseId } from '../../src/ids.ts';
import type { SourceState } from '../../src/model.ts';
import type { Retention } from '../graph/revisions/retention.ts';
import type { Moment } from '../history/archive-reader.ts';
import type { Past } from '../history/history.ts';
import { KeptGraphs } from '../history/kept-graphs.ts';
import { parseMoment } from '../history/moment.ts';
import type { PastGraph } from '../history/past-graph.ts';
import type { Reach } from '../history/segment-load.ts';
import type { Turns } from '../turns.ts';
import { askMembers, type MemberPast, type Told } from './ask-members.ts';
import { distinct, unkept } from './fleet-gaps.ts';
import { idWithin, type NamedClusters } from './fleet-ids.ts';
import { pastFleet } from './past-fleet.ts';
import { exportType, importType } from './service-exports.ts';

export interface FleetMomentsOptions {
  readonly members: () => readonly MemberPast[];
  readonly addresses?: NamedClusters['addresses'];
  readonly createdBy: string;
  readonly retention: Retention;
  readonly turns: Pick<Turns, 'run'>;
  readonly clock: Clock;
  /** Maximum resources of a past graph. */
  readonly most?: number;
}

export interface Pasts {
  readonly pasts: readonly { readonly cluster: string; readonly past: Past }[];
  readonly clusters: ReadonlyMap<string, SourceState>;
  readonly time: number;
}

const usualMost = 50_000;
const mostGraphs = 2;
const hint = 'narrow it, with namespace= or type= for example, or ask one cluster, with cluster=';
const never = new AbortController().signal;

export class FleetMoments {
  readonly #options: FleetMomentsOptions;
  readonly #most: number;
  readonly #graphs = new KeptGraphs<PastGraph>({ most: mostGraphs, graphOf: (graph) => graph });

  constructor(options: FleetMomentsOptions) {
    this.#options = options;
    this.#most = options.most ?? usualMost;
  }

  /** The past of each cluster at a moment. `parameter` names the moment in faults. */
  async pastsAt(asked: string, parameter: string, reach?: Reach): Promise<Pasts> {
    const time = timeOf(asked, parameter, this.#options.clock());
    const at = timestampOf(time);
    const found = await askMembers(this.#options.members(), (history, cluster) =>
      history.at(at, reachWithin(cluster, reach)),
    );
    const pasts = found.flatMap((each) => ('told' in each ? [{ cluster: each.cluster, past: each.told }] : []));
    this.#bound(pasts.reduce((sum, { past }) => sum + past.graph.order.size, 0));
    const clusters = new Map(found.map((each) => [each.cluster, stateOf(each, at)]));
    return { pasts, clusters, time };
  }

  #bound(size: number): void {
    if (size > this.#most)
      throw fault('query_too_large', { reason: `more than ${this.#most} resources are known of that time`, hint });
  }

  /** The graph of all these pasts. */
  graphOf({ pasts, clusters }: Pasts, reach?: Reach): Promise<PastGraph> {
    const facts = pasts.map(({ cluster, past: { epoch, moment } }) => [
      cluster,
      epoch,
      moment.segment,
      moment.revision,
    ]);
    const key = createHash('sha256')
      .update(JSON.stringify([facts, [...clusters], reach ?? null]))
      .digest('base64');
    const { addresses, createdBy, retention, turns } = this.#options;
    const parts = pasts.map(({ cluster, past: { graph } }) => ({ cluster, graph }));
    const steps = () => pastFleet({ parts, clusters, addresses, createdBy, retention });
    return this.#graphs.get(key, () => turns.run(steps(), never));
  }

  /** What an answer says of its moment. */
  told({ pasts, clusters, time }: Pasts, { revision, timestamp, order }: PastGraph) {
    const all = pasts.map(({ past }) => past);
    const lasting = clusters.size === pasts.length && all.every((past) => past.lasting);
    const epochs = pasts.map(({ cluster, past }) => `${cluster} ${past.epoch} ${past.moment.revision}`);
    const epoch = createHash('sha256').update(epochs.sort().join('\n')).digest('hex').slice(0, 8);
    const moment: Moment = { segment: '', epoch, revision, timestamp, time, sealed: lasting, size: order.size };
    const gaps = pasts.flatMap(({ cluster, past }) => past.gaps.map((gap) => ({ ...gap, cluster })));
    return { moment, lasting, gaps: distinct([...gaps, ...unkept(clusters, moment.timestamp, timestampOf(time))]) };
  }
}

/** @throws Fault `bad_parameter` for a revision: revisions belong to one cluster. */
export function timeOf(asked: string, parameter: string, now: number): number {
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
