// One GET over a unix socket, limited in time and bytes. Requests are built from validated parts: of a client's request
// only an id and known query parameters reach the socket.
import type { Agent, ClientRequest, IncomingMessage } from 'node:http';
import { type Fault, fault } from '../../src/errors.ts';
import { nodeHttp } from '../../src/http/node-http.ts';
import type { RuntimeLimits } from '../runtimes/runtime.ts';

export interface SocketAnswer {
  readonly status: number;
  readonly headers: IncomingMessage['headers'];
  readonly body: Buffer;
}

export interface EngineSocket {
  get(path: string): Promise<SocketAnswer>;
  /** Resolves with the headers; the caller must read or destroy the body. */
  stream(path: string, signal: AbortSignal): Promise<IncomingMessage>;
  close(): void;
}

export function createEngineSocket(socketPath: string, limits: RuntimeLimits): EngineSocket {
  const agent = new nodeHttp.Agent({ keepAlive: true, maxFreeSockets: 4, timeout: 60_000 });
  return {
    get: (path) => get(socketPath, agent, path, limits),
    stream: (path, signal) => open(socketPath, agent, path, signal, limits),
    close: () => agent.destroy(),
  };
}

async function get(socketPath: string, agent: Agent, path: string, limits: RuntimeLimits): Promise<SocketAnswer> {
  // An own timer: an AbortSignal costs more than everything else here.
  let late = false;
  let asked: ClientRequest | undefined;
  const timer = setTimeout(() => {
    late = true;
    asked?.destroy();
  }, limits.timeout);
  try {
    const answer = await head(socketPath, agent, path, undefined, (sent) => {
      asked = sent;
    });
    const body = await collect(answer, limits.answer);
    return { status: answer.statusCode ?? 0, headers: answer.headers, body };
  } catch (error) {
    throw late ? slow(limits) : asFault(error);
  } finally {
    clearTimeout(timer);
  }
}

async function open(
  socketPath: string,
  agent: Agent,
  path: string,
  signal: AbortSignal,
  limits: RuntimeLimits,
): Promise<IncomingMessage> {
  // Deadline for the headers only: an endless stream follows.
  const tooLong = new AbortController();
  const timer = setTimeout(() => tooLong.abort(), limits.timeout);
  try {
    return await head(socketPath, agent, path, AbortSignal.any([signal, tooLong.signal]));
  } catch (error) {
    throw tooLong.signal.aborted ? slow(limits) : asFault(error);
  } finally {
    clearTimeout(timer);
  }
}

function head(
  socketPath: string,
  agent: Agent,
  path: string,
  signal?: AbortSignal,
  onSent: (sent: ClientRequest) => void = () => undefined,
): Promise<IncomingMessage> {
  return new Promise((resolve, reject) => {
    const headers = { host: 'localhost', accept: 'application/json' };
    const options = { socketPath, agent, path, method: 'GET', headers };
    const sent = nodeHttp.request(signal ? { ...options, signal } : options, resolve);
    onSent(sent);
    sent.on('error', reject);
    sent.end();
  });
}

function collect(answer: IncomingMessage, limit: number): Promise<Buffer> {
  return new Promise((resolve, reject) => {
    const chunks: Buffer[] = [];
    let size = 0;
    answer.on('data', (chunk: Buffer) => {
      size += chunk.length;
      if (size > limit) answer.destroy(fault('engine_too_large', { limit }));
      else chunks.push(chunk);
    });
    answer.on('end', () => resolve(chunks.length === 1 ? (chunks[0] as Buffer) : Buffer.concat(chunks, size)));
    answer.on('error', reject);
    answer.on('close', () => {
      if (!answer.complete) reject(fault('engine_down', { reason: 'it broke off its answer' }));
    });
  });
}

function slow(limits: RuntimeLimits): Fault {
  return fault('engine_slow', { seconds: limits.timeout / 1000 });
}

/** The socket's path is confidential: only the kind of failure is passed on. */
function asFault(error: unknown): unknown {
  const { code, name } = error as { code?: string; name?: string };
  if (name === 'Fault') return error;
  if (code?.startsWith('HPE_')) return fault('engine_nonsense', { reason: 'not HTTP' }, error);
  return fault('engine_down', { reason: code ?? 'the connection failed' }, error);
}
