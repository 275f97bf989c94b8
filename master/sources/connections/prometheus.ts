// Asks a Prometheus: instant queries of its HTTP API, one at a time. https://prometheus.io/docs/prometheus/latest/querying/api/
import { fault } from '../../../src/errors.ts';
import { isRecord, listOf } from '../../../src/fields.ts';
import { addressRefused, createRequests } from '../../../src/http/client.ts';
import { MountedCredentials } from '../../../src/mounted-credentials.ts';
import { environment } from '../../../src/settings/environment.ts';
import type { Row } from './ends.ts';
import type { PrometheusRead } from './mapping.ts';

export interface Answered {
  readonly labels: Row;
  readonly value: number;
}

export interface Prometheus {
  /** @throws Fault `prometheus_failed`, `credentials_unreadable`. */
  query(text: string): Promise<readonly Answered[]>;
  close(): void;
}

const mostBytes = 32 * 2 ** 20;

/** Metadata services of clouds have such addresses, and answer anyone who reaches them. */
const linkLocal = /^(169\.254\.|fe[89ab][0-9a-f]:|::ffff:169\.254\.)/i;

const mounted = new MountedCredentials('connection-credentials');

/** @throws Fault `credentials_unreadable`. */
export function openPrometheus({ prometheus, credentials, timeout }: PrometheusRead, signal: AbortSignal): Prometheus {
  const requests = createRequests({
    ca: credentials.caFile === undefined ? undefined : mounted.bytes(credentials.caFile),
    proxyEnv: environment,
    signal,
    timeout,
    longest: mostBytes,
    allows: (address) => !linkLocal.test(address),
  });
  return {
    async query(text) {
      const url = new URL(`${prometheus.href.replace(/\/$/, '')}/api/v1/query`);
      url.searchParams.set('query', text);
      url.searchParams.set('timeout', `${timeout}ms`);
      const headers = { accept: 'application/json', ...mounted.authorization(credentials) };
      const answer = await requests.send({ method: 'GET', url, headers }).catch((error: unknown) => {
        throw fault('prometheus_failed', { reason: reasonOf(error, timeout) }, error);
      });
      return vectorOf(answer.status, answer.text);
    },
    close: () => requests.close(),
  };
}

function reasonOf(error: unknown, timeout: number): string {
  const { name, code, message } = error as Error & { readonly code?: string };
  if (name === 'TimeoutError' || name === 'AbortError') return `it did not answer within ${timeout / 1000} s`;
  return code === addressRefused ? message : (code ?? message);
}

/** @throws Fault `prometheus_failed`. */
export function vectorOf(status: number, text: string): Answered[] {
  const body = parsed(text, status);
  if (status !== 200 || body['status'] !== 'success')
    throw fault('prometheus_failed', { reason: `it answers ${status}${saidIn(body)}` });
  const { resultType, result } = isRecord(body['data']) ? body['data'] : {};
  if (resultType !== 'vector') throw fault('prometheus_failed', { reason: 'it answers with no vector' });
  return listOf(result).flatMap((each) => {
    if (!isRecord(each) || !isRecord(each['metric'])) return [];
    const labels = Object.entries(each['metric']).filter(
      (pair): pair is [string, string] => typeof pair[1] === 'string',
    );
    return [{ labels: Object.fromEntries(labels), value: Number(listOf(each['value'])[1]) }];
  });
}

function parsed(text: string, status: number): { readonly [field: string]: unknown } {
  if (text.length >= mostBytes)
    throw fault('prometheus_failed', { reason: `its answer is larger than ${mostBytes / 2 ** 20} MiB` });
  try {
    const body: unknown = JSON.parse(text);
    if (isRecord(body)) return body;
  } catch {
    // Said below.
  }
  throw fault('prometheus_failed', { reason: `it answers ${status}, but not as a Prometheus does` });
}

/** What Prometheus says of a query that failed. */
function saidIn(body: { readonly [field: string]: unknown }): string {
  const said = body['error'];
  return typeof said === 'string' ? `: ${JSON.stringify(said.slice(0, 200))}` : '';
}
