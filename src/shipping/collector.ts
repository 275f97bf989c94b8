// The configured OTLP collector and remote-write receiver, each with its delivery queue.
import { createBackoff, sleep } from '../backoff.ts';
import { badSetting } from '../errors.ts';
import type { Logger } from '../logger.ts';
import { readSmallFile } from '../small-file.ts';
import { leftOut } from './audit-records.ts';
import { Delivery } from './delivery.ts';
import { remoteWriteHeaders } from './remote-write-headers.ts';
import { otlpRules, remoteWriteRules } from './rules.ts';

export interface OtlpOptions {
  /** Base URL of `/v1/logs` and `/v1/metrics`. */
  readonly endpoint: string;
  readonly tokenFile: string | undefined;
  readonly logger: Logger;
}

/** @throws Fault `bad_setting` for an invalid URL. */
export function openOtlp({ endpoint, tokenFile, logger }: OtlpOptions, what: 'logs' | 'metrics'): Delivery {
  const base = checkedUrl(endpoint, 'CLUSTER_INSIGHT_OTLP_ENDPOINT').replace(/\/+$/, '');
  return new Delivery({
    ...usual(logger),
    name: `OTLP ${what}`,
    url: `${base}/v1/${what}`,
    rules: otlpRules,
    headers: headersWith({ 'content-type': 'application/json', 'content-encoding': 'gzip' }, tokenFile),
    leftOut,
  });
}

export interface RemoteWriteOptions {
  readonly url: string;
  readonly tokenFile: string | undefined;
  readonly logger: Logger;
}

/** @throws Fault `bad_setting` for an invalid URL. */
export function openRemoteWrite({ url, tokenFile, logger }: RemoteWriteOptions): Delivery {
  return new Delivery({
    ...usual(logger),
    name: 'remote write',
    url: checkedUrl(url, 'CLUSTER_INSIGHT_REMOTE_WRITE_URL'),
    rules: remoteWriteRules,
    headers: headersWith(remoteWriteHeaders, tokenFile),
  });
}

function usual(logger: Logger) {
  const backoff = createBackoff({ base: 1_000, cap: 60_000 });
  return { fetch: globalThis.fetch, backoff, sleep, clock: Date.now, logger };
}

/** Reads the token for each request: it may have been replaced. */
function headersWith(constant: { readonly [name: string]: string }, tokenFile: string | undefined) {
  return async () => {
    if (tokenFile === undefined) return constant;
    return { ...constant, authorization: `Bearer ${(await readSmallFile(tokenFile)).trim()}` };
  };
}

function checkedUrl(text: string, setting: string): string {
  const url = URL.parse(text);
  if (url === null || !/^https?:$/.test(url.protocol)) throw badSetting(setting, 'must be an http or https URL');
  if (url.username !== '' || url.password !== '')
    throw badSetting(setting, 'holds a password: name a token file instead');
  return text;
}
