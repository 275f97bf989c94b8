// Connections to a port of a Pod, each through a WebSocket of the API server, as kubectl port-forward makes them; nothing listens
// here. A byte for the channel comes before each message, 0 for data and 1 for what went wrong, and the first message of each
// channel is the port: https://github.com/kubernetes/kubernetes/blob/master/staging/src/k8s.io/kubelet/pkg/cri/streaming/portforward/websocket.go
import http from 'node:http';
import https from 'node:https';
import { Duplex } from 'node:stream';
import { connect as connectTls } from 'node:tls';
import { callbackify } from 'node:util';
import WebSocket from 'ws';
import type { Dial } from '../../master/sources/kubernetes/client.ts';
import { isRecord } from '../../src/fields.ts';

export interface Door {
  readonly namespace: string;
  readonly pod: string;
  readonly port: number;
  /** It serves HTTPS. */
  readonly secure: boolean;
}

const protocol = 'v4.channel.k8s.io';
/** Milliseconds for the API server to reach the Pod's node. */
const patience = 10_000;

/** Makes each connection of a client of HTTP, or of HTTPS where the Pod serves that, one to the Pod. */
export function agentThrough(dial: Dial, door: Door): http.Agent {
  const connect = callbackify(async () => {
    const tunnel = await openDoor(dial, door);
    return door.secure ? secured(tunnel) : tunnel;
  });
  const options = { keepAlive: true, maxSockets: 8 };
  return Object.assign(door.secure ? new https.Agent(options) : new http.Agent(options), {
    createConnection: (_options: unknown, done: (error: Error | null, stream: Duplex) => void) => connect(done),
  });
}

/**
 * TLS inside of the tunnel. Which Pod is at its end is the API server's word, as for what is served in clear; the name in the
 * certificate is one that other clients use, and says no more.
 */
function secured(tunnel: Duplex): Promise<Duplex> {
  return new Promise((resolve, reject) => {
    const socket = connectTls({ socket: tunnel, rejectUnauthorized: false });
    socket.once('secureConnect', () => {
      socket.off('error', reject);
      resolve(socket);
    });
    socket.once('error', reject);
  });
}

/** @throws Error that says what the API server had against it. */
function openDoor({ url, headers, agent, audit }: Dial, { namespace, pod, port }: Door): Promise<Duplex> {
  const path = `/api/v1/namespaces/${encodeURIComponent(namespace)}/pods/${encodeURIComponent(pod)}/portforward?ports=${port}`;
  const exchange = audit.begin({ method: 'GET', path, purpose: 'reach a Pod' });
  const socket = new WebSocket(url.replace(/^http/, 'ws') + path, [protocol], {
    headers,
    agent,
    handshakeTimeout: patience,
    perMessageDeflate: false,
  });
  return new Promise((resolve, reject) => {
    socket.once('open', () => resolve(new Tunnel(socket)));
    socket.once('upgrade', ({ statusCode }) => exchange.answered(statusCode ?? 101));
    socket.on('message', (data) => exchange.took((data as Buffer).length));
    socket.once('close', () => exchange.ended());
    socket.once('error', (error: NodeJS.ErrnoException) => {
      exchange.ended(error.code ?? error.name);
      reject(error);
    });
    socket.once('unexpected-response', (_request, answer) => {
      exchange.answered(answer.statusCode ?? 0);
      answer.once('close', () => exchange.ended());
      void refusalOf(answer).then((message) => reject(new Error(message)));
    });
  });
}

async function refusalOf(answer: http.IncomingMessage): Promise<string> {
  let text = '';
  for await (const part of answer) if (text.length < 65_536) text += String(part);
  try {
    const status: unknown = JSON.parse(text);
    if (isRecord(status) && typeof status.message === 'string') return status.message;
  } catch {
    // Said below.
  }
  return `the API server answers a port-forward with ${answer.statusCode}`;
}

/** What HTTP takes for a socket. */
class Tunnel extends Duplex {
  readonly #socket: WebSocket;
  /** Channels whose first message, the port, has come. */
  readonly #begun = new Set<number>();

  constructor(socket: WebSocket) {
    super();
    this.#socket = socket;
    socket.on('message', (data) => this.#take(data as Buffer));
    socket.on('close', () => this.push(null));
    socket.on('error', (error) => this.destroy(error));
  }

  #take(data: Buffer): void {
    const [channel = 0] = data;
    const isPort = !this.#begun.has(channel);
    this.#begun.add(channel);
    if (isPort || data.length < 2) return;
    if (channel !== 0) this.destroy(new Error(data.subarray(1).toString().slice(0, 500)));
    else if (!this.push(data.subarray(1))) this.#socket.pause();
  }

  override _read(): void {
    if (this.#socket.isPaused) this.#socket.resume();
  }

  override _write(chunk: Buffer, _encoding: BufferEncoding, done: (error?: Error | null) => void): void {
    this.#socket.send(Buffer.concat([Buffer.of(0), chunk]), (error) => done(error ?? null));
  }

  override _final(done: () => void): void {
    this.#socket.close();
    done();
  }

  override _destroy(error: Error | null, done: (error: Error | null) => void): void {
    this.#socket.terminate();
    done(error);
  }

  // HTTP sets these on every socket. Who waits too long is told by the API server, which ends the WebSocket.
  setTimeout(): this {
    return this;
  }
  setNoDelay(): this {
    return this;
  }
  setKeepAlive(): this {
    return this;
  }
  ref(): this {
    return this;
  }
  unref(): this {
    return this;
  }
}
