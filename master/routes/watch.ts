// GET /cluster/watch: server-sent events, one per revision: https://html.spec.whatwg.org/multipage/server-sent-events.html
// A reader costs its position in the log and its socket buffer: while it does not read nothing is queued; when it reads
// again it gets the missed changes merged.
import { PassThrough } from 'node:stream';
import { fault } from '../../src/errors.ts';
import type { Server } from '../../src/http/server.ts';
import { repeat } from '../../src/repeat.ts';
import { Type } from '../../src/schema.ts';
import { askerOf } from '../access/asker.ts';
import type { GraphReader } from '../graph/engine/engine.ts';
import { joined } from '../graph/model/bytes.ts';
import { type Subscription, Subscriptions, throttled } from '../graph/subscription.ts';
import { type ReadingMetrics, readingMetrics } from '../telemetry/reading-metrics.ts';
import { groupings, keyingOf } from '../topology/groupings.ts';
import { changeEventSchema } from './answers/graph.ts';
import { flag } from './flag.ts';
import { Following, type ReaderSink } from './following.ts';
import { isKept } from './groups.ts';
import { type Missed, MissedChanges } from './missed-changes.ts';
import { graphParameters } from './query.ts';
import type { Route, Successor } from './route.ts';
import { answers } from './schemas.ts';
import { trimParameters } from './trim.ts';

const usualHeartbeat = 15_000;
const retryMs = 2_000;
/** How long readers may take to receive the goodbye when the process ends. */
const farewell = 1_000;
const mostReaders = 2_000;
/** Unread bytes of a stream before the reader counts as slow. */
const slack = 64 << 10;

const mostGroupsASecond = 2;
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
    const metrics = readingMetrics(context.metrics).watch;
    const missed = new MissedChanges({ context, logger: app.log });
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
      sayFarewell(readers, context.successor?.());
    });

    const seldom = throttled(graph, 1000 / mostGroupsASecond);
    const ofGroups = new Subscriptions(seldom, { onDelivered: (seconds) => metrics.delivery.observe(seconds) });

    const following = new Following({ context, subscriptions, ofGroups, missed });

    function read(stream: PassThrough, tenant: string, subscribe: (sink: ReaderSink) => Subscription): Reader {
      const sink = sinkOf(stream, { graph, metrics, epoch, idOf, log: app.log, missed, tenant });
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

    app.get('/cluster/watch', { schema, config: { endless: true } }, async (request, reply) => {
      const subscribe = await following.of(request.query);
      const asked = request.headers['last-event-id'] ?? request.query.revision;
      if (readers.size >= mostReaders) throw fault('overloaded', { reason: `${mostReaders} readers watch already` });
      const from = asked === undefined ? graph.revision : revisionOf(String(asked), epoch);
      const stream = new PassThrough({ highWaterMark: slack });
      const narrowing = following.missable(request.query);
      const tenant = askerOf(reply.raw);
      const isForgotten = from !== undefined && from < graph.changes.size().from;
      const told = narrowing && isForgotten ? await missed.since(from, narrowing, tenant) : undefined;
      const mayBeAhead = context.copied === true && asked !== undefined && saysEpoch(String(asked));
      const { subscription } = read(stream, tenant, (sink) =>
        subscribe(sink, { from: told?.revision ?? from, mayBeAhead }),
      );
      request.raw.on('close', () => stream.destroy());
      stream.write(`retry: ${retryMs}\nid: ${idOf(from ?? graph.revision)}\n\n`);
      if (told) missed.write(stream, missedEvent(told, idOf));
      subscription.resume();
      return reply
        .type('text/event-stream; charset=utf-8')
        .header('cache-control', 'no-store')
        .header('x-accel-buffering', 'no')
        .send(stream);
    });
  },
} as const satisfies Route;

interface Reader {
  readonly stream: PassThrough;
  readonly subscription: Subscription;
}

interface Told {
  readonly graph: GraphReader;
  readonly metrics: ReadingMetrics['watch'];
  readonly epoch: string;
  readonly idOf: (revision: number) => string;
  readonly log: Pick<Server['log'], 'error'>;
  readonly missed: MissedChanges;
  readonly tenant: string;
}

function resyncEvent({ epoch, revision, timestamp }: Successor): string {
  return `id: ${epoch}-${revision}\nevent: resync\ndata: ${JSON.stringify({ revision, timestamp })}\n\n`;
}

function missedEvent({ revision, line }: Missed, idOf: Told['idOf']): string {
  return `: out of history\nid: ${idOf(revision)}\nevent: change\ndata: ${line}\n\n`;
}

/** Frames batches as events. A stream accepts more while less than `slack` bytes are unread. */
function sinkOf(stream: PassThrough, { graph, metrics, epoch, idOf, log, missed, tenant }: Told): ReaderSink {
  return {
    tenant,
    missed: (found) => missed.write(stream, missedEvent(found, idOf)),
    write({ revision, of, line }) {
      metrics.merged.inc(of - 1);
      const note = of > 1 ? `: ${of} revisions put together\n` : '';
      return stream.write(joined([`${note}id: ${idOf(revision)}\nevent: change\ndata: `, line, '\n\n']));
    },
    resync(reason) {
      metrics.resyncs.inc({ reason });
      return stream.write(resyncEvent({ epoch, revision: graph.revision, timestamp: graph.timestamp }));
    },
    fail(error) {
      log.error({ err: error }, 'a reader of /cluster/watch could not be served');
      stream.destroy();
    },
  };
}

/**
 * Tells readers that the process ends, or that another graph takes the place of this one: a client that connects again with that
 * id goes on from there. Readers that do not read are disconnected after a moment.
 */
function sayFarewell(readers: ReadonlySet<Reader>, successor: Successor | undefined): void {
  const resync = successor === undefined ? '' : resyncEvent(successor);
  for (const { stream, subscription } of readers) {
    if (subscription.slow) stream.destroy();
    else stream.end(`${resync}: closing\nretry: ${retryMs}\n\n`);
  }
  setTimeout(() => readers.forEach(({ stream }) => stream.destroy()), farewell).unref();
}

/** A number alone may be of any process. */
function saysEpoch(text: string): boolean {
  return text.includes('-');
}

/** Undefined if it is from another process: its revisions mean nothing here. */
function revisionOf(text: string, epoch: string): number | undefined {
  const parts = /^(?:([0-9a-f]{8})-)?([0-9]{1,15})$/.exec(text.trim());
  if (!parts || (parts[1] !== undefined && parts[1] !== epoch)) return undefined;
  return Number(parts[2]);
}
