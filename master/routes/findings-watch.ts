// GET /cluster/findings/watch: server-sent events. First all matching findings as begun, then changes.
// A reader costs what is in its socket buffer. One that does not read is disconnected and starts over: findings are few.
import { PassThrough } from 'node:stream';
import { fault } from '../../src/errors.ts';
import { repeat } from '../../src/repeat.ts';
import { Type } from '../../src/schema.ts';
import type { Finding, FindingChange } from '../findings/contract.ts';
import { findingParameters, findingTestOf, wantsAdvice } from './finding-query.ts';
import type { Route } from './route.ts';
import { answers } from './schemas.ts';

const usualHeartbeat = 15_000;
const retryMs = 2_000;
const mostReaders = 500;
/** Maximum unread bytes of a stream before it is disconnected. */
const slack = 16 << 20;

const schema = {
  summary: 'Findings as they begin, change and end',
  description: 'Server-sent events `findings`: the first holds all there are, as begun',
  tags: ['findings'],
  querystring: Type.Object(findingParameters, { additionalProperties: false }),
  ...answers({ description: 'A stream of events', content: { 'text/event-stream': { schema: Type.String() } } }),
};

export const findingsWatch = {
  name: 'findingsWatch',
  register(app, context) {
    const { findings: desk, graph, heartbeat = usualHeartbeat } = context;
    const readers = new Set<PassThrough>();
    const stopBeating = repeat(heartbeat, () => readers.forEach((stream) => stream.write(': heartbeat\n\n')), app.log);
    app.addHook('preClose', async () => {
      stopBeating();
      for (const stream of readers) stream.end(`: closing\nretry: ${retryMs}\n\n`);
    });
    app.get('/cluster/findings/watch', { schema, config: { endless: true } }, async (request, reply) => {
      if (readers.size >= mostReaders) throw fault('overloaded', { reason: `${mostReaders} readers watch already` });
      const advice = wantsAdvice(request.query);
      const found = await desk.current(advice);
      const accepts = findingTestOf(request.query, context, found);
      const stream = new PassThrough();
      const told = new Set<string>();
      const tell = (changes: readonly FindingChange[]) => {
        const meant = changes.flatMap((change) => narrowed(change, accepts, told) ?? []);
        if (meant.length > 0) stream.write(`event: findings\ndata: ${JSON.stringify({ changes: meant })}\n\n`);
        if (stream.readableLength > slack) stream.destroy();
      };
      const unsubscribe = found.subscribe(tell);
      const release = advice ? desk.wantAdvice() : () => {};
      readers.add(stream);
      stream.on('close', () => {
        unsubscribe();
        release();
        readers.delete(stream);
      });
      request.raw.on('close', () => stream.destroy());
      stream.write(`retry: ${retryMs}\n\n`);
      const at = graph.timestamp;
      const all = [...found.current()].map((finding): FindingChange => ({ kind: 'begin', finding, at }));
      tell(all);
      return reply
        .type('text/event-stream; charset=utf-8')
        .header('cache-control', 'no-store')
        .header('x-accel-buffering', 'no')
        .send(stream);
    });
  },
} as const satisfies Route;

/** From this reader's view: a finding that enters the filter begins, one that leaves it ends. */
function narrowed(
  { kind, finding, at }: FindingChange,
  accepts: (finding: Finding) => boolean,
  told: Set<string>,
): FindingChange | undefined {
  const was = told.has(finding.id);
  const is = kind !== 'end' && accepts(finding);
  if (is) told.add(finding.id);
  else told.delete(finding.id);
  if (!was && !is) return undefined;
  if (was && is) return { kind: 'change', finding, at };
  return { kind: is ? 'begin' : 'end', finding, at };
}
