// How many connections a server keeps, and who has to go when one more comes. Whoever only connects has said nothing of who
// they are: what they hold is taken back first, from the address that holds most, so that a probe always finds room.
import type { Server as HttpServer, IncomingMessage, ServerResponse } from 'node:http';
import type { Socket } from 'node:net';

interface Held {
  readonly socket: Socket;
  readonly address: string;
  /** Requests that are being answered. */
  busy: number;
}

/** Of all connections, those that one address may have: behind a proxy it may be that of everybody. */
const shareOfAddress = 3 / 4;
/** Beyond the most, for those that are being closed. */
const closing = 8;

export class Connections {
  readonly most: number;
  readonly #mostOfAddress: number;
  /** From the oldest to the newest, by port and address of the other side: TLS puts another socket over the first. */
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

  /** Those of the address that has most which are at rest. */
  #largest(): readonly Held[] {
    const idle = this.#held.values().filter(({ busy }) => busy === 0);
    const byAddress = Map.groupBy(idle, ({ address }) => address);
    return [...byAddress.values()].reduce<readonly Held[]>((most, one) => (one.length > most.length ? one : most), []);
  }

  #of(address: string): readonly Held[] {
    return [...this.#held.values().filter((one) => one.address === address)];
  }

  /** Closes the oldest of these that is at rest; false where none is. */
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
