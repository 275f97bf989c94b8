// One HTTP request with keep-alive, proxies from the environment, timeouts and an answer of bounded size. Does not follow
// redirects.
import dns from 'node:dns';
import type http from 'node:http';
import type { IncomingMessage } from 'node:http';
import https from 'node:https';
import { isIP, type LookupFunction } from 'node:net';
import { nodeHttp } from './node-http.ts';

export interface Outgoing {
  readonly method: string;
  readonly url: URL;
  readonly headers: { readonly [name: string]: string | number };
  readonly body?: Buffer | undefined;
}

export interface Answered {
  readonly status: number;
  readonly headers: http.IncomingHttpHeaders;
  /** Possibly just the beginning: see `longest`. */
  readonly text: string;
}

export interface RequestsOptions {
  /** CA certificates instead of the default ones. */
  readonly ca?: Buffer | undefined;
  readonly proxyEnv: NodeJS.ProcessEnv;
  readonly signal: AbortSignal;
  /** Total milliseconds. */
  readonly timeout?: number;
  /** Whether to connect to an address, also a proxy's: asked after name resolution. */
  readonly allows?: (address: string) => boolean;
  readonly lookup?: LookupFunction;
  /** Maximum bytes read of an answer; default 64 KiB. */
  readonly longest?: number;
}

export interface Requests {
  /** Resolves for any status; rejects if the answer is incomplete. */
  send(request: Outgoing): Promise<Answered>;
  close(): void;
}

/** The `code` of the error for a rejected address. */
export const addressRefused = 'ADDRESS_REFUSED';

const usualTimeout = 120_000;
const usualText = 64 << 10;
const mostSockets = 8;

export function createRequests(given: RequestsOptions): Requests {
  const { ca, proxyEnv, signal, timeout = usualTimeout, allows, longest = usualText } = given;
  const lookup = allows ? guardedLookup(allows, given.lookup ?? (dns.lookup as LookupFunction)) : given.lookup;
  const options = { keepAlive: true, maxSockets: mostSockets, proxyEnv, ...(lookup ? { lookup } : {}) };
  const agents = {
    'http:': new nodeHttp.Agent(options),
    'https:': new https.Agent({ ...options, ...(ca ? { ca } : {}) }),
  };
  return {
    async send({ method, url, headers, body }) {
      // Literal addresses are not looked up.
      const bare = url.hostname.replace(/^\[(.*)\]$/, '$1');
      if (allows && isIP(bare) > 0 && !allows(bare)) throw refusal(bare);
      const ended = AbortSignal.any([signal, AbortSignal.timeout(timeout)]);
      const length = body === undefined ? {} : { 'content-length': body.length };
      const response = await new Promise<IncomingMessage>((resolve, reject) => {
        const secure = url.protocol === 'https:';
        const agent = agents[secure ? 'https:' : 'http:'];
        const all = { 'user-agent': 'cluster-insight', ...headers, ...length };
        const request = (secure ? https : nodeHttp).request(
          url,
          { method, agent, headers: all, signal: ended },
          resolve,
        );
        request.on('error', reject);
        request.end(body);
      });
      return { status: response.statusCode ?? 0, headers: response.headers, text: await textOf(response, longest) };
    },
    close() {
      agents['http:'].destroy();
      agents['https:'].destroy();
    },
  };
}

/** A name may resolve differently at any time: connects to exactly the checked address. */
function guardedLookup(allows: (address: string) => boolean, lookup: LookupFunction): LookupFunction {
  return (hostname, options, callback) =>
    lookup(hostname, { ...options, all: true }, (error, found) => {
      if (error) return callback(error, '');
      const all = Array.isArray(found) ? found : [{ address: found, family: isIP(found) }];
      const refused = all.find(({ address }) => !allows(address));
      const [first] = all;
      if (refused || !first) return callback(refusal(refused?.address ?? hostname), '');
      if (options.all) callback(null, all);
      else callback(null, first.address, first.family);
    });
}

function refusal(address: string): Error {
  return Object.assign(new Error(`${address} is an address that may not be connected to`), { code: addressRefused });
}

async function textOf(response: AsyncIterable<Buffer>, longest: number): Promise<string> {
  const parts: Buffer[] = [];
  let length = 0;
  for await (const part of response) {
    if (length < longest) parts.push(part.subarray(0, longest - length));
    length += part.length;
    // Stops reading an answer that does not end.
    if (length > 16 * longest) break;
  }
  return Buffer.concat(parts).toString();
}
