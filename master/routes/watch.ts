// GET /cluster/watch: server-sent events, one per revision: https://html.spec.whatwg.org/multipage/server-sent-events.html
// A reader costs its position in the log and its socket buffer: while it does not read nothing is queued; when it reads
// again it gets the missed changes merged.
import { PassThrough } from 'node:stream';
import { Type } from 'typebox';
import { fault } from '../../src/errors.ts';
import type { Server } from '../../src/http/server.ts';
import { repeat } from '../../src/repeat.ts';
import type { GraphReader } from '../graph/engine/engine.ts';
import type { GroupIndex } from '../graph/kept/group-index.ts';
import { joined } from '../graph/model/bytes.ts';
import { present } from '../graph/questions/select.ts';
import { viewChanges } from '../graph/questions/view-changes.ts';
import { createViewFeed } from '../graph/questions/view-feed.ts';
import type { Narrowing } from '../graph/revisions/feed.ts';
import { type Batch, createFeed } from '../graph/revisions/feed.ts';
import { type Sink, type Subscription, Subscriptions, throttled } from '../graph/subscription.ts';
import type { FoundDifference } from '../history/history.ts';
import { type ReadingMetrics, readingMetrics } from '../telemetry/reading-metrics.ts';
import { type Grouping, groupings, keyingOf } from '../topology/groupings.ts';
import { groupingOf, isKept, keptOf } from './groups.ts';
import { narrowingOf, narrowingParameters } from './narrowing.ts';
import {
  type Flag,
  flag,
  type GraphParameters,
  graphParameters,
  isSet,
  isShort,
  queryOf,
  type TrimParameters,
  trimOf,
  trimParameters,
} from './query.ts';
import type { Route } from './route.ts';
import { answers, changeEventSchema } from './schemas.ts';

const usualHeartbeat = 15_000;
const retryMs = 2_000;
/** How long readers may take to receive the goodbye when the process ends. */
const farewell = 1_000;
const mostReaders = 2_000;
/** Unread bytes of a stream before the reader counts as slow. */
const slack = 64 << 10;

const mostGroupsASecond = 2;
const plainly: ReadonlySet<string> = new Set([...Object.keys(narrowingParameters), 'revision']);
const keptGroupings = groupings.filter((by) => isKept(keyingOf(by)));

const querystring = Type.Object(
  {
    ...graphParameters,
    ...trimParameters,
    groups: Type.Optional(
      Type.Enum([...keptGroupings], {
        description:
          'Instead of resources the groups of `/cluster/groups?by=…` that changed, at most twice a second; alone, or with `relations`',
        examples: ['namespace'],
      }),
    ),
    relations: flag('With `groups`: `false` leaves out what is between groups'),
    revision: Type.Optional(
      Type.String({
        description:
          'Begin after this revision: the `revision` of a `/cluster` answer. `Last-Event-ID` does the same and wins',
        examples: ['1742'],
        pattern: '^([0-9a-f]{8}-)?[0-9]{1,15}$',
      }),
    ),
  },
  { additionalProperties: false },
);

const eventStream = Type.String({ contentMediaType: 'application/json', contentSchema: changeEventSchema });

const schema = {
  summary: 'Changes of the graph as they happen',
  description:
    'Server-sent events in order of revision. `change` tells what is added, changed and removed since the one before; `resync` that too much happened since: read `/cluster` again, and go on from its revision. `Last-Event-ID` goes on after a break.',
  tags: ['graph'],
  querystring,
  ...answers({
    description: 'A stream of events; the data of each is a ChangeEvent',
    content: { 'text/event-stream': { schema: eventStream } },
  }),
};

