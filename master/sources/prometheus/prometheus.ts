// Asks a Prometheus through its HTTP API: https://prometheus.io/docs/prometheus/latest/querying/api/
import { fault } from '../../../src/errors.ts';
import { isRecord, listOf } from '../../../src/fields.ts';
import { addressRefused, createRequests, type Outgoing } from '../../../src/http/client.ts';
import { type CredentialPaths, MountedCredentials } from '../../../src/mounted-credentials.ts';
import { environment } from '../../../src/settings/environment.ts';

type Labels = { readonly [label: string]: string };

export interface Answered {
  readonly labels: Labels;
  readonly value: number;
}

export interface AnsweredRange {
  readonly labels: Labels;
  /** One a step, from the first to the last moment asked for; NaN where there is none. */
  readonly values: readonly number[];
}

/** Moments in milliseconds since the epoch, both included; the last is a whole number of steps after the first. */
export interface Span {
  readonly from: number;
  readonly to: number;
  /** Milliseconds. */
  readonly step: number;
}

export interface RangeAnswer {
  readonly series: readonly AnsweredRange[];
  /** What it warns of: an answer that is not whole, for example. */
  readonly warning: string | undefined;
}

export interface Prometheus {
  /** @throws Fault `prometheus_failed`, `prometheus_too_much`, `credentials_unreadable`. */
  query(text: string): Promise<readonly Answered[]>;
  /** @throws Fault as `query`. */
  range(text: string, span: Span): Promise<RangeAnswer>;
  close(): void;
}

export interface PrometheusPlace {
  /** Its URL, up to but without `/api/v1`. */
  readonly prometheus: URL;
  readonly credentials: CredentialPaths;
  /** Milliseconds. */
  readonly timeout: number;
}

/** Of an answer with one number a series, and of one with many: a whole one is parsed at once. */
const mostBytes = { query: 32 * 2 ** 20, query_range: 8 * 2 ** 20 } as const;
const longestWarning = 200;
const longestUrl = 2048;
/** Of one answer, gaps included. */
const mostNumbers = 1_500_000;

/** Metadata services of clouds have such addresses, and answer anyone who reaches them. */
const linkLocal = /^(169\.254\.|fe[89ab][0-9a-f]:|::ffff:169\.254\.)/i;

const mounted = new MountedCredentials('connection-credentials');

/** @throws Fault `credentials_unreadable`. */
export function openPrometheus({ prometheus, credentials, timeout }: PrometheusPlace, signal: AbortSignal): Prometheus {
  const ca = credentials.caFile === undefined ? undefined : mounted.bytes(credentials.caFile);
  const allows = (address: string) => !linkLocal.test(address);
  const options = { ca, proxyEnv: environment, signal, timeout, allows };
  const requests = {
    query: createRequests({ ...options, longest: mostBytes.query }),
    query_range: createRequests({ ...options, longest: mostBytes.query_range }),
  };
  const ask = async (path: keyof typeof requests, fields: { readonly [field: string]: string }) => {
    const url = new URL(`${prometheus.href.replace(/\/$/, '')}/api/v1/${path}`);
    const form = new URLSearchParams({ ...fields, timeout: `${timeout}ms` }).toString();
    const headers = { accept: 'application/json', ...mounted.authorization(credentials) };
    const answer = await requests[path].send(asked(url, form, headers)).catch((error: unknown) => {
      throw fault('prometheus_failed', { reason: reasonOf(error, timeout) }, error);
    });
    return answer;
  };
  return {
    async query(text) {
      const { status, text: said } = await ask('query', { query: text });
      return vectorOf(status, said);
    },
    async range(text, span) {
      const seconds = (ms: number) => String(ms / 1000);
      const times = { start: seconds(span.from), end: seconds(span.to), step: seconds(span.step) };
      const { status, text: said } = await ask('query_range', { query: text, ...times });
      return matrixOf(status, said, span);
    },
    close() {
      requests.query.close();
      requests.query_range.close();
    },
  };
}

