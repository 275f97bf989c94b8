// A reader of `/cluster/watch` as a browser is one: it parses the stream with a parser of the standard, remembers the last
// id, and resumes from it. It can stop reading, and be cut off.

import { type IncomingMessage, request } from 'node:http';
import { createParser, type EventSourceMessage } from 'eventsource-parser';
import { createReplica, type Replica } from './replica.ts';

export interface Watching {
  /** What the server answered; set once connected. */
  readonly status: number;
  readonly headers: IncomingMessage['headers'];
  /** All events, and all comments, in order. */
  readonly events: readonly EventSourceMessage[];
  readonly comments: readonly string[];
  readonly lastEventId: string;
  readonly retry: number | undefined;
  /** What the parser complained of. */
  readonly errors: readonly unknown[];
  readonly ended: boolean;
  /** Resolves when `is` is true; asked whenever something came. Rejects when the stream ends before. */
  until(is: () => boolean): Promise<void>;
  /** Reads no more, so that the server cannot write any more before long. */
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
    // The parser tells ids of events only; the standard has them count without data, too.
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
  /** The stream it reads now. */
  readonly watching: Watching;
  /** How often it read `/cluster` again because it was told to. */
  readonly resyncs: number;
  /** Resolves when it has all up to `revision`. */
  reach(revision: number): Promise<void>;
  kill(): void;
  /** Comes back with its last id, as a browser does. */
  resumeStream(): Promise<void>;
}

/** A client that begins with `/cluster` and keeps it by the events; `query` narrows both. */
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
