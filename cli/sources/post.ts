// Posts a message to a master with the usual credentials. Only /mcp accepts any; it changes nothing.
import http from 'node:http';
import https from 'node:https';
import type { Dial } from '../../master/sources/kubernetes/client.ts';
import { counted, whenOver } from '../../master/sources/kubernetes/connection.ts';
import type { Answer } from './source.ts';

/** Milliseconds without a byte. */
const patience = 60_000;

export async function post(
  { url, headers, agent, audit }: Dial,
  path: string,
  body: string,
  more: { readonly [name: string]: string },
  signal: AbortSignal,
): Promise<Answer> {
  const exchange = audit.begin({ method: 'POST', path, purpose: 'ask the master' });
  const { request } = url.startsWith('https:') ? https : http;
  const answer = await new Promise<http.IncomingMessage>((resolve, reject) => {
    const sent = { ...headers, ...more, 'content-length': Buffer.byteLength(body) };
    const asking = request(url + path, { method: 'POST', agent, headers: sent, timeout: patience, signal }, resolve);
    asking.on('timeout', () => asking.destroy(new Error(`no byte came for ${patience / 1000} s`)));
    whenOver(asking, exchange);
    asking.on('error', reject);
    asking.end(body);
  });
  return { status: answer.statusCode ?? 0, body: counted(answer, exchange) };
}
