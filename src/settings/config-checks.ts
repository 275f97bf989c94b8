// Checks settings against each other. Each check prevents a start rather than serving openly by mistake.
import { isIPv4 } from 'node:net';
import { resolve } from 'node:path';
import { badSetting } from '../errors.ts';
import type { Config } from './config.ts';

/** @throws Fault `bad_setting`. */
export function checkTogether(config: Config): void {
  for (const check of [
    pairedCertificate,
    pairedMinionCertificate,
    clientCaWithTls,
    plainWithToken,
    tokensToCheck,
    openAddress,
    valuesInHistory,
    secretOfAgent,
    knownSchemes,
    gatewayInTheOpen,
    gatewayEnrolmentsNamed,
    streamToFollow,
    originsWhole,
    namespacesNamed,
    pairedStreamCertificate,
    leaseToPublish,
    folderToShare,
    prometheusToAsk,
    pairedPrometheusPassword,
  ])
    check(config);
}

/** Browsers send an origin with its scheme and without a path: any other text would match none. */
function originsWhole({ cors }: Config): void {
  const wrong = cors.find((each) => !URL.canParse(each) || new URL(each).origin !== each);
  if (wrong === undefined) return;
  throw badSetting('CLUSTER_INSIGHT_CORS', `must be origins such as https://grafana.example.com, not "${wrong}"`);
}

/** No namespace can have another name: it would read nothing, in silence. */
function namespacesNamed({ namespaces }: Config): void {
  const wrong = namespaces.find((each) => !/^[a-z0-9](?:[-a-z0-9]{0,61}[a-z0-9])?$/.test(each));
  if (wrong === undefined) return;
  throw badSetting('CLUSTER_INSIGHT_NAMESPACES', `must be names of namespaces, separated by commas, not "${wrong}"`);
}

function pairedCertificate({ tlsCertFile, tlsKeyFile }: Config): void {
  if ((tlsCertFile === undefined) !== (tlsKeyFile === undefined)) {
    throw badSetting('CLUSTER_INSIGHT_TLS_CERT_FILE', 'and CLUSTER_INSIGHT_TLS_KEY_FILE must be set together');
  }
}

function pairedMinionCertificate({ minionCertFile, minionKeyFile }: Config): void {
  if ((minionCertFile === undefined) !== (minionKeyFile === undefined)) {
    throw badSetting('CLUSTER_INSIGHT_MINION_CERT_FILE', 'and CLUSTER_INSIGHT_MINION_KEY_FILE must be set together');
  }
}

function clientCaWithTls({ tlsCertFile, tlsClientCaFile }: Config): void {
  if (tlsClientCaFile !== undefined && tlsCertFile === undefined) {
    throw badSetting('CLUSTER_INSIGHT_TLS_CLIENT_CA_FILE', 'needs CLUSTER_INSIGHT_TLS_CERT_FILE and its key');
  }
}

/** A plain connection has no certificate. */
function plainWithToken({ mode, minionTls, tlsClientCaFile }: Config): void {
  if (mode === 'minion' && minionTls === 'offered' && tlsClientCaFile !== undefined) {
    throw badSetting(
      'CLUSTER_INSIGHT_MINION_TLS',
      'is `offered`, which does not go with CLUSTER_INSIGHT_TLS_CLIENT_CA_FILE: plain connections show no certificate',
    );
  }
}

function tokensToCheck({ mode, auth, authTokensFile, tokenFile }: Config): void {
  if (mode !== 'minion' && auth === 'token' && authTokensFile === undefined && tokenFile === undefined) {
    throw badSetting('CLUSTER_INSIGHT_AUTH', 'is `token`, which needs CLUSTER_INSIGHT_AUTH_TOKENS_FILE');
  }
}

function streamToFollow({ mode, stream }: Config): void {
  const wrong = stream.find((each) => !/^(nats|tls):$/.test(URL.parse(each)?.protocol ?? ''));
  if (wrong !== undefined)
    throw badSetting(
      'CLUSTER_INSIGHT_STREAM',
      `names a server that is not a nats:// or tls:// URL: ${withoutPassword(wrong)}`,
    );
  if (mode === 'replica' && stream.length === 0)
    throw badSetting('CLUSTER_INSIGHT_STREAM', 'must say where masters publish: a replica reads no cluster itself');
}

