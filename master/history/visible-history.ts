// The past for callers with restricted rights: what they may see now, and each namespace only since it has its current UID.
// A recreated namespace may have another owner, so its earlier content is hidden.
import { createHash } from 'node:crypto';
import { fault } from '../../src/errors.ts';
import type { Place, Rights } from '../access/auth/rights.ts';
import { createVisibleGraph, type VisibleGraphOptions } from '../access/visible-graphs/visible-graph.ts';
import type { GraphReader } from '../graph/contract.ts';
import { peekAt } from '../graph/model/bytes.ts';
import type { Rule } from '../relations/relation.ts';
import type { Turns } from '../turns.ts';
import type { Moment } from './archive-reader.ts';
import { differenceOf } from './difference.ts';
import type {
  AskedDifference,
  FoundDifference,
  FoundLife,
  History,
  HistoryOverview,
  Past,
  RecordedHistory,
  Timeline,
} from './history.ts';
import { KeptGraphs } from './kept-graphs.ts';
import type { AskedSpan } from './moments.ts';
import type { LifeRelation, LifeVersion } from './segment-life.ts';
import type { Places } from './segment-walk.ts';

export interface VisibleHistoryOptions {
  readonly whole: RecordedHistory;
  readonly rights: Rights;
  /** The current graph. */
  readonly main: GraphReader;
  readonly engineOptions: VisibleGraphOptions['engineOptions'];
  readonly turns: Pick<Turns, 'run'>;
}

/** A graph with its epoch: its revisions have a meaning only there. */
interface Seen {
  readonly graph: GraphReader;
  readonly epoch: string;
}

type Since = { readonly [namespace: string]: number | null };

/** Past graphs cached for callers, of all rights together. */
const mostGraphs = 8;
const graphs = new WeakMap<RecordedHistory, KeptGraphs<Seen>>();
const never = new AbortController().signal;

export class VisibleHistory implements History {
  readonly #options: VisibleHistoryOptions;
  readonly #rulesByName: ReadonlyMap<string, Rule>;

  constructor(options: VisibleHistoryOptions) {
    this.#options = options;
    this.#rulesByName = new Map(options.main.rules.map((rule) => [rule.name, rule]));
  }

  async at(asked: string): Promise<Past> {
    const { moment, time, gaps } = await this.#options.whole.moments.of(timeOnly(asked, 'at'), 'at');
    const { graph, epoch } = await this.#graphAt(moment, await this.#since());
    // Rights change: they are checked on each request.
    return { graph, epoch, moment, time, lasting: false, gaps };
  }

  walk(asked: string): Promise<Past> {
    return this.at(asked);
  }

  /** The caller's part of the graph is always built whole. */
  async texts(): Promise<undefined> {
    return undefined;
  }

  async differenceTexts(): Promise<undefined> {
    return undefined;
  }

