// What a reader of /cluster/watch follows: changes that are judged one by one, those of a view, or those of groups.
import { fault } from '../../src/errors.ts';
import type { GroupIndex } from '../graph/kept/group-index.ts';
import { present } from '../graph/questions/select.ts';
import { withoutMatches } from '../graph/questions/trim.ts';
import { viewChanges } from '../graph/questions/view-changes.ts';
import { createViewFeed, type ViewFeed } from '../graph/questions/view-feed.ts';
import { type Batch, createFeed, type Feed } from '../graph/revisions/feed.ts';
import type { CaughtUp, Sink, Subscription, SubscriptionOptions, Subscriptions } from '../graph/subscription.ts';
import type { Grouping } from '../topology/groupings.ts';
import { type Flag, isSet } from './flag.ts';
import { groupingOf, keptOf } from './groups.ts';
import type { Missed, MissedChanges, TrimmedNarrowing } from './missed-changes.ts';
import { narrowingOf, narrowingParameters } from './narrowing.ts';
import { type GraphParameters, queryOf } from './query.ts';
import type { RouteContext } from './route.ts';
import { isShort, type TrimParameters, trimOf, trimParameters } from './trim.ts';

/** Where a reader begins. */
type Beginning = Pick<SubscriptionOptions<{ readonly line: Buffer }>, 'from' | 'mayBeAhead'>;
export type Subscribe = (sink: ReaderSink, from: Beginning) => Subscription;

export interface WatchQuery extends GraphParameters, TrimParameters {
  readonly groups?: Grouping;
  readonly relations?: Flag;
  readonly revision?: string;
}

export interface ReaderSink extends Sink<{ readonly line: Buffer }> {
  readonly tenant: string;
  /** Returns as `write` does. */
  missed(found: Missed): boolean;
}

export interface FollowingOptions {
  readonly context: RouteContext;
  readonly subscriptions: Subscriptions;
  /** Told of changes less often. */
  readonly ofGroups: Subscriptions;
  readonly missed: MissedChanges;
}

const plainly: ReadonlySet<string> = new Set([...Object.keys(narrowingParameters), 'revision']);
/** What history can tell of a past that is missed: with anything else, what is shown of a resource depends on others. */
const toldByHistory: ReadonlySet<string> = new Set([...plainly, ...Object.keys(trimParameters)]);

export class Following {
  readonly #options: FollowingOptions;
  readonly #feed: Feed;
  readonly #views: ViewFeed;

  constructor(options: FollowingOptions) {
    const { graph } = options.context;
    this.#options = options;
    this.#feed = createFeed(graph.changes);
    this.#views = createViewFeed(graph);
  }

  /** What a reader receives, and from where. @throws Fault `bad_parameter`, and those of a query. */
  async of(asked: WatchQuery): Promise<Subscribe> {
    const { groups, relations, ...narrowing } = asked;
    if (groups !== undefined) return this.#groups(groups, relations, narrowing);
    if (relations !== undefined)
      throw fault('bad_parameter', { parameter: 'relations', reason: 'it goes with `groups`' });
    return isOf(plainly, narrowing) ? this.#changes(narrowing) : this.#view(narrowing);
  }

  /** What history is asked for where a reader missed changes; undefined where it cannot tell, so that the reader starts over. */
  missable(asked: WatchQuery): TrimmedNarrowing | undefined {
    if (!isOf(toldByHistory, asked)) return undefined;
    return { ...narrowingOf(asked, this.#options.context), trim: withoutMatches(trimOf(asked)) };
  }

  #changes(asked: WatchQuery): Subscribe {
    const { context, subscriptions } = this.#options;
    const narrowing = narrowingOf(asked, context);
    const next = (revision: number, together: boolean) => this.#feed.next(revision, narrowing, together);
    return (sink, from) => {
      const catchUp = this.#catchUpOf(sink, narrowing);
      return subscriptions.subscribe({ ...from, next, sink, catchUp });
    };
  }

  /** Changes that left the log while the reader did not read come from history, as for a reader that reconnects. */
  #catchUpOf({ missed: write, tenant }: ReaderSink, narrowing: TrimmedNarrowing | undefined) {
    if (!narrowing) return undefined;
    return async (from: number): Promise<CaughtUp | undefined> => {
      const found = await this.#options.missed.since(from, narrowing, tenant);
      return found && { revision: found.revision, write: () => write(found) };
    };
  }

  /** What cannot be judged one by one: a view's changes depend on the earlier state. */
  #view({ revision: _, ...asked }: WatchQuery): Subscribe {
    const { context, subscriptions } = this.#options;
    const { graph } = context;
    const query = queryOf(asked, context);
    for (const root of query.walk?.roots ?? []) present(graph, root);
    // Rejects an oversized view before its stream starts.
    viewChanges(graph, [], query);
    const view = { key: JSON.stringify(asked), query, trim: withoutMatches(trimOf(asked)), short: isShort(asked) };
    const next = (revision: number) => this.#views.next(revision, view);
    const missable = this.missable(asked);
    return (sink, from) => {
      const catchUp = this.#catchUpOf(sink, missable);
      return subscriptions.subscribe({ ...from, next, sink, catchUp });
    };
  }

  async #groups(by: Grouping, relations: Flag | undefined, narrowing: WatchQuery): Promise<Subscribe> {
    const { context, ofGroups } = this.#options;
    const [other] = Object.keys(narrowing).filter((each) => each !== 'revision');
    if (other)
      throw fault('bad_parameter', {
        parameter: other,
        reason: 'the groups that are followed are those of everything',
      });
    const index = await context.indexes.groups(keptOf(groupingOf(by), context.graph));
    const next = (revision: number) => groupBatch(index, revision, relations === undefined || isSet(relations));
    return (sink, from) => ofGroups.subscribe({ ...from, next, sink });
  }
}

function isOf(parameters: ReadonlySet<string>, asked: WatchQuery): boolean {
  return Object.keys(asked).every((each) => parameters.has(each));
}

/** Groups changed after the revision, as one event. */
function groupBatch(index: GroupIndex, after: number, relations: boolean): Batch {
  const changes = index.since(after, relations);
  if (changes === undefined) return { kind: 'resync' };
  const { revision, timestamp } = changes;
  const parts = [listsText('resources', changes.resources), listsText('relations', changes.relations)].join('');
  if (parts === '') return { kind: 'nothing', revision };
  const line = Buffer.from(`{"revision":${revision},"timestamp":"${timestamp}"${parts}}`);
  return { kind: 'change', revision, of: 1, line };
}

function listsText(name: string, lists: { readonly [list: string]: readonly string[] }): string {
  const full = Object.entries(lists).filter(([, texts]) => texts.length > 0);
  if (full.length === 0) return '';
  return `,"${name}":{${full.map(([list, texts]) => `"${list}":[${texts.join(',')}]`).join(',')}}`;
}