export const watch = {
  name: 'watch',
  register(app, context) {
    const { graph, epoch, heartbeat: heartbeatMs = usualHeartbeat } = context;
    const readers = new Set<Reader>();
    const feed = createFeed(graph.changes);
    const views = createViewFeed(graph);
    const metrics = readingMetrics(context.metrics).watch;
    const idOf = (revision: number) => `${epoch}-${revision}`;
    const subscriptions = new Subscriptions(graph, { onDelivered: (seconds) => metrics.delivery.observe(seconds) });
    const beat = () => {
      for (const { stream, subscription } of readers)
        if (!subscription.slow) stream.write(`: heartbeat\nid: ${idOf(subscription.revision)}\n\n`);
    };
    const stopBeating = repeat(heartbeatMs, beat, app.log);
    app.addHook('preClose', async () => {
      stopBeating();
      subscriptions.close();
      ofGroups.close();
      seldom.close();
      sayFarewell(readers);
    });

    const seldom = throttled(graph, 1000 / mostGroupsASecond);
    const ofGroups = new Subscriptions(seldom, { onDelivered: (seconds) => metrics.delivery.observe(seconds) });

    /** What a reader receives, and from where. */
    async function followedOf(
      asked: WatchQuery,
    ): Promise<(sink: ReaderSink, from: number | undefined) => Subscription> {
      const { groups: by, relations, ...narrowing } = asked;
      if (by === undefined) {
        if (relations !== undefined)
          throw fault('bad_parameter', { parameter: 'relations', reason: 'it goes with `groups`' });
        if (!isPlain(narrowing)) return followView(narrowing);
        const narrowed = narrowingOf(narrowing, context);
        const next = (revision: number, together: boolean) => feed.next(revision, narrowed, together);
        return (sink, from) => subscriptions.subscribe({ from, next, sink });
      }
      const [other] = Object.keys(narrowing).filter((each) => each !== 'revision');
      if (other)
        throw fault('bad_parameter', {
          parameter: other,
          reason: 'the groups that are followed are those of everything',
        });
      const index = await context.indexes.groups(keptOf(groupingOf(by), graph));
      const next = (revision: number) => groupBatch(index, revision, relations === undefined || isSet(relations));
      return (sink, from) => ofGroups.subscribe({ from, next, sink });
    }

    /** Changes that can be judged one by one are plain; everything else is a view, whose changes depend on the earlier state. */
    function followView({
      revision: _,
      ...asked
    }: WatchQuery): (sink: ReaderSink, from: number | undefined) => Subscription {
      const query = queryOf(asked, context);
      for (const root of query.walk?.roots ?? []) present(graph, root);
      // Rejects an oversized view before its stream starts.
      viewChanges(graph, [], query);
      const view = { key: JSON.stringify(asked), query, trim: trimOf(asked), short: isShort(asked) };
      const next = (revision: number) => views.next(revision, view);
      return (sink, from) => subscriptions.subscribe({ from, next, sink });
    }

    function read(stream: PassThrough, subscribe: (sink: ReaderSink) => Subscription): Reader {
      const sink = sinkOf(stream, { graph, metrics, idOf, log: app.log });
      const reader = { stream, subscription: subscribe(sink) };
      readers.add(reader);
      metrics.readers.inc();
      stream.on('close', () => {
        reader.subscription.close();
        readers.delete(reader);
        metrics.readers.dec();
      });
      stream.on('drain', () => reader.subscription.resume());
      return reader;
    }

    /** Changes since a revision that the log no longer has, from history if possible. */
    async function missed(asked: string, from: number | undefined, narrowing: Narrowing) {
      if (from === undefined || from >= graph.changes.size().from || !context.history) return undefined;
      try {
        const options = { from: `${epoch}-${from}`, to: 'now', narrowing, texts: true, exact: true };
        const found = await context.history.difference(options);
        return found.to.epoch === epoch && found.gaps.length === 0 ? found : undefined;
      } catch (error) {
        app.log.debug({ err: error, asked }, 'history does not tell what a reader missed');
        return undefined;
      }
    }

    app.get('/cluster/watch', { schema }, async (request, reply) => {
      const subscribe = await followedOf(request.query);
      const asked = request.headers['last-event-id'] ?? request.query.revision;
      if (readers.size >= mostReaders) throw fault('overloaded', { reason: `${mostReaders} readers watch already` });
      const from = asked === undefined ? graph.revision : revisionOf(String(asked), epoch);
      const stream = new PassThrough({ highWaterMark: slack });
      // History cannot compute a view's changes: the reader starts over.
      const narrowing = isPlain(request.query) ? narrowingOf(request.query, context) : undefined;
      const told = narrowing && (await missed(String(asked), from, narrowing));
      const { subscription } = read(stream, (sink) => subscribe(sink, told?.to.revision ?? from));
      request.raw.on('close', () => stream.destroy());
      stream.write(`retry: ${retryMs}\nid: ${idOf(from ?? graph.revision)}\n\n`);
      if (told)
        stream.write(`: out of history\nid: ${idOf(told.to.revision)}\nevent: change\ndata: ${lineOf(told)}\n\n`);
      subscription.resume();
      return reply
        .type('text/event-stream; charset=utf-8')
        .header('cache-control', 'no-store')
        .header('x-accel-buffering', 'no')
        .send(stream);
    });
  },
} as const satisfies Route;

