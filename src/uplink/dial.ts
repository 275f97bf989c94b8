// Opens a WebSocket to the gateway: over TLS with a verified certificate; unencrypted to loopback only.
import { readFileSync } from 'node:fs';
import type { ClientOptions } from 'ws';
import { badSetting, fault } from '../errors.ts';
import { bounds, subprotocol, times } from '../gateway-protocol/protocol.ts';
import { socketWire } from '../gateway-protocol/socket-wire.ts';
import type { Wire } from '../gateway-protocol/wire.ts';
import { isLoopback } from '../settings/config-checks.ts';
import { unsupported } from './uplink.ts';

export interface DialOptions {
  readonly url: string;
  /** CA certificates to use instead of the system's; read for each connection. */
  readonly caFile: string | undefined;
}

const setting = 'CLUSTER_INSIGHT_GATEWAY';

/** The URL to dial, with the default path if it has none. @throws Fault `bad_setting`. */
export function checkedGateway(url: string): URL {
  const parsed = URL.parse(url);
  if (parsed === null || !/^wss?:$/.test(parsed.protocol)) throw badSetting(setting, 'must be a wss:// URL');
  if (parsed.username !== '' || parsed.password !== '' || parsed.search !== '' || parsed.hash !== '')
    throw badSetting(setting, 'must be a URL without a user, a query and a fragment');
  if (parsed.protocol === 'ws:' && !isLoopback(parsed.hostname))
    throw badSetting(setting, `must begin with wss://: to ${parsed.hostname} everything would go in clear text`);
  if (parsed.pathname === '/') parsed.pathname = '/agents';
  return parsed;
}

/** Loads `ws` at the first call. */
export function createDial({ url, caFile }: DialOptions): (signal: AbortSignal) => Promise<Wire> {
  const address = checkedGateway(url);
  return async (signal) => {
    const { WebSocket } = await import('ws');
    const options: ClientOptions = {
      perMessageDeflate: false,
      followRedirects: false,
      handshakeTimeout: times.question,
      maxPayload: bounds.message,
      ...(caFile === undefined ? {} : { ca: certificates(caFile) }),
    };
    signal.throwIfAborted();
    const socket = new WebSocket(address, [subprotocol], options);
    const opened = Promise.withResolvers<Wire>();
    const abort = () => socket.terminate();
    signal.addEventListener('abort', abort, { once: true });
    socket.on('error', (error) => opened.reject(explained(error)));
    socket.once('close', () => opened.reject(new Error('the gateway closed the connection')));
    // Attach listeners in the same turn: the first packet may already contain messages.
    socket.once('open', () => opened.resolve(socketWire(socket)));
    try {
      return await opened.promise;
    } finally {
      signal.removeEventListener('abort', abort);
    }
  };
}

function certificates(file: string): Buffer {
  try {
    return readFileSync(file);
  } catch (error) {
    throw fault('credentials_unreadable', { file, reason: String((error as NodeJS.ErrnoException).code) }, error);
  }
}

/** A WebSocket server without our subprotocol is a gateway of another version, or none at all. */
function explained(error: Error): Error {
  if (!/subprotocol/.test(error.message)) return error;
  return Object.assign(new Error(`the gateway does not speak ${subprotocol}`), { code: unsupported });
}
