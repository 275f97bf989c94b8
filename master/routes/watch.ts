// GET /cluster/watch: server-sent events, one for each revision: https://html.spec.whatwg.org/multipage/server-sent-events.html
//
// A reader costs its place in the log and what lies in its socket, whatever happens: while it does not read, nothing is
// queued for it, and when it reads again it gets what happened meanwhile put together.
import { PassThrough } from 'node:stream';
import { Type } from 'typebox';
import { fault } from '../../src/errors.ts';
import type { GraphReader } from '../graph/engine/engine.ts';
import { joined } from '../graph/model/bytes.ts';
import type { Feed, Narrowing } from '../graph/revisions/feed.ts';
import { createFeed } from '../graph/revisions/feed.ts';
import { type ReadingMetrics, readingMetrics } from '../telemetry/reading-metrics.ts';
import { narrowingOf, narrowingParameters } from './narrowing.ts';
import type { Route } from './route.ts';
import { answers } from './schemas.ts';

const usualHeartbeat = 15_000;
const retryMs = 2_000;
/** How long a reader may take to hear that the process is ending. */
const farewell = 1_000;
const mostReaders = 2_000;
/** Bytes that may lie unread in one stream before it counts as slow. */
const slack = 64 << 10;

interface Reader {
  readonly stream: PassThrough;
  readonly narrowing: Narrowing;
  /** The last revision it knows of. */
  revision: number;
  slow: boolean;
}

/** What is told, how it is counted, and what a revision is called. */
interface SourcedReference {
  readonly graph: GraphReader;
  readonly feed: Feed;
  readonly metrics: ReadingMetrics['watch'];
  readonly idOf: (revision: number) => string;
}

const querystring = Type.Object(
  {
    ...narrowingParameters,
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

export const watch = {
  name: 'watch',
  register(app, context) {
    const { graph, epoch, heartbeat: heartbeatMs = usualHeartbeat } = context;
    const readers = new Set<Reader>();
    const feed = createFeed(graph.changes);
    const metrics = readingMetrics(context.metrics).watch;
    const idOf = (revision: number) => `${epoch}-${revision}`;
    const said: SourcedReference = { graph, feed, metrics, idOf };
    let flushing = false;

    /** Whatever goes wrong costs this reader alone: it comes back and is told to begin anew, or goes on. */
    function serve(reader: Reader): void {
      try {
        advance(reader, said);
      } catch (error) {
        app.log.error({ err: error }, 'a reader of /cluster/watch could not be served');
        reader.stream.destroy();
      }
    }

    const stopFollowing = graph.changes.follow(() => {
      if (flushing || readers.size === 0) return;
      flushing = true;
      const began = performance.now();
      // All that one turn of the loop changed goes out in one write.
      setImmediate(() => {
        flushing = false;
        for (const reader of readers) if (!reader.slow) serve(reader);
        metrics.delivery.observe((performance.now() - began) / 1000);
      });
    });
    const heartbeat = setInterval(() => {
      for (const { stream, slow, revision } of readers)
        if (!slow) stream.write(`: heartbeat\nid: ${idOf(revision)}\n\n`);
    }, heartbeatMs).unref();
    app.addHook('preClose', async () => {
      clearInterval(heartbeat);
      stopFollowing();
      for (const { stream, slow } of readers) {
        if (slow) stream.destroy();
        else stream.end(`: closing\nretry: ${retryMs}\n\n`);
      }
      // Who does not read does not hear it either, and holds up nobody's end.
      setTimeout(() => readers.forEach(({ stream }) => stream.destroy()), farewell).unref();
    });

    const schema = {
      summary: 'Changes of the graph as they happen',
      description: 'Server-sent events `change` and `resync`, in order of revision',
      tags: ['graph'],
      querystring,
      ...answers({ description: 'A stream of events', content: { 'text/event-stream': { schema: Type.String() } } }),
    };
    app.get('/cluster/watch', { schema }, (request, reply) => {
      const narrowing = narrowingOf(request.query, context);
      const asked = request.headers['last-event-id'] ?? request.query.revision;
      if (readers.size >= mostReaders) throw fault('overloaded', { reason: `${mostReaders} readers watch already` });
      const stream = new PassThrough({ highWaterMark: slack });
      const reader: Reader = { stream, narrowing, revision: graph.revision, slow: false };
      const from = asked === undefined ? graph.revision : revisionOf(String(asked), epoch);
      graph.changes.record();
      readers.add(reader);
      metrics.readers.inc();
      stream.on('close', () => {
        readers.delete(reader);
        metrics.readers.dec();
      });
      stream.on('drain', () => {
        reader.slow = false;
        serve(reader);
      });
      request.raw.on('close', () => stream.destroy());
      stream.write(`retry: ${retryMs}\nid: ${idOf(from ?? graph.revision)}\n\n`);
      if (from === undefined || from > graph.revision) resync(reader, said, 'unknown_revision');
      else {
        reader.revision = from;
        advance(reader, said);
      }
      return reply
        .type('text/event-stream; charset=utf-8')
        .header('cache-control', 'no-store')
        .header('x-accel-buffering', 'no')
        .send(stream);
    });
  },
} as const satisfies Route;

/** Undefined where it is of another process: its revisions mean nothing here. */
function revisionOf(text: string, epoch: string): number | undefined {
  const parts = /^(?:([0-9a-f]{8})-)?([0-9]{1,15})$/.exec(text.trim());
  if (!parts || (parts[1] !== undefined && parts[1] !== epoch)) return undefined;
  return Number(parts[2]);
}

/** Sends what the reader has not heard of, until it is up to date or does not take more. */
function advance(reader: Reader, said: SourcedReference): void {
  const { graph, feed, metrics, idOf } = said;
  let together = false;
  while (!reader.slow && reader.revision < graph.revision && !reader.stream.writableEnded) {
    const batch = feed.next(reader.revision, reader.narrowing, together || graph.revision - reader.revision > 16);
    if (batch.kind === 'resync') return resync(reader, said, 'log_overrun');
    reader.revision = batch.revision;
    if (batch.kind === 'nothing') continue;
    metrics.merged.inc(batch.of - 1);
    const note = batch.of > 1 ? `: ${batch.of} revisions put together\n` : '';
    reader.slow = !reader.stream.write(
      joined([`${note}id: ${idOf(batch.revision)}\nevent: change\ndata: `, batch.line, '\n\n']),
    );
    together = reader.slow;
  }
}

/** Tells the reader that it must read `/cluster` again, and goes on from the present. */
function resync(reader: Reader, { graph, metrics, idOf }: SourcedReference, reason: string): void {
  metrics.resyncs.inc({ reason });
  reader.revision = graph.revision;
  const data = JSON.stringify({ revision: graph.revision, timestamp: graph.timestamp });
  reader.slow = !reader.stream.write(`id: ${idOf(graph.revision)}\nevent: resync\ndata: ${data}\n\n`);
}