type ReaderSink = Sink<{ readonly line: Buffer }>;

function isPlain(asked: WatchQuery): boolean {
  return Object.keys(asked).every((each) => plainly.has(each));
}

interface WatchQuery extends GraphParameters, TrimParameters {
  readonly groups?: Grouping;
  readonly relations?: Flag;
  readonly revision?: string;
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

interface Reader {
  readonly stream: PassThrough;
  readonly subscription: Subscription;
}

interface Told {
  readonly graph: GraphReader;
  readonly metrics: ReadingMetrics['watch'];
  readonly idOf: (revision: number) => string;
  readonly log: Pick<Server['log'], 'error'>;
}

/** Frames batches as events. A stream accepts more while less than `slack` bytes are unread. */
function sinkOf(stream: PassThrough, { graph, metrics, idOf, log }: Told): ReaderSink {
  return {
    write({ revision, of, line }) {
      metrics.merged.inc(of - 1);
      const note = of > 1 ? `: ${of} revisions put together\n` : '';
      return stream.write(joined([`${note}id: ${idOf(revision)}\nevent: change\ndata: `, line, '\n\n']));
    },
    resync(reason) {
      metrics.resyncs.inc({ reason });
      const data = JSON.stringify({ revision: graph.revision, timestamp: graph.timestamp });
      return stream.write(`id: ${idOf(graph.revision)}\nevent: resync\ndata: ${data}\n\n`);
    },
    fail(error) {
      log.error({ err: error }, 'a reader of /cluster/watch could not be served');
      stream.destroy();
    },
  };
}

/** On one line, like changes from the feed. */
function lineOf({ to, resources, relations, completeness }: FoundDifference): string {
  const { revision, timestamp } = to;
  const parts = [
    `{"revision":${revision},"timestamp":"${timestamp}"`,
    ...groupOf('resources', resources.added, resources.changed, resources.removed),
    ...groupOf('relations', relations.added, relations.changed, relations.removed),
    `,"completeness":${completeness}}`,
  ];
  return parts.join('');
}

function groupOf(
  name: string,
  added: readonly string[],
  changed: readonly string[],
  removed: readonly unknown[],
): readonly string[] {
  const lists = { added, changed, removed: removed.map((each) => JSON.stringify(each)) };
  const some = Object.entries(lists).filter(([, items]) => items.length > 0);
  return some.length > 0
    ? [`,"${name}":{${some.map(([list, items]) => `"${list}":[${items.join(',')}]`).join(',')}}`]
    : [];
}

/** Tells readers that the process ends. Readers that do not read are disconnected after a moment. */
function sayFarewell(readers: ReadonlySet<Reader>): void {
  for (const { stream, subscription } of readers) {
    if (subscription.slow) stream.destroy();
    else stream.end(`: closing\nretry: ${retryMs}\n\n`);
  }
  setTimeout(() => readers.forEach(({ stream }) => stream.destroy()), farewell).unref();
}

/** Undefined if it is from another process: its revisions mean nothing here. */
function revisionOf(text: string, epoch: string): number | undefined {
  const parts = /^(?:([0-9a-f]{8})-)?([0-9]{1,15})$/.exec(text.trim());
  if (!parts || (parts[1] !== undefined && parts[1] !== epoch)) return undefined;
  return Number(parts[2]);
}
