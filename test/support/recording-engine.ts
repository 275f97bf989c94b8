// A Docker Engine on a unix socket that stores every byte it receives and answers as a test defines. It parses requests itself,
// so that exactly what arrives is examined.
import { rmSync } from 'node:fs';
import { createServer, type Socket } from 'node:net';
import { join } from 'node:path';
import { shortFolder } from './short-folder.ts';

export interface Reply {
  readonly status?: number;
  readonly body?: unknown;
  /** Sent in place of an HTTP answer. */
  readonly raw?: string;
  /** Closes the connection after it. */
  readonly close?: boolean;
  /** Never answers. */
  readonly hang?: boolean;
}

export interface RecordingEngine {
  readonly socket: string;
  /** Received bytes by connection. */
  readonly received: Buffer[];
  /** Number of requests by path with query. */
  readonly calls: Map<string, number>;
  /** Replaces the engine's answer unless it returns undefined. */
  instead: (path: string) => Reply | undefined;
  containers: FakeContainer[];
  /** Answer of `/images/json`. */
  images: object[];
  /** Sends an event to all listeners. */
  emit(type: 'container' | 'image', action: string, id: string): void;
  /** Ends all streams of events. */
  cutEvents(): void;
  listeners(): number;
  close(): Promise<void>;
}

export interface FakeContainer {
  readonly id: string;
  readonly name: string;
  state: string;
  labels: { readonly [key: string]: string };
  /** Additional fields of an inspect. */
  more?: { readonly [field: string]: unknown };
}

export const fakeImage = `sha256:${'ab'.repeat(32)}`;

export function fakeContainer(number: number, state = 'running'): FakeContainer {
  const id = number.toString(16).padStart(64, '0');
  return { id, name: `fake-${number}`, state, labels: { number: String(number) } };
}

export async function startRecordingEngine(containers: FakeContainer[] = []): Promise<RecordingEngine> {
  const folder = shortFolder('ci-rec');
  const listeners = new Set<Socket>();
  const sockets = new Set<Socket>();
  const server = createServer((socket) => {
    sockets.add(socket);
    const index = engine.received.push(Buffer.alloc(0)) - 1;
    let rest = '';
    socket.on('data', (chunk: Buffer) => {
      engine.received[index] = Buffer.concat([engine.received[index] as Buffer, chunk]);
      rest += chunk.toString('latin1');
      for (let end = rest.indexOf('\r\n\r\n'); end >= 0; end = rest.indexOf('\r\n\r\n')) {
        answer(rest.slice(0, end), socket);
        rest = rest.slice(end + 4);
      }
    });
    socket.on('error', () => undefined);
    socket.on('close', () => {
      sockets.delete(socket);
      listeners.delete(socket);
    });
  });
  const answer = (head: string, socket: Socket) => {
    const path = head.split(' ')[1] ?? '';
    engine.calls.set(path, (engine.calls.get(path) ?? 0) + 1);
    const reply = engine.instead(path);
    if (reply) return send(socket, reply);
    if (path === '/images/json') return send(socket, { body: engine.images });
    if (!path.startsWith('/events')) return send(socket, replyOf(path, engine.containers));
    listeners.add(socket);
    socket.write('HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ntransfer-encoding: chunked\r\n\r\n');
  };
  const engine: RecordingEngine = {
    socket: join(folder, 'engine.sock'),
    received: [],
    calls: new Map(),
    instead: () => undefined,
    containers,
    images: [{ Id: fakeImage, RepoTags: ['fake:1'], RepoDigests: [], Size: 7, Created: 1 }],
    emit(type, action, id) {
      const line = `${JSON.stringify({ Type: type, Action: action, Actor: { ID: id } })}\n`;
      for (const socket of listeners) socket.write(`${Buffer.byteLength(line).toString(16)}\r\n${line}\r\n`);
    },
    cutEvents() {
      for (const socket of listeners) socket.destroy();
    },
    listeners: () => listeners.size,
    async close() {
      for (const socket of sockets) socket.destroy();
      await new Promise((resolve) => server.close(resolve));
      rmSync(folder, { recursive: true, force: true });
    },
  };
  await new Promise<void>((resolve) => server.listen(engine.socket, resolve));
  return engine;
}

function send(socket: Socket, { status = 200, body = {}, raw, close, hang }: Reply): void {
  if (hang) return;
  const text = Buffer.from(JSON.stringify(body));
  const head = `HTTP/1.1 ${status} Status\r\ncontent-type: application/json\r\ncontent-length: ${text.length}\r\n\r\n`;
  socket.write(raw === undefined ? Buffer.concat([Buffer.from(head), text]) : Buffer.from(raw));
  if (close) socket.end();
}

function replyOf(path: string, containers: readonly FakeContainer[]): Reply {
  if (path === '/_ping') return { body: 'OK' };
  if (path === '/version')
    return { body: { Version: '28.0.0', ApiVersion: '1.48', Components: [{ Name: 'Engine', Version: '28.0.0' }] } };
  if (path.startsWith('/containers/json')) return { body: containers.filter(listed(path)).map(summaryOf) };
  const [, what, id, call] = path.split(/[/?]/);
  if (what === 'images') return id === fakeImage ? { body: { Id: fakeImage, RepoTags: ['fake:1'] } } : { status: 404 };
  const found = containers.find((one) => one.id === id || one.name === id);
  if (what !== 'containers' || !found) return { status: 404, body: { message: 'no such thing' } };
  if (call === 'json') return { body: inspectOf(found) };
  if (call === 'top') return found.state === 'running' ? { body: topOf(found) } : { status: 409 };
  return { status: 404 };
}

function listed(path: string): (container: FakeContainer) => boolean {
  return path.includes('all=1') ? () => true : ({ state }) => state === 'running';
}

function summaryOf({ id, name, state, labels }: FakeContainer): object {
  return {
    Id: id,
    Names: [`/${name}`],
    Image: 'fake:1',
    ImageID: fakeImage,
    Created: 1,
    State: state,
    Status: 'Up',
    Labels: labels,
  };
}

function inspectOf({ id, name, state, labels, more }: FakeContainer): object {
  const State = { Status: state, Running: state === 'running', Pid: 0 };
  const Config = { Image: 'fake:1', Env: ['A=secret-value'], Cmd: ['run'], Labels: labels };
  return {
    Id: id,
    Name: `/${name}`,
    Created: '2026-11-20T12:00:00Z',
    Path: 'run',
    Args: [],
    Image: fakeImage,
    State,
    Config,
    ...more,
  };
}

/** Columns that change constantly differ in each call. */
function topOf({ name }: FakeContainer): object {
  const moving = String(performance.now());
  return {
    Titles: ['USER', 'PID', '%CPU', 'TIME', 'COMMAND'],
    Processes: [['root', '4711', moving, moving, `run ${name}`]],
  };
}
