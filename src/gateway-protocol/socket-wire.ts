// A wire over a WebSocket of the package `ws`.
import type { WebSocket } from 'ws';
import { closeCodes } from './protocol.ts';
import type { Wire, WireEvents } from './wire.ts';

/** Maximum bytes of the reason in a close frame. */
const longestReason = 123;

export function socketWire(socket: WebSocket): Wire {
  const isOpen = () => socket.readyState === socket.OPEN;
  return {
    listen(events) {
      hear(socket, events);
    },
    send(text, sent) {
      if (isOpen()) socket.send(text, () => sent?.());
    },
    ping() {
      if (isOpen()) socket.ping();
    },
    get buffered() {
      return socket.bufferedAmount;
    },
    close(code, reason) {
      socket.close(code, cut(reason));
    },
    terminate() {
      socket.terminate();
    },
  };
}

function hear(socket: WebSocket, events: WireEvents): void {
  socket.on('message', (data: Buffer, isBinary: boolean) => {
    if (isBinary) socket.close(closeCodes.notUnderstood, 'messages are text');
    else events.message(data.toString());
  });
  socket.on('ping', () => events.alive());
  socket.on('pong', () => events.alive());
  // An error is always followed by a close.
  socket.on('error', () => undefined);
  socket.on('close', (code: number, reason: Buffer) => events.closed(code, reason.toString()));
}

function cut(reason: string): string {
  const bytes = Buffer.from(reason);
  return bytes.length <= longestReason
    ? reason
    : bytes
        .subarray(0, longestReason - 3)
        .toString()
        .toWellFormed()
        .replace(/\uFFFD$/, '');
}
