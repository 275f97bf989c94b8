// Continues after a committed export: sends each change of the graph. Changes during a slow request wait in the graph's log
// and arrive merged; if the log no longer has them, everything is read again.
import { createBackoff, sleep } from '../../src/backoff.ts';
import type { Logger } from '../../src/logger.ts';
import type { Destination } from './destinations/destination.ts';
import { SendFailure } from './failure.ts';
import { type GraphFilter, isBare } from './graph-filter.ts';
import { linesOf, type Whole } from './graph-lines.ts';
import type { GraphSource } from './graph-source.ts';

export interface FollowOptions {
  readonly source: GraphSource;
  readonly destination: Destination;
  readonly logger: Logger;
  readonly signal: AbortSignal;
  readonly delay?: (ms: number, signal: AbortSignal) => Promise<void>;
}

/** Resolves with the reason to send everything again, or undefined after `signal` aborted. */
export async function follow(whole: Whole, filter: GraphFilter, options: FollowOptions): Promise<string | undefined> {
  const { logger, signal, delay = sleep } = options;
  const backoff = createBackoff({ base: 500, cap: 30_000 });
  const place = { id: `${whole.epoch}-${whole.revision}` };
  let broken: string | undefined;
  while (!signal.aborted) {
    try {
      const why = await readOn(place, filter, options, () => {
        if (broken !== undefined) logger.info('changes are sent again');
        broken = undefined;
        backoff.reset();
      });
      if (why !== undefined) return why;
      await delay(backoff.next(), signal);
    } catch (error) {
      if (signal.aborted) return undefined;
      if (error instanceof SendFailure && error.code === 'unknown_run') return error.message;
      const { message } = error as Error;
      if (broken !== message) logger.warn({ reason: message }, 'changes wait: they cannot be sent now');
      broken = message;
      await delay(backoff.next(), signal);
    }
  }
  return undefined;
}

/** Reads one change stream from `place` to its end. Sending advances `place`. */
async function readOn(
  place: { id: string },
  filter: GraphFilter,
  options: FollowOptions,
  onSent: () => void,
): Promise<string | undefined> {
  const { source, destination, signal } = options;
  const headers = { 'last-event-id': place.id, accept: 'text/event-stream' };
  const answer = await source.ask('/cluster/watch', headers, signal);
  if (answer.status !== 200)
    throw new SendFailure('unreachable', `the watch was answered with status ${answer.status}`);
  for await (const { id, event, data } of eventsOf(answer.body)) {
    if (event === 'resync') return 'the graph holds no longer what changed since';
    if (event === 'change') {
      const line = changeOf(data, filter);
      if (line !== undefined) await destination.change?.(revisionOf(id), Buffer.from(`${line}\n`));
      onSent();
    }
    if (id !== '') place.id = id;
  }
  return undefined;
}

interface StreamEvent {
  readonly id: string;
  readonly event: string;
  readonly data: string;
}

/** Parses server-sent events as written by our own master: field lines, ended by an empty one. */
async function* eventsOf(body: AsyncIterable<Buffer>): AsyncGenerator<StreamEvent> {
  let id = '';
  let event = '';
  for await (const line of linesOf(body)) {
    const text = line.toString();
    const colon = text.indexOf(': ');
    const value = text.slice(colon + 2);
    if (text.startsWith('id: ')) id = value;
    else if (text.startsWith('event: ')) event = value;
    else if (text.startsWith('data: ')) {
      // Each event has one data line, always last.
      yield { id, event, data: value };
      event = '';
    }
  }
}

function revisionOf(id: string): number {
  return Number(id.slice(id.lastIndexOf('-') + 1));
}

interface Change {
  readonly resources?: Lists<{ readonly id: string; readonly type: string }, string>;
  readonly relations?: Lists<Ends, Ends>;
  readonly completeness?: unknown;
  readonly [field: string]: unknown;
}

interface Ends {
  readonly source: string;
  readonly target: string;
}

interface Lists<There, Gone> {
  readonly added?: readonly There[];
  readonly changed?: readonly There[];
  readonly removed?: readonly Gone[];
}

/** The exported part of a change; undefined if empty. */
export function changeOf(data: string, filter: GraphFilter): string | undefined {
  const change = JSON.parse(data) as Change;
  const { resources, relations, ...rest } = change;
  // Relations removed with a resource are judged before it is forgotten.
  const gone = relations?.removed?.filter(({ source, target }) => filter.relation(source, target));
  const kept = ({ id, type, ...more }: { readonly id: string; readonly type: string }) =>
    filter.resource(id, type, () => isBare(more));
  const things = filled({
    added: resources?.added?.filter(kept),
    changed: resources?.changed?.filter(kept),
    removed: resources?.removed?.filter((id) => filter.removed(id)),
  });
  const between = ({ source, target }: Ends) => filter.relation(source, target);
  const links = filled({
    added: relations?.added?.filter(between),
    changed: relations?.changed?.filter(between),
    removed: gone,
  });
  if (things === undefined && links === undefined && rest.completeness === undefined) return undefined;
  return JSON.stringify({ ...rest, ...(things ? { resources: things } : {}), ...(links ? { relations: links } : {}) });
}

function filled<T extends { readonly [list: string]: readonly unknown[] | undefined }>(lists: T): object | undefined {
  const some = Object.entries(lists).filter(([, list]) => list !== undefined && list.length > 0);
  return some.length === 0 ? undefined : Object.fromEntries(some);
}