  async difference({ from, to, narrowing, texts }: AskedDifference): Promise<FoundDifference> {
    const { whole, turns } = this.#options;
    const { first, last } = await whole.moments.between(timeOnly(from, 'from'), timeOnly(to, 'to'));
    const since = await this.#since();
    const [before, after] = [await this.#graphAt(first.moment, since), await this.#graphAt(last.moment, since)];
    const ids = await whole.touched(first.moment, last.moment);
    const found = await turns.run(differenceOf(before.graph, after.graph, { ids, narrowing, texts }), never);
    const own = { from: this.#shown(first.moment, before), to: this.#shown(last.moment, after) };
    return {
      ...found,
      ...own,
      completeness: after.graph.completeness(),
      gaps: await whole.moments.gapsBetween(first.time, last.time),
    };
  }

  async life(id: string, span: AskedSpan): Promise<FoundLife> {
    const since = await this.#since();
    const life = await this.#options.whole.life(id, span);
    const sees = (place: Place, time: number) => this.#seesAt(place, time, since);
    const place = placeOf(id);
    const mayReadEvents = this.#options.rights.sees({ type: 'Event', namespace: place.namespace, id: '' });
    return {
      gaps: life.gaps,
      versions: distinct(life.versions.filter(({ time }) => sees(place, time)).map(bare)),
      relations: life.relations.filter((each) => this.#proves(each, since)),
      events: mayReadEvents ? life.events.filter(({ at }) => sees(place, Date.parse(at))) : [],
    };
  }

  async timeline(span: AskedSpan, buckets: number): Promise<Timeline> {
    const { whole, rights } = this.#options;
    const timeline = await whole.timeline(span, buckets, await this.#since());
    const counts = timeline.counts.filter(({ type, namespace }) => rights.sees({ type, namespace, id: '' }));
    return { ...timeline, counts };
  }

  async overview(): Promise<HistoryOverview> {
    const { segments: _, bytes: __, ...overview } = await this.#options.whole.overview();
    return { ...overview, segments: [], bytes: 0, partly: true };
  }

  #shown(moment: Moment, graph: Seen): Moment {
    return { ...moment, epoch: graph.epoch, revision: graph.graph.revision, timestamp: graph.graph.timestamp };
  }

  async #since(): Promise<Since> {
    const { main, whole } = this.#options;
    const uids = [...main.members('Namespace', '')].filter(({ uid }) => uid !== '').map(({ name, uid }) => [name, uid]);
    return whole.since(Object.fromEntries(uids) as { [namespace: string]: string });
  }

  /** Types and namespaces in which the caller may see anything. */
  async #placesAt(moment: Moment, since: Since): Promise<Places> {
    const all = Object.entries(await this.#options.whole.placesAt(moment));
    const seen = all.map(([type, namespaces]): [string, readonly string[]] => [
      type,
      namespaces.filter((namespace) => this.#seesAt(placeIn(type, namespace), moment.time, since)),
    ]);
    return Object.fromEntries(seen.filter(([, namespaces]) => namespaces.length > 0));
  }

  #seesAt(place: Place, time: number, since: Since): boolean {
    const namespace = place.type === 'Namespace' ? place.id.slice('Namespace:'.length) : place.namespace;
    if (namespace !== '' && (since[namespace] ?? Number.POSITIVE_INFINITY) > time) return false;
    return this.#options.rights.sees(place);
  }

  /** A relation is shown if both ends and everything its rules read are visible. */
  #proves(relation: LifeRelation, since: Since): boolean {
    const { source, target, time, rules } = relation;
    if (![source, target].every((place) => this.#seesAt(place, time, since))) return false;
    const { rights } = this.#options;
    return rules.every((name) =>
      (this.#rulesByName.get(name)?.reads ?? ['?']).every((type) =>
        type === '*'
          ? true
          : rights.extentOf(type) === 'all' || this.#readsWithin(type, source.namespace || target.namespace),
      ),
    );
  }

  #readsWithin(type: string, namespace: string): boolean {
    return namespace !== '' && this.#options.rights.sees({ type, namespace, id: '' });
  }

  #graphAt(moment: Moment, since: Since): Promise<Seen> {
    const { whole, rights } = this.#options;
    const known = graphs.get(whole) ?? new KeptGraphs<Seen>({ most: mostGraphs, graphOf: ({ graph }) => graph });
    graphs.set(whole, known);
    const key = JSON.stringify([moment.segment, moment.revision, rights.key, since]);
    return known.get(key, () => this.#make(moment, since));
  }

  /** Always built whole, because derived data depends on other resources. */
  async #make(moment: Moment, since: Since): Promise<Seen> {
    const { whole, rights, engineOptions } = this.#options;
    const places = whole.isLarge(moment) ? await this.#placesAt(moment, since) : undefined;
    const main = await whole.graphAt(moment, places && { places });
    const then: Rights = { ...rights, sees: (place) => this.#seesAt(place, moment.time, since) };
    const visible = createVisibleGraph({
      main,
      rights: then,
      engineOptions,
      // The past does not change.
      mirror: { follow: () => () => {} },
      pause,
    });
    await visible.ready;
    visible.close();
    return { graph: visible.graph, epoch: await epochOf(visible.graph) };
  }
}

/** Hash of visible data only, so that it reveals no hidden changes. */
async function epochOf(graph: GraphReader): Promise<string> {
  const hash = createHash('sha256').update(graph.completeness('full'));
  for (const { leaves } of graph.order.types())
    for (const { entries } of leaves) {
      for (const { version, out } of entries) {
        hash.update(peekAt(version));
        for (const block of out) hash.update(peekAt(graph.edgeLists.pieceOf(block)));
      }
      await pause();
    }
  return hash.digest('hex').slice(0, 8);
}

const pause = () => new Promise<void>((resolve) => setImmediate(resolve));
const numbered = /^[0-9a-f]{8}-\d+$/;

/** Revisions of the whole graph are not the caller's, and those of a part are numbered when it is built. */
function timeOnly(asked: string, parameter: string): string {
  if (!numbered.test(asked)) return asked;
  throw fault('bad_parameter', {
    parameter,
    reason: 'it is a revision; ask for a time, as you may see a part of the graph only',
  });
}

/** For a Namespace its name is used. */
function placeIn(type: string, namespace: string): Place {
  return type === 'Namespace' ? { id: `Namespace:${namespace}`, type, namespace: '' } : { id: '', type, namespace };
}

function placeOf(id: string): Place {
  const type = id.slice(0, Math.max(0, id.indexOf(':')));
  const path = id.slice(type.length + 1);
  const slash = path.indexOf('/');
  return { id, type, namespace: slash < 0 ? '' : path.slice(0, slash) };
}

/** Merges versions that differ in hidden data only. */
function distinct(versions: readonly LifeVersion[]): readonly LifeVersion[] {
  return versions.filter(
    ({ text, uid }, i) => text !== versions[i - 1]?.text || uid !== versions[i - 1]?.uid || i === 0,
  );
}

/** Its own text only: derived data may reveal hidden resources. */
function bare(version: LifeVersion): LifeVersion {
  if (version.text === undefined) return version;
  const { annotations, ...resource } = JSON.parse(version.text) as {
    readonly annotations: { readonly [name: string]: unknown };
  };
  const { createdBy, label, alternateLabel } = annotations;
  return { ...version, text: JSON.stringify({ ...resource, annotations: { createdBy, label, alternateLabel } }) };
}
