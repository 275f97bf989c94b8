// Creates a short-lived token of a ServiceAccount at the user's request: the only object that the command creates.
// https://kubernetes.io/docs/reference/kubernetes-api/authentication-resources/token-request-v1/
import http from 'node:http';
import https from 'node:https';
import type { Dial } from '../../master/sources/kubernetes/client.ts';
import { counted, whenOver } from '../../master/sources/kubernetes/connection.ts';
import { isRecord } from '../../src/fields.ts';
import { failed, reasonOf } from '../failure.ts';
import { textOf } from './source.ts';

/** Seconds; the minimum of an API server. */
const life = 600;

/**
 * `account`: `namespace/name`.
 * @throws Failure with the API server's reason.
 */
export async function accountToken(dial: Dial, account: string): Promise<string> {
  const [namespace = '', name = ''] = account.split('/');
  const path = `/api/v1/namespaces/${encodeURIComponent(namespace)}/serviceaccounts/${encodeURIComponent(name)}/token`;
  const spec = { expirationSeconds: life };
  const body = JSON.stringify({ apiVersion: 'authentication.k8s.io/v1', kind: 'TokenRequest', spec });
  const { token, message } = await posted(dial, path, body).catch((error: unknown) => ({
    token: undefined,
    message: reasonOf(error),
  }));
  if (token !== undefined) return token;
  throw failed(`no token is to be had of the ServiceAccount ${account}: ${message}`);
}

async function posted({ url, headers, agent, audit }: Dial, path: string, body: string) {
  const exchange = audit.begin({ method: 'POST', path, purpose: 'token of an account' });
  const { request } = url.startsWith('https:') ? https : http;
  const answer = await new Promise<http.IncomingMessage>((resolve, reject) => {
    const sent = { ...headers, 'content-type': 'application/json', 'content-length': Buffer.byteLength(body) };
    const asking = request(url + path, { method: 'POST', agent, headers: sent, timeout: 30_000 }, resolve);
    asking.on('timeout', () => asking.destroy(new Error('the API server does not answer')));
    whenOver(asking, exchange);
    asking.on('error', reject);
    asking.end(body);
  });
  const said: unknown = JSON.parse(await textOf(counted(answer, exchange)));
  const status = isRecord(said) && isRecord(said.status) ? said.status : {};
  const message = isRecord(said) && typeof said.message === 'string' ? said.message : `status ${answer.statusCode}`;
  return { token: typeof status.token === 'string' ? status.token : undefined, message };
}
