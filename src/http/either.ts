// One port for HTTPS and for plain HTTP, while not all who ask have been upgraded: the first byte of a connection tells which
// it is. What comes plain is a request of the same server, with the same bounds.
import { createServer, type ServerOptions } from 'node:http';
import type { Server } from 'node:https';
import type { Socket } from 'node:net';

/** The first byte of a TLS record that holds a handshake, RFC 8446 section 5.1. */
const handshake = 0x16;

export interface EitherOptions {
  readonly bounds: ServerOptions;
  /** Milliseconds that the first byte may take. */
  readonly firstByte: number;
  /** Milliseconds without any byte. */
  readonly silence: number;
}

/** Has `secure` answer plain requests too. To be called before anything else listens to its connections. */
export function answerPlainToo(secure: Server, { bounds, firstByte, silence }: EitherOptions): void {
  const overTls = secure.listeners('connection') as ((this: Server, socket: Socket) => void)[];
  const plain = createServer(bounds, (request, response) => secure.emit('request', request, response));
  plain.setTimeout(silence);
  plain.on('clientError', (error, socket) => secure.emit('clientError', error, socket));
  // Where a server begins to look for connections that are late; this one never listens.
  plain.emit('listening');
  secure.once('close', () => plain.close(() => undefined));
  /** Those that have not sent a byte. */
  const silent = new Set<Socket>();
  closeTogether(secure, plain, silent);
  secure.removeAllListeners('connection');
  secure.on('connection', (socket: Socket) => {
    silent.add(socket);
    socket.once('close', () => silent.delete(socket));
    atFirstByte(socket, firstByte, (byte) => {
      silent.delete(socket);
      if (byte === handshake) for (const listener of overTls) listener.call(secure, socket);
      else plain.emit('connection', socket);
    });
  });
}

/** Hands the socket on as it came, once the first byte is there. */
function atFirstByte(socket: Socket, within: number, use: (byte: number) => void): void {
  const giveUp = () => socket.destroy();
  socket.on('error', giveUp);
  socket.setTimeout(within, giveUp);
  socket.once('data', (chunk: Buffer) => {
    socket.setTimeout(0);
    socket.off('timeout', giveUp).off('error', giveUp);
    socket.pause();
    socket.unshift(chunk);
    use(chunk[0] ?? 0);
    process.nextTick(() => socket.resume());
  });
}

function closeTogether(secure: Server, plain: ReturnType<typeof createServer>, silent: ReadonlySet<Socket>): void {
  for (const name of ['closeIdleConnections', 'closeAllConnections'] as const) {
    const close = secure[name].bind(secure);
    secure[name] = () => {
      close();
      plain[name]();
      for (const socket of silent) socket.destroy();
    };
  }
}
