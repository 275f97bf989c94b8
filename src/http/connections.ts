// Bounds the connections of a server and chooses which to close for a new one. An idle connection has not identified its
// caller: those of the address with most connections are closed first, so that probes always find room.
import type { Server as HttpServer, IncomingMessage, ServerResponse } from 'node:http';
import type { Socket } from 'node:net';

interface Held {
  readonly socket: Socket;
  readonly address: string;
  /** Requests in progress. */
  busy: number;
}

/** Share of all connections allowed to one address, which may be a proxy for everyone. */
const shareOfAddress = 3 / 4;
/** Extra connections above the maximum, for those that are closing. */
const closing = 8;

export class Connections {
  readonly most: number;
  readonly #mostOfAddress: number;
  /** Oldest first, by remote port and address: TLS wraps the socket in another object. */
  readonly #held = new Map<string, Held>();
  readonly #ofAddress = new Map<string, number>();

  constructor(most: number) {
    this.most = most;
    this.#mostOfAddress = Math.max(1, Math.floor(most * shareOfAddress));
  }

  get size(): number {
    return this.#held.size;
  }

  guard(server: HttpServer): void {
    server.maxConnections = this.most + closing;
    server.on('connection', (socket: Socket) => this.#admit(socket));
    server.on('request', (request: IncomingMessage, response: ServerResponse) => this.#mark(request.socket, response));
  }

  #admit(socket: Socket): void {
    const address = socket.remoteAddress ?? '';
    const isFull = (this.#ofAddress.get(address) ?? 0) >= this.#mostOfAddress;
    if (isFull && !this.#drop(this.#of(address))) return void socket.destroy();
    if (this.size >= this.most && !this.#drop(this.#largest())) return void socket.destroy();
    const held = { socket, address, busy: 0 };
    const key = keyOf(socket);
    this.#held.set(key, held);
    this.#ofAddress.set(address, (this.#ofAddress.get(address) ?? 0) + 1);
    socket.once('close', () => this.#forget(key, held));
  }

  #forget(key: string, held: Held): void {
    if (this.#held.get(key) !== held) return;
    this.#held.delete(key);
    const rest = (this.#ofAddress.get(held.address) ?? 1) - 1;
    if (rest > 0) this.#ofAddress.set(held.address, rest);
    else this.#ofAddress.delete(held.address);
  }

  #mark(socket: Socket, response: ServerResponse): void {
    const held = this.#held.get(keyOf(socket));
    if (!held) return;
    held.busy++;
    response.once('close', () => held.busy--);
  }

  /** Idle ones of the address that has most of them. */
  #largest(): readonly Held[] {
    const idle = this.#held.values().filter(({ busy }) => busy === 0);
    const byAddress = Map.groupBy(idle, ({ address }) => address);
    return [...byAddress.values()].reduce<readonly Held[]>((most, one) => (one.length > most.length ? one : most), []);
  }

  #of(address: string): readonly Held[] {
    return [...this.#held.values().filter((one) => one.address === address)];
  }

  /** Closes the oldest idle one; false if none is idle. */
  #drop(some: readonly Held[]): boolean {
    const oldest = some.find(({ busy }) => busy === 0);
    if (!oldest) return false;
    this.#forget(keyOf(oldest.socket), oldest);
    oldest.socket.destroy();
    return true;
  }
}

function keyOf({ remoteAddress, remotePort }: Socket): string {
  return `${remotePort} ${remoteAddress}`;
}
