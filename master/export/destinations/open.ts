// Creates the configured destination. There is no default: without an address nothing is exported.
import { readFileSync } from 'node:fs';
import type { Writable } from 'node:stream';
import { fileURLToPath } from 'node:url';
import { badSetting } from '../../../src/errors.ts';
import { createRequests } from '../../../src/http/client.ts';
import type { Config } from '../../../src/settings/config.ts';
import { isLoopback } from '../../../src/settings/config-checks.ts';
import { environment } from '../../../src/settings/environment.ts';
import { collectorEndpoint } from './collector.ts';
import type { Destination } from './destination.ts';
import { Endpoint } from './endpoint.ts';
import { folderStore } from './folder.ts';
import { keyPairOf, secretIn } from './keys.ts';
import { ndjsonEndpoint } from './ndjson.ts';
import { outputDestination } from './output.ts';
import { s3Store } from './s3.ts';
import { storeDestination } from './store.ts';

export interface OpenOptions {
  readonly config: Config;
  readonly output: Writable;
  readonly signal: AbortSignal;
}

const to = 'CLUSTER_INSIGHT_EXPORT_TO';

/** @throws Fault `bad_setting` */
export function openDestination(options: OpenOptions): Destination {
  const { config, output } = options;
  const { exportTo: place, exportCompression: compression, exportProtocol: protocol } = config;
  if (config.exportDryRun) return outputDestination(output, 'a dry run', false);
  if (place === undefined)
    throw badSetting(to, 'must say where to: an https URL, s3://BUCKET/PREFIX, file:///FOLDER or `-`');
  if (place === '-') return outputDestination(output, 'standard output', true);
  const url = URL.parse(place);
  if (url?.protocol === 'file:')
    return storeDestination(folderStore(folderOf(url)), compression, protocol === 'ndjson');
  if (url?.protocol === 's3:') return storeDestination(s3Of(url, options), compression, protocol === 'ndjson');
  const base = checkedUrl(to, place, config);
  const { endpoint, close } = endpointOf(base, options);
  const make = protocol === 'collector' ? collectorEndpoint : ndjsonEndpoint;
  return make(endpoint, new URL(base).host, close);
}

function endpointOf(base: string, { config, signal }: OpenOptions) {
  const { exportLogin, exportTokenFile: tokenFile } = config;
  const requests = requestsOf(config, signal);
  const endpoint = new Endpoint({
    requests,
    base,
    login: exportLogin === undefined ? base : checkedUrl('CLUSTER_INSIGHT_EXPORT_LOGIN', exportLogin, config),
    keys: keyPairOf(config.exportAccessKeyFile, config.exportSecretKeyFile),
    token: tokenFile === undefined ? undefined : () => secretIn('CLUSTER_INSIGHT_EXPORT_TOKEN_FILE', tokenFile),
    compression: config.exportCompression,
    signal,
  });
  return { endpoint, close: () => requests.close() };
}

function s3Of(url: URL, { config, signal }: OpenOptions) {
  const keys = keyPairOf(config.exportAccessKeyFile, config.exportSecretKeyFile);
  if (keys === undefined)
    throw badSetting('CLUSTER_INSIGHT_EXPORT_ACCESS_KEY_FILE', 'and the secret key are needed for S3');
  const region = config.exportStoreRegion;
  return s3Store({
    requests: requestsOf(config, signal),
    url: checkedUrl(
      'CLUSTER_INSIGHT_EXPORT_STORE_URL',
      config.exportStoreUrl ?? `https://s3.${region}.amazonaws.com`,
      config,
    ),
    region,
    bucket: url.host,
    prefix: decodeURIComponent(url.pathname).replace(/^\/+|\/+$/g, ''),
    keys,
    signal,
  });
}

function requestsOf({ exportCaFile: file }: Config, signal: AbortSignal) {
  return createRequests({ ca: file === undefined ? undefined : certificatesIn(file), proxyEnv: environment, signal });
}

function certificatesIn(file: string): Buffer {
  try {
    return readFileSync(file);
  } catch {
    throw badSetting('CLUSTER_INSIGHT_EXPORT_CA_FILE', `names a file that cannot be read: ${file}`);
  }
}

function folderOf(url: URL): string {
  try {
    return fileURLToPath(url);
  } catch {
    throw badSetting(to, 'is not a folder of this machine: write file:///FOLDER, with three slashes');
  }
}

/** Without a trailing slash. @throws Fault `bad_setting` */
function checkedUrl(variable: string, text: string, { exportInsecure }: Config): string {
  const url = URL.parse(text);
  if (url === null || !/^https?:$/.test(url.protocol))
    throw badSetting(variable, `must be an https URL, s3://BUCKET/PREFIX, file:///FOLDER or \`-\``);
  if (url.username !== '' || url.password !== '' || url.search !== '' || url.hash !== '')
    throw badSetting(variable, 'must hold no user, query or fragment: credentials are files');
  if (url.protocol === 'http:' && !isLoopback(url.hostname) && !exportInsecure)
    throw badSetting(
      variable,
      `sends to ${url.host} by plain HTTP, which others can read: use https, or CLUSTER_INSIGHT_EXPORT_INSECURE=true if that is meant`,
    );
  return text.replace(/\/+$/, '');
}
