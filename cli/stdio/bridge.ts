// Connects a client's lines with `/mcp`: posts each message and writes the answers as lines.
import { createInterface } from 'node:readline';
import { isRecord } from '../../src/fields.ts';
import { reasonOf } from '../failure.ts';
import { type Source, textOf } from '../sources/source.ts';
import { headersOf, type Message } from './headers.ts';

export interface BridgeOptions {
  readonly source: Pick<Source, 'name' | 'post'>;
  /** Takes a line without line end. */
  readonly write: (line: string) => void;
}

/** Codes of JSON-RPC. https://www.jsonrpc.org/specification#error_object */
const codes = { parse: -32_700, request: -32_600, internal: -32_603 } as const;
/** Maximum length of a line: posted messages are bounded too. */
const longest = 64 << 10;

export class Bridge {
  readonly #options: BridgeOptions;
  readonly #open = new Map<unknown, AbortController>();
  #negotiated: string | undefined;

  constructor(options: BridgeOptions) {
    this.#options = options;
  }

  /** Answers lines as they arrive. Resolves when the input has ended and everything is answered. */
  async serve(input: NodeJS.ReadableStream): Promise<void> {
    const answers = new Set<Promise<void>>();
    for await (const line of createInterface({ input, crlfDelay: Number.POSITIVE_INFINITY })) {
      if (line.trim() === '') continue;
      const answer = this.take(line).finally(() => answers.delete(answer));
      answers.add(answer);
    }
    await Promise.all(answers);
  }

  /** Never rejects: errors become answers. */
  async take(line: string): Promise<void> {
    const message = parsed(line);
    if (!isRecord(message)) {
      const code = message === undefined ? codes.parse : codes.request;
      return this.#fail(null, code, 'a line must be one message of JSON-RPC, of at most 64 KiB');
    }
    const { id, method } = message;
    if (method === 'notifications/cancelled') this.#cancel(message);
    try {
      await this.#post(message);
    } catch (error) {
      // A cancelled request gets no answer.
      if (id === undefined || this.#open.get(id)?.signal.aborted) return;
      this.#fail(id, codes.internal, `${this.#options.source.name} cannot be reached: ${reasonOf(error)}`);
    } finally {
      this.#open.delete(id);
    }
  }

  #cancel({ params }: Message): void {
    if (isRecord(params)) this.#open.get(params['requestId'])?.abort();
  }

  async #post(message: Message): Promise<void> {
    const { id } = message;
    const stop = new AbortController();
    if (id !== undefined) this.#open.set(id, stop);
    const headers = headersOf(message, this.#negotiated);
    const { status, body } = await this.#options.source.post('/mcp', JSON.stringify(message), headers, stop.signal);
    const text = await textOf(body);
    if (stop.signal.aborted) return;
    const answers = messagesIn(text);
    if (id !== undefined && !answers.some((each) => 'result' in each || 'error' in each))
      return this.#fail(id, codes.internal, `${this.#options.source.name} answers ${status}${said(text)}`);
    for (const answer of answers) {
      if (message['method'] === 'initialize') this.#negotiated = versionIn(answer);
      this.#options.write(JSON.stringify(answer));
    }
  }

  #fail(id: unknown, code: number, message: string): void {
    this.#options.write(JSON.stringify({ jsonrpc: '2.0', id, error: { code, message } }));
  }
}

function parsed(line: string): unknown {
  try {
    return Buffer.byteLength(line) > longest ? null : (JSON.parse(line) as unknown);
  } catch {
    return undefined;
  }
}

/** One document, or events with one each. https://html.spec.whatwg.org/multipage/server-sent-events.html */
function messagesIn(text: string): Message[] {
  const texts = text.startsWith('{')
    ? [text]
    : text.split(/\r?\n/).flatMap((line) => (line.startsWith('data:') ? [line.slice('data:'.length)] : []));
  return texts.map(parsedAnswer).filter((each) => isRecord(each) && each['jsonrpc'] === '2.0') as Message[];
}

function parsedAnswer(text: string): unknown {
  try {
    return JSON.parse(text) as unknown;
  } catch {
    return undefined;
  }
}

function versionIn({ result }: Message): string | undefined {
  const version = isRecord(result) ? result['protocolVersion'] : undefined;
  return typeof version === 'string' ? version : undefined;
}

/** Extracts the message from a master's own form of errors. */
function said(text: string): string {
  const answer = parsedAnswer(text);
  const reason = isRecord(answer) ? (answer['error_message'] ?? answer['message']) : undefined;
  return typeof reason === 'string' ? `: ${reason.slice(0, 500)}` : '';
}
