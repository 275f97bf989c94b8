// A reader of `/cluster/watch` that behaves like a browser: it parses the stream with a standard parser, remembers the last id,
// and resumes from it. It can stop reading and be disconnected.

import { type IncomingMessage, request } from 'node:http';
import { createParser, type EventSourceMessage } from 'eventsource-parser';
import { createReplica, type Replica } from './replica.ts';

export interface Watching {
  /** Status of the response; set once connected. */
  readonly status: number;
  readonly headers: IncomingMessage['headers'];
  /** All events and all comments, in order. */
  readonly events: readonly EventSourceMessage[];
  readonly comments: readonly string[];
  readonly lastEventId: string;
  readonly retry: number | undefined;
  /** Errors of the parser. */
  readonly errors: readonly unknown[];
  readonly ended: boolean;
  /** Resolves when `is` returns true; checked after each arrival. Rejects if the stream ends before. */
  until(is: () => boolean): Promise<void>;
  /** Stops reading, so that the server soon cannot write any more. */
  pause(): void;
  resume(): void;
  kill(): void;
}

export interface WatchOptions {
  readonly lastEventId?: string;
  readonly onEvent?: (event: EventSourceMessage) => void;
}

export function watch(url: string, { lastEventId, onEvent }: WatchOptions = {}): Promise<Watching> {
  const headers = lastEventId === undefined ? {} : { 'last-event-id': lastEventId };
  return new Promise((resolve, reject) => {
    const asked = request(url, { agent: false, headers }, (answer) =>
      resolve(reading(answer, lastEventId ?? '', onEvent)),
    );
    asked.on('error', reject);
    asked.end();
  });
}

function reading(answer: IncomingMessage, firstId: string, onEvent: WatchOptions['onEvent']): Watching {
  const events: EventSourceMessage[] = [];
  const comments: string[] = [];
  const errors: unknown[] = [];
  const waiting = new Set<() => void>();
  let retry: number | undefined;
  let ended = false;
  let nextId = firstId;
  let lastEventId = firstId;
  const parser = createParser({
    onEvent(event) {
      events.push(event);
      onEvent?.(event);
    },
    onComment: (comment) => void comments.push(comment),
    onRetry: (milliseconds) => void (retry = milliseconds),
    onError: (error) => void errors.push(error),
  });
  let line = '';
  answer.setEncoding('utf8');
  answer.on('data', (text: string) => {
    // The parser reports ids only with events; by the standard they count without data too.
    const lines = (line + text).split('\n');
    line = lines.pop() as string;
    for (const each of lines) {
      if (each.startsWith('id: ')) nextId = each.slice(4);
      if (each === '') lastEventId = nextId;
    }
    parser.feed(text);
    waiting.forEach((look) => look());
  });
  const end = () => {
    ended = true;
    waiting.forEach((look) => look());
  };
  answer.on('error', end).on('close', end);
  return {
    status: answer.statusCode ?? 0,
    headers: answer.headers,
    events,
    comments,
    errors,
    get lastEventId() {
      return lastEventId;
    },
    get retry() {
      return retry;
    },
    get ended() {
      return ended;
    },
    until: (is) =>
      new Promise((resolve, reject) => {
        const look = () => {
          if (!is() && !ended) return;
          waiting.delete(look);
          if (is()) resolve();
          else reject(new Error('the stream ended before'));
        };
        waiting.add(look);
        look();
      }),
    pause: () => void answer.pause(),
    resume: () => void answer.resume(),
    kill: () => void answer.destroy(),
  };
}

export interface Follower {
  readonly replica: Replica;
  /** The current stream. */
  readonly watching: Watching;
  /** Number of times that it was told to read `/cluster` again. */
  readonly resyncs: number;
  /** Resolves when it has everything up to `revision`. */
  reach(revision: number): Promise<void>;
  kill(): void;
  /** Reconnects with its last id, as a browser does. */
  resumeStream(): Promise<void>;
}

/** A client that reads `/cluster` and applies the events to it; `query` narrows both. */
export async function followCluster(url: string, cluster: () => Promise<string>): Promise<Follower> {
  let replica = createReplica(await cluster());
  let resyncs = 0;
  let busy: Promise<void> = Promise.resolve();
  const onEvent = ({ event, data }: EventSourceMessage) => {
    busy = busy.then(async () => {
      if (event === 'change' && (JSON.parse(data) as { revision: number }).revision > replica.revision)
        replica.apply(data);
      if (event !== 'resync') return;
      resyncs++;
      replica = createReplica(await cluster());
    });
  };
  let watching = await watch(`${url}/cluster/watch?revision=${replica.revision}`, { onEvent });
  return {
    get replica() {
      return replica;
    },
    get watching() {
      return watching;
    },
    get resyncs() {
      return resyncs;
    },
    async reach(revision) {
      await watching.until(() => Number(watching.lastEventId.split('-')[1]) >= revision);
      await busy;
    },
    kill: () => watching.kill(),
    async resumeStream() {
      await busy;
      watching = await watch(`${url}/cluster/watch`, { lastEventId: watching.lastEventId, onEvent });
    },
  };
}
