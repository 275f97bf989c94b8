// The past of several clusters in one graph: asks each cluster for its own past and joins the answers. Clusters whose history
// does not reach back far enough are left out, and the answer says so.
import { timestampOf } from '../../src/clock.ts';
import { fault } from '../../src/errors.ts';
import { clusterOfId } from '../../src/ids.ts';
import { differenceOf } from '../history/difference.ts';
import type {
  AskedDifference,
  FoundDifference,
  FoundLife,
  History,
  HistoryOverview,
  Past,
  Timeline,
} from '../history/history.ts';
import { parseTime } from '../history/moment.ts';
import { type AskedSpan, checkOrder } from '../history/moments.ts';
import type { Observed } from '../history/segment-changes.ts';
import type { Life, LifeRelation, LifeVersion } from '../history/segment-life.ts';
import type { Reach } from '../history/segment-load.ts';
import { askMembers, type Told } from './ask-members.ts';
import { beginning, distinct, gapsOf, unkept } from './fleet-gaps.ts';
import { idInFleet, idWithin } from './fleet-ids.ts';
import { FleetMoments, type FleetMomentsOptions, type Pasts, timeOf } from './fleet-moments.ts';

const never = new AbortController().signal;

export class FleetHistory implements History {
  readonly #options: FleetMomentsOptions;
  readonly #moments: FleetMoments;

  constructor(options: FleetMomentsOptions) {
    this.#options = options;
    this.#moments = new FleetMoments(options);
  }

  async at(asked: string, reach?: Reach): Promise<Past> {
    const pasts = await this.#moments.pastsAt(asked, 'at', reach);
    const graph = await this.#moments.graphOf(pasts, reach);
    const { moment, lasting, gaps } = this.#moments.told(pasts, graph);
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
    const [earlier, later] = [
      await this.#moments.pastsAt(first ?? '', 'from'),
      await this.#moments.pastsAt(last ?? '', 'to'),
    ];
    const [before, after] = [ofBoth(earlier, later), ofBoth(later, earlier)];
    const both = new Set(before.pasts.map(({ cluster }) => cluster));
    const found = await askMembers(
      this.#options.members().filter(({ cluster }) => both.has(cluster)),
      (history) => history.difference({ from: first ?? '', to: last ?? '', narrowing: everything, texts: false }),
    );
    const [graphBefore, graphAfter] = [await this.#moments.graphOf(before), await this.#moments.graphOf(after)];
    const ids = this.#idsOf(found);
    const difference = await this.#options.turns.run(
      differenceOf(graphBefore, graphAfter, { ids, narrowing, texts, exact }),
      never,
    );
    const own = {
      from: this.#moments.told(before, graphBefore).moment,
      to: this.#moments.told(after, graphAfter).moment,
    };
    const gaps = [...gapsOf(found, first ?? '', last ?? ''), ...unkept(before.clusters, first ?? '', last ?? '')];
    return { ...difference, ...own, completeness: graphAfter.completeness(), gaps: distinct(gaps) };
  }

  async life(id: string, span: AskedSpan): Promise<FoundLife> {
    const of = clusterOfId(id);
    const members = this.#options.members().filter(({ cluster }) => of === undefined || cluster === of);
    const found = await askMembers(members, (history, cluster) => history.life(idWithin(cluster, id) ?? id, span));
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
    const overviews = await askMembers(this.#options.members(), (history) => history.overview());
    const begins = overviews.flatMap((each) =>
      'told' in each ? Date.parse(each.told.oldestAvailable ?? '') || to : [],
    );
    const from = Math.max(asked, Math.min(...begins));
    if (from >= to) throw fault('bad_parameter', { parameter: 'from', reason: 'it is not before `to`' });
    const [first, last] = [timestampOf(from), timestampOf(to)];
    const found = await askMembers(this.#options.members(), (history) =>
      history.timeline({ from: first, to: last, whole: true }, buckets),
    );
    const counts = found.flatMap((each) => ('told' in each ? each.told.counts : []));
    const late = overviews.flatMap((each) => ('told' in each ? beginning(each.cluster, first, each.told) : []));
    return { from, to, counts: summed(counts), gaps: distinct([...gapsOf(found, first, last), ...late]) };
  }

  async overview(): Promise<HistoryOverview> {
    const found = await askMembers(this.#options.members(), (history) => history.overview());
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
}

/** Without clusters known at only one of the two moments, which would look as if they had come or gone. */
function ofBoth({ pasts, clusters, time }: Pasts, other: Pasts): Pasts {
  const isOfBoth = ({ cluster }: { readonly cluster: string }) => other.pasts.some((each) => each.cluster === cluster);
  const unknown = [...other.clusters].filter(([, { state }]) => state !== 'synced');
  return { pasts: pasts.filter(isOfBoth), clusters: new Map([...clusters, ...unknown]), time };
}

const everything = { key: '', resource: () => true, relation: () => true };

function withIds(text: string, ids: object): string {
  return JSON.stringify({ ...(JSON.parse(text) as object), ...ids });
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
