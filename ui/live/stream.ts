// Follows /cluster/watch with fetch, because EventSource cannot send a token. Resumes by itself.
import { createParser } from 'eventsource-parser';
import type { Change } from '../model.ts';
import { type Api, ApiError } from './api.ts';

export interface StreamOptions {
  readonly api: Pick<Api, 'send'>;
  /** Query of /cluster/watch. */
  readonly narrowing: string;
  /** Id of the last event, or a revision. */
  readonly from: string;
  readonly signal: AbortSignal;
  readonly delay: (milliseconds: number, signal: AbortSignal) => Promise<void>;
  readonly onChange: (change: Change) => void;
  /** The log no longer reaches back, or the master is another: load again. */
  readonly onResync: () => void;
  readonly onOpen: () => void;
  /** The connection broke and is being retried. */
  readonly onLost: (error: ApiError | undefined) => void;
  /** Called with each event id. */
  readonly onId?: (id: string) => void;
}

/** Heartbeats come every 15 s: after this silence the connection counts as lost. */
const silence = 40_000;
const longestHeartbeat = 100;
const firstWait = 500;
const longestWait = 15_000;

/** Ends by the signal, or when the master refuses for good. */
export async function follow(options: StreamOptions): Promise<void> {
  const { signal, delay, onLost } = options;
  let last = options.from;
  let wait = firstWait;
  while (!signal.aborted) {
    let failure: ApiError | undefined;
    try {
      await readOnce(options, last, (id) => {
        last = id;
        wait = firstWait;
        options.onId?.(id);
      });
    } catch (error) {
      if (signal.aborted) return;
      failure =
        error instanceof ApiError ? error : new ApiError(0, 'offline', 'The stream broke off', undefined, error);
    }
    if (signal.aborted) return;
    onLost(failure);
    if (failure && failure.status >= 400 && failure.status < 500 && failure.status !== 429) return;
    await delay(failure?.retryAfter === undefined ? wait : failure.retryAfter * 1000, signal);
    wait = Math.min(wait * 2, longestWait);
  }
}

async function readOnce(options: StreamOptions, last: string, onId: (id: string) => void): Promise<void> {
  const { api, narrowing, signal, onChange, onResync, onOpen } = options;
  const silent = new AbortController();
  const either = AbortSignal.any([signal, silent.signal]);
  let timer = setTimeout(() => silent.abort(), silence);
  try {
    const path = `cluster/watch${narrowing === '' ? '' : `?${narrowing}`}`;
    const response = await api.send(path, { accept: 'text/event-stream', 'last-event-id': last }, { signal: either });
    const parser = createParser({
      onEvent({ id, event, data }) {
        if (event === 'resync') onResync();
        else if (event === 'change') onChange(JSON.parse(data) as Change);
        // Only applied events count as seen.
        if (id !== undefined) onId(id);
      },
    });
    onOpen();
    const decoder = new TextDecoder();
    let tail = '';
    for await (const bytes of chunksOf(response)) {
      clearTimeout(timer);
      timer = setTimeout(() => silent.abort(), silence);
      const text = decoder.decode(bytes, { stream: true });
      parser.feed(text);
      tail = `${tail}${text}`.slice(-longestHeartbeat);
      const heartbeat = /(?:^|\n): heartbeat\nid: (\S+)\n\n$/.exec(tail)?.[1];
      if (heartbeat !== undefined) onId(heartbeat);
    }
  } finally {
    clearTimeout(timer);
  }
}

/** Safari's streams have no asynchronous iterator. */
async function* chunksOf({ body }: Response): AsyncGenerator<Uint8Array> {
  const reader = body?.getReader();
  if (!reader) return;
  try {
    for (;;) {
      const { value, done } = await reader.read();
      if (done) return;
      yield value;
    }
  } finally {
    reader.releaseLock();
  }
}
