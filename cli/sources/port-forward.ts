// Connections to a Pod's port, each through a WebSocket of the API server like kubectl port-forward, without a listening
// socket. Each message starts with its channel, 0 for data and 1 for errors; the first message of a channel is the port:
// https://github.com/kubernetes/kubernetes/blob/master/staging/src/k8s.io/kubelet/pkg/cri/streaming/portforward/websocket.go
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

/** An agent whose connections lead to the Pod, with TLS if the Pod serves it. */
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
 * TLS within the tunnel. The API server vouches for the Pod at its end, as for plain HTTP; the certificate's name is for
 * other clients and is not verified.
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

/** @throws Error with the API server's reason. */
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
    // Handled below.
  }
  return `the API server answers a port-forward with ${answer.statusCode}`;
}

/** A socket for the HTTP client. */
class Tunnel extends Duplex {
  readonly #socket: WebSocket;
  /** Channels whose first message, the port, has arrived. */
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

  // HTTP sets timeouts on every socket. Here the API server ends the WebSocket instead.
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
