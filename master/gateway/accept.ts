// Accepts agents' WebSockets next to the HTTP routes: one path, one subprotocol, and a limit on unauthenticated
// connections.
import type { Server as HttpServer, IncomingMessage } from 'node:http';
import type { Duplex } from 'node:stream';
import { WebSocketServer } from 'ws';
import type { Clock, MonotonicClock } from '../../src/clock.ts';
import { agentsPath, bounds, closeCodes, subprotocol } from '../../src/gateway-protocol/protocol.ts';
import { socketWire } from '../../src/gateway-protocol/socket-wire.ts';
import type { Logger } from '../../src/logger.ts';
import { repeat } from '../../src/repeat.ts';
import type { Agents } from './agents.ts';
import { Session, type SessionOptions } from './session.ts';

export interface AcceptOptions extends Pick<SessionOptions, 'handshake' | 'onRefused'> {
  readonly agents: Agents;
  readonly clock: MonotonicClock;
  readonly wall: Clock;
  readonly logger: Logger;
}

/** Maximum unauthenticated connections. */
const mostStrangers = 256;
/** Milliseconds between two checks for silent connections. */
const beatPeriod = 5_000;

export class Acceptor {
  readonly #options: AcceptOptions;
  readonly #sessions = new Set<Session>();
  readonly #sockets = new WebSocketServer({
    noServer: true,
    maxPayload: bounds.message,
    perMessageDeflate: false,
    handleProtocols: (offered) => (offered.has(subprotocol) ? subprotocol : false),
  });
  readonly #stop: () => void;

  constructor(options: AcceptOptions) {
    this.#options = options;
    this.#stop = repeat(beatPeriod, () => this.#beat(), options.logger);
  }

  get size(): number {
    return this.#sessions.size;
  }

  attach(server: Pick<HttpServer, 'on'>): void {
    server.on('upgrade', (request, socket, head) => this.#upgrade(request, socket, head));
  }

  /** Agents reconnect, here or to another gateway. */
  close(): void {
    this.#stop();
    for (const session of this.#sessions) session.close(closeCodes.leaving, 'the gateway ends');
    this.#sockets.close();
  }

  #upgrade(request: IncomingMessage, socket: Duplex, head: Buffer): void {
    socket.on('error', () => socket.destroy());
    const status = this.#refusal(request);
    if (status !== undefined) return refuse(socket, status);
    strangerToDrop(this.#sessions, mostStrangers)?.drop();
    this.#sockets.handleUpgrade(request, socket, head, (webSocket) => {
      const { agents, handshake, clock, wall, logger, onRefused } = this.#options;
      const wire = socketWire(webSocket);
      const from = request.socket.remoteAddress ?? 'somewhere';
      const session: Session = new Session({
        wire,
        agents,
        handshake,
        clock,
        wall,
        logger,
        from,
        ...(onRefused ? { onRefused } : {}),
        onEnded: () => this.#sessions.delete(session),
      });
      this.#sessions.add(session);
    });
  }

  #refusal({ url = '', headers }: IncomingMessage): string | undefined {
    if (url.split('?', 1)[0] !== agentsPath) return '404 Not Found';
    // Browsers send an origin; agents do not.
    if (headers.origin !== undefined) return '403 Forbidden';
    const offered = (headers['sec-websocket-protocol'] ?? '').split(',').map((one) => one.trim());
    return offered.includes(subprotocol) ? undefined : '426 Upgrade Required';
  }

  #beat(): void {
    const now = this.#options.clock();
    for (const session of this.#sessions) session.beat(now);
  }
}

/**
 * The unauthenticated connection to close for a new one: the oldest of the address with most of them. So one address cannot lock
 * out agents by taking all places.
 */
export function strangerToDrop<S extends Pick<Session, 'proven' | 'from'>>(
  sessions: Iterable<S>,
  most: number,
): S | undefined {
  const strangers = [...sessions].filter(({ proven }) => !proven);
  if (strangers.length < most) return undefined;
  const byAddress = [...Map.groupBy(strangers, ({ from }) => from).values()];
  return byAddress.reduce((largest, one) => (one.length > largest.length ? one : largest))[0];
}

function refuse(socket: Duplex, status: string): void {
  socket.end(`HTTP/1.1 ${status}\r\nconnection: close\r\ncontent-length: 0\r\n\r\n`);
}
