// A small HTTP client for tests of servers: whole answers, and streams by line.
import { type IncomingMessage, request } from 'node:http';
import { createInterface } from 'node:readline';

export interface Answer {
  readonly status: number;
  readonly headers: IncomingMessage['headers'];
  readonly text: string;
}

interface Settings {
  readonly method?: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string;
}

function send(url: string, { method = 'GET', headers = {}, body }: Settings): Promise<IncomingMessage> {
  return new Promise((resolve, reject) => {
    // No agent: a kept connection would outlive the test's server.
    const asked = request(url, { method, headers, agent: false }, resolve);
    asked.on('error', reject);
    asked.end(body);
  });
}

export async function ask(url: string, settings: Settings = {}): Promise<Answer> {
  const answer = await send(url, settings);
  const chunks: Buffer[] = [];
  for await (const chunk of answer as AsyncIterable<Buffer>) chunks.push(chunk);
  return { status: answer.statusCode ?? 0, headers: answer.headers, text: Buffer.concat(chunks).toString() };
}

/** The answer's body as JSON, whatever its status. */
export async function askJson<T>(url: string, settings: Settings = {}): Promise<T> {
  return JSON.parse((await ask(url, settings)).text) as T;
}

export interface LineStream {
  readonly status: number;
  /** The next line; undefined at the end of the stream, however it ended. */
  next(): Promise<string | undefined>;
  /** The next `count` lines. */
  take(count: number): Promise<string[]>;
  /** All lines up to the end. */
  rest(): Promise<string[]>;
  close(): void;
}

export async function openLines(url: string, settings: Settings = {}): Promise<LineStream> {
  const answer = await send(url, settings);
  answer.on('error', () => undefined);
  const lines = createInterface({ input: answer })[Symbol.asyncIterator]();
  const next = async () => {
    // A broken connection also ends the lines.
    const result = await lines.next().catch(() => ({ done: true, value: undefined }));
    return result.done ? undefined : result.value;
  };
  const take = async (count: number) => {
    const taken: string[] = [];
    for (let line = await next(); line !== undefined; line = taken.length < count ? await next() : undefined)
      taken.push(line);
    return taken;
  };
  return {
    status: answer.statusCode ?? 0,
    next,
    take,
    rest: () => take(Number.POSITIVE_INFINITY),
    close: () => void answer.destroy(),
  };
}