function withoutPassword(url: string): string {
  return url.replace(/\/\/[^/@]*@/, '//');
}

function pairedStreamCertificate({ streamCertFile, streamKeyFile }: Config): void {
  if ((streamCertFile === undefined) !== (streamKeyFile === undefined))
    throw badSetting('CLUSTER_INSIGHT_STREAM_CERT_FILE', 'and CLUSTER_INSIGHT_STREAM_KEY_FILE must be set together');
}

function leaseToPublish({ mode, stream, streamLease, streamLeaseDuration, podNamespace }: Config): void {
  if (streamLease === undefined) return;
  if (mode !== 'master' && mode !== 'demo')
    throw badSetting('CLUSTER_INSIGHT_STREAM_LEASE', 'is for masters: nothing else publishes');
  if (stream.length === 0)
    throw badSetting('CLUSTER_INSIGHT_STREAM_LEASE', 'needs CLUSTER_INSIGHT_STREAM: it chooses who publishes there');
  if (streamLease.namespace === undefined && podNamespace === undefined)
    throw badSetting(
      'CLUSTER_INSIGHT_STREAM_LEASE',
      `must name a namespace, as NAMESPACE/${streamLease.name}: CLUSTER_INSIGHT_POD_NAMESPACE is not set`,
    );
  if (streamLeaseDuration < 1000)
    throw badSetting('CLUSTER_INSIGHT_STREAM_LEASE_DURATION', 'must be at least 1s: a Lease counts whole seconds');
}

function folderToShare({ mode, historyShared, historyDir }: Config): void {
  if (historyShared === undefined || mode === 'minion') return;
  if (historyDir === undefined)
    throw badSetting(
      'CLUSTER_INSIGHT_HISTORY_SHARED',
      'needs CLUSTER_INSIGHT_HISTORY_DIR, a folder of this process alone',
    );
  if (resolve(historyShared) === resolve(historyDir))
    throw badSetting('CLUSTER_INSIGHT_HISTORY_SHARED', 'must be another folder than CLUSTER_INSIGHT_HISTORY_DIR');
}

/** Data in memory goes with the process; on a disk others may find it. */
function valuesInHistory({ mode, keepValues, history, historyDir, historyValues }: Config): void {
  if (mode === 'minion' || !keepValues || history === 0 || historyDir === undefined || historyValues) return;
  throw badSetting(
    'CLUSTER_INSIGHT_KEEP_VALUES',
    'and CLUSTER_INSIGHT_HISTORY_DIR together write secret values to a disk: set CLUSTER_INSIGHT_HISTORY_VALUES=true if that is meant',
  );
}

function secretOfAgent({ mode, gateway, gatewaySecretFile }: Config): void {
  if (mode === 'gateway' || gateway === undefined || gatewaySecretFile !== undefined) return;
  throw badSetting('CLUSTER_INSIGHT_GATEWAY', 'needs CLUSTER_INSIGHT_GATEWAY_SECRET_FILE');
}

const knownSchemeNames: readonly string[] = ['hmac-sha512', 'sha512-qs', 'sha512-qsq'];

function knownSchemes({ gatewaySchemes }: Config): void {
  const unknown = gatewaySchemes.find((scheme) => !knownSchemeNames.includes(scheme));
  if (unknown === undefined && gatewaySchemes.length > 0) return;
  const reason = `must be of ${knownSchemeNames.join(', ')}, not ${JSON.stringify(unknown ?? '')}`;
  throw badSetting('CLUSTER_INSIGHT_GATEWAY_SCHEMES', reason);
}

