// Shared by all parts of the fake API server: its state, one request with its answer, and sending.
import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Access, User } from './access.ts';
import type { Faults, StreamFault } from './faults.ts';
import type { KindRegistry } from './kinds.ts';
import type { RequestLog } from './log.ts';
import type { Storage } from './storage.ts';
import type { Watch, WatchOptions } from './watch.ts';

/**
 * Target of the proxy subresource: the base URL of `services/NAME` or `pods/NAME` (a port after a colon included), or
 * undefined.
 */
export type Forward = (resource: string, namespace: string, name: string) => string | undefined;

/** Everything needed to handle a request. */
export interface Context {
  readonly kinds: KindRegistry;
  readonly storage: Storage;
  readonly access: Access;
  readonly faults: Faults;
  readonly log: RequestLog;
  readonly watches: Set<Watch>;
  readonly options: WatchOptions;
  readonly clock: () => number;
  /** Groups with an unavailable server, and failing health checks. */
  readonly staleGroups: Set<string>;
  readonly failingChecks: Set<string>;
  readonly version: object;
  readonly forward: Forward | undefined;
}

export interface Exchange {
  readonly request: IncomingMessage;
  readonly response: ServerResponse;
  readonly url: URL;
  readonly user: User;
  readonly streamFaults: StreamFault[];
}

export function sendJson(response: ServerResponse, body: object, code = 200): void {
  send(response, Buffer.from(JSON.stringify(body)), code);
}

export function send(response: ServerResponse, bytes: Buffer, code = 200, type = 'application/json'): void {
  response.writeHead(code, { 'content-type': type, 'content-length': bytes.length });
  response.end(bytes);
}
