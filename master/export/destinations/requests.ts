// One HTTP request, whole: connections kept open, proxies as the environment names them, time limits, and an answer of bounded size.
import http, { type IncomingMessage } from 'node:http';
import https from 'node:https';

export interface Outgoing {
  readonly method: string;
  readonly url: URL;
  readonly headers: { readonly [name: string]: string | number };
  readonly body?: Buffer | undefined;
}

export interface Answered {
  readonly status: number;
  readonly headers: http.IncomingHttpHeaders;
  /** At most the first 64 KiB. */
  readonly text: string;
}

export interface RequestsOptions {
  /** Certificates that the server's is checked against, in place of the usual ones. */
  readonly ca?: Buffer | undefined;
  readonly proxyEnv: NodeJS.ProcessEnv;
  readonly signal: AbortSignal;
  /** Milliseconds for the whole of it. */
  readonly timeout?: number;
}

export interface Requests {
  /** Resolves with whatever status; rejects where no whole answer came. */
  send(request: Outgoing): Promise<Answered>;
  close(): void;
}

const usualTimeout = 120_000;
const mostText = 64 << 10;
const mostSockets = 8;

export function createRequests({ ca, proxyEnv, signal, timeout = usualTimeout }: RequestsOptions): Requests {
  const options = { keepAlive: true, maxSockets: mostSockets, proxyEnv };
  const agents = { 'http:': new http.Agent(options), 'https:': new https.Agent({ ...options, ...(ca ? { ca } : {}) }) };
  return {
    async send({ method, url, headers, body }) {
      const ended = AbortSignal.any([signal, AbortSignal.timeout(timeout)]);
      const length = body === undefined ? {} : { 'content-length': body.length };
      const response = await new Promise<IncomingMessage>((resolve, reject) => {
        const secure = url.protocol === 'https:';
        const agent = agents[secure ? 'https:' : 'http:'];
        const all = { 'user-agent': 'cluster-insight', ...headers, ...length };
        const request = (secure ? https : http).request(url, { method, agent, headers: all, signal: ended }, resolve);
        request.on('error', reject);
        request.end(body);
      });
      return { status: response.statusCode ?? 0, headers: response.headers, text: await textOf(response) };
    },
    close() {
      agents['http:'].destroy();
      agents['https:'].destroy();
    },
  };
}

async function textOf(response: AsyncIterable<Buffer>): Promise<string> {
  const parts: Buffer[] = [];
  let length = 0;
  for await (const part of response) {
    if (length < mostText) parts.push(part.subarray(0, mostText - length));
    length += part.length;
    // What does not end by itself is not read to its end.
    if (length > 16 * mostText) break;
  }
  return Buffer.concat(parts).toString();
}