function gatewayInTheOpen({ mode, host, tlsCertFile, gatewayBehindTls, gatewayCommand }: Config): void {
  if (mode !== 'gateway' || gatewayCommand.length > 0) return;
  if (isLoopback(host) || tlsCertFile !== undefined || gatewayBehindTls) return;
  throw badSetting(
    'CLUSTER_INSIGHT_HOST',
    `is ${host}, where agents would send everything in clear text: set CLUSTER_INSIGHT_TLS_CERT_FILE and its key, ` +
      'or CLUSTER_INSIGHT_GATEWAY_BEHIND_TLS=true where TLS ends before the gateway',
  );
}

function gatewayEnrolmentsNamed({ mode, gatewayEnrolments }: Config): void {
  if (mode !== 'gateway' || gatewayEnrolments !== undefined) return;
  throw badSetting('CLUSTER_INSIGHT_GATEWAY_ENROLMENTS', 'must name the folder of the clusters that may call in');
}

function openAddress(config: Config): void {
  if (config.gatewayCommand.length > 0) return;
  if (isLoopback(config.host) || config.allowAnonymous || isAuthenticated(config)) return;
  const means = config.mode === 'minion' ? 'CLUSTER_INSIGHT_TOKEN_FILE' : 'CLUSTER_INSIGHT_AUTH';
  throw badSetting(
    'CLUSTER_INSIGHT_HOST',
    `is ${config.host}, which others can reach without authentication: set ${means}, ` +
      'or CLUSTER_INSIGHT_ALLOW_ANONYMOUS=true if that is meant',
  );
}

function isAuthenticated({ mode, auth, tokenFile, tlsClientCaFile }: Config): boolean {
  // Callers of an actor show a token of the cluster, also on loopback.
  if (mode === 'actor') return true;
  return tlsClientCaFile !== undefined || (mode === 'minion' ? tokenFile !== undefined : auth !== 'none');
}

/** Accepted host names; any if callers must authenticate. */
export function admissionOf(config: Config): { readonly hosts: readonly string[] | undefined } {
  return { hosts: isAuthenticated(config) ? undefined : [config.host, ...config.allowedHosts] };
}

export function isLoopback(host: string): boolean {
  const bare = host.replace(/^\[(.*)\]$/, '$1').replace(/^::ffff:/i, '');
  return bare === 'localhost' || bare === '::1' || (isIPv4(bare) && bare.startsWith('127.'));
}

/** Matchers as they stand within braces: `cluster="east",env!~"test|dev"`. */
const matchers =
  /^\s*[a-zA-Z_]\w*\s*(?:=~|!~|!=|=)\s*"(?:[^"\\\n]|\\.)*"(?:\s*,\s*[a-zA-Z_]\w*\s*(?:=~|!~|!=|=)\s*"(?:[^"\\\n]|\\.)*")*\s*$/;
const longestWindow = 90 * 86_400_000;

function prometheusToAsk({ prometheusUrl, prometheusMatch, sizingWindow }: Config): void {
  const url = prometheusUrl === undefined ? undefined : URL.parse(prometheusUrl);
  const isRight = url === undefined || (url && /^https?:$/.test(url.protocol) && !url.username && !url.search);
  if (!isRight)
    throw badSetting('CLUSTER_INSIGHT_PROMETHEUS_URL', 'must be an http:// or https:// URL without credentials');
  if (prometheusMatch !== undefined && !matchers.test(prometheusMatch))
    throw badSetting(
      'CLUSTER_INSIGHT_PROMETHEUS_MATCH',
      `must be matchers such as cluster="east", separated by commas, not ${JSON.stringify(prometheusMatch.slice(0, 200))}`,
    );
  if (sizingWindow > 0 && (sizingWindow < 7_200_000 || sizingWindow > longestWindow))
    throw badSetting('CLUSTER_INSIGHT_SIZING_WINDOW', 'must be between 2h and 90d, or off');
}

function pairedPrometheusPassword({ prometheusUsername, prometheusPasswordFile }: Config): void {
  if ((prometheusUsername === undefined) !== (prometheusPasswordFile === undefined))
    throw badSetting(
      'CLUSTER_INSIGHT_PROMETHEUS_USERNAME',
      'and CLUSTER_INSIGHT_PROMETHEUS_PASSWORD_FILE must be set together',
    );
}
