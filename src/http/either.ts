// HTTPS and plain HTTP on one port while callers are upgraded: the first byte of a connection decides. Plain requests go to
// the same server with the same limits.
import type { ServerOptions } from 'node:http';
import type { Server } from 'node:https';
import type { Socket } from 'node:net';
import { nodeHttp } from './node-http.ts';

/** First byte of a TLS handshake record, RFC 8446 section 5.1. */
const handshake = 0x16;

export interface EitherOptions {
  readonly bounds: ServerOptions;
  /** Milliseconds until the first byte. */
  readonly firstByte: number;
  /** Milliseconds without any byte. */
  readonly silence: number;
}

/** Makes `secure` answer plain requests too. Call it before adding any other connection listener. */
export function answerPlainToo(secure: Server, { bounds, firstByte, silence }: EitherOptions): void {
  const overTls = secure.listeners('connection') as ((this: Server, socket: Socket) => void)[];
  const plain = nodeHttp.createServer(bounds, (request, response) => secure.emit('request', request, response));
  plain.setTimeout(silence);
  plain.on('clientError', (error, socket) => secure.emit('clientError', error, socket));
  // Starts the server's check for late connections; it never listens itself.
  plain.emit('listening');
  secure.once('close', () => plain.close(() => undefined));
  /** Connections without a byte so far. */
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

/** Passes the socket on unchanged once its first byte has arrived. */
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

function closeTogether(
  secure: Server,
  plain: ReturnType<typeof nodeHttp.createServer>,
  silent: ReadonlySet<Socket>,
): void {
  for (const name of ['closeIdleConnections', 'closeAllConnections'] as const) {
    const close = secure[name].bind(secure);
    secure[name] = () => {
      close();
      plain[name]();
      for (const socket of silent) socket.destroy();
    };
  }
}