/** In the body where it is long: a query with the names of many Pods is longer than a URL may be. */
function asked(url: URL, form: string, headers: { readonly [name: string]: string }): Outgoing {
  if (form.length <= longestUrl) return { method: 'GET', url: new URL(`${url.href}?${form}`), headers };
  const type = { 'content-type': 'application/x-www-form-urlencoded' };
  return { method: 'POST', url, headers: { ...headers, ...type }, body: Buffer.from(form) };
}

function reasonOf(error: unknown, timeout: number): string {
  const { name, code, message } = error as Error & { readonly code?: string };
  if (name === 'TimeoutError' || name === 'AbortError') return `it did not answer within ${timeout / 1000} s`;
  return code === addressRefused ? message : (code ?? message);
}

/** @throws Fault `prometheus_failed`, `prometheus_too_much`. */
export function vectorOf(status: number, text: string): Answered[] {
  const { result } = dataOf(status, text, 'vector', mostBytes.query);
  return listOf(result).flatMap((each) => {
    if (!isRecord(each) || !isRecord(each['metric'])) return [];
    return [{ labels: labelsIn(each['metric']), value: Number(listOf(each['value'])[1]) }];
  });
}

/** @throws Fault `prometheus_failed`, `prometheus_too_much`. */
export function matrixOf(status: number, text: string, span: Span): RangeAnswer {
  const { result, warning } = dataOf(status, text, 'matrix', mostBytes.query_range);
  const all = listOf(result);
  const length = Math.round((span.to - span.from) / span.step) + 1;
  // Series of a few numbers are short in the answer, and each becomes as long as the others here.
  if (all.length * length > mostNumbers)
    throw fault('prometheus_too_much', { reason: `it has ${all.length} series of ${length} numbers` });
  const series = all.flatMap((each) => {
    if (!isRecord(each) || !isRecord(each['metric'])) return [];
    return [{ labels: labelsIn(each['metric']), values: valuesIn(listOf(each['values']), span) }];
  });
  return { series, warning };
}

/** What is no number, or of no moment that was asked for, is left out. */
function valuesIn(pairs: readonly unknown[], { from, to, step }: Span): number[] {
  const values = Array.from({ length: Math.round((to - from) / step) + 1 }, () => Number.NaN);
  for (const pair of pairs) {
    const [seconds, said] = listOf(pair);
    if (typeof seconds !== 'number' || typeof said !== 'string') continue;
    const at = Math.round((seconds * 1000 - from) / step);
    const value = Number(said);
    if (at in values && Number.isFinite(value)) values[at] = value;
  }
  return values;
}

function labelsIn(metric: { readonly [label: string]: unknown }): Labels {
  const labels = Object.entries(metric).filter((pair): pair is [string, string] => typeof pair[1] === 'string');
  return Object.fromEntries(labels);
}

interface Data {
  readonly result: unknown;
  readonly warning: string | undefined;
}

function dataOf(status: number, text: string, type: 'vector' | 'matrix', most: number): Data {
  const body = parsed(text, status, most);
  // A query that is right but cannot be carried out: it reads too much, or takes too long.
  if (status === 422) throw fault('prometheus_too_much', { reason: `it answers ${status}${saidIn(body)}` });
  if (status !== 200 || body['status'] !== 'success')
    throw fault('prometheus_failed', { reason: `it answers ${status}${saidIn(body)}` });
  const { resultType, result } = isRecord(body['data']) ? body['data'] : {};
  if (resultType !== type) throw fault('prometheus_failed', { reason: `it answers with no ${type}` });
  const [first] = listOf(body['warnings']);
  return { result, warning: typeof first === 'string' ? first.slice(0, longestWarning) : undefined };
}

function parsed(text: string, status: number, most: number): { readonly [field: string]: unknown } {
  if (Buffer.byteLength(text) >= most)
    throw fault('prometheus_too_much', { reason: `its answer is larger than ${most / 2 ** 20} MiB` });
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
