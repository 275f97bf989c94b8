// Rejects, before routing, requests not meant for this service: foreign host names, requests that another site's page makes
// through a browser, and disguised spellings of paths.
//
// Browsers separate pages by host name. A stranger's page can let its own name resolve to loopback; to the browser it then
// belongs to this service, and only the `Host` header reveals it.
import { isIP } from 'node:net';
import type { FastifyRequest } from 'fastify';
import { type Fault, fault } from '../errors.ts';
import { isLoopback } from '../settings/config-checks.ts';

export interface AdmissionOptions {
  /**
   * Accepted host names besides `localhost` and loopback addresses. Undefined for any: if callers must authenticate, a page
   * cannot do that for its reader.
   */
  readonly hosts?: readonly string[] | undefined;
  /** Origins whose pages may make requests. */
  readonly origins?: readonly string[];
}

type Refusal = (request: FastifyRequest) => Fault | undefined;

/** The first objection to a request, if any. */
export function createAdmission({ hosts, origins = [] }: AdmissionOptions): Refusal {
  const names = hosts && new Set(hosts.map((host) => bare(host)));
  const trusted = new Set(origins);
  const checks: readonly Refusal[] = [
    refuseSpelling,
    (request) => (names ? refuseHost(request, names) : undefined),
    (request) => refuseOtherSites(request, trusted),
  ];
  return (request) => {
    for (const check of checks) {
      const refused = check(request);
      if (refused) return refused;
    }
    return undefined;
  };
}

/** Unreserved characters mean the same unencoded: RFC 3986 section 2.3. */
const encodedUnreserved = /%(?:2[DE]|3\d|4[1-9A-F]|5[0-9A]|5F|6[1-9A-F]|7[0-9A]|7E)/i;

function refuseSpelling({ raw }: FastifyRequest): Fault | undefined {
  const { url = '', rawHeaders } = raw;
  if (!url.startsWith('/')) return fault('bad_request', { reason: 'its target must be a path' });
  const [path = ''] = url.split('?', 1);
  if (encodedUnreserved.test(path))
    return fault('bad_request', { reason: 'letters, digits and -._~ of a path must not be percent-encoded' });
  const given = rawHeaders.filter((name, i) => i % 2 === 0 && name.toLowerCase() === 'host');
  return given.length > 1 ? fault('bad_request', { reason: 'it names two hosts' }) : undefined;
}

function refuseHost({ raw }: FastifyRequest, names: ReadonlySet<string>): Fault | undefined {
  const { host = '' } = raw.headers;
  const name = hostname(host);
  // The literal address of the connection is this process, whatever a name server says.
  const isOwn = name !== undefined && isIP(name) !== 0 && name === bare(raw.socket.localAddress ?? '');
  if (name !== undefined && (isLoopback(name) || names.has(name) || isOwn)) return undefined;
  return fault('misdirected', { host: host.slice(0, 255) || '(no name)' });
}

/** `name`, `name:port` or `[::1]:port`; undefined otherwise. */
function hostname(host: string): string | undefined {
  const [, name] = /^(\[[0-9a-f:.]+\]|[\w.-]+)(?::\d{1,5})?$/i.exec(host) ?? [];
  return name === undefined ? undefined : bare(name);
}

function bare(name: string): string {
  return name
    .toLowerCase()
    .replace(/^\[(.*)\]$/, '$1')
    .replace(/^::ffff:(?=\d+\.)/, '')
    .replace(/\.$/, '');
}

/**
 * The page that asks. A picture or a frame is asked for without `Origin`; its page may hide the `Referer`, and cannot put
 * another page's into it.
 */
export function askingOrigin({ origin, referer }: FastifyRequest['headers']): string | undefined {
  if (origin !== undefined || referer === undefined) return origin;
  return URL.parse(referer)?.origin;
}

/** https://www.w3.org/TR/fetch-metadata/ */
function refuseOtherSites({ headers, routeOptions }: FastifyRequest, trusted: ReadonlySet<string>): Fault | undefined {
  const site = headers['sec-fetch-site'];
  if (site === undefined || site === 'none' || site === 'same-origin') return undefined;
  const origin = askingOrigin(headers);
  if (origin !== undefined && trusted.has(origin)) return undefined;
  // The linking page cannot read what its link opens in the window.
  const isLink = headers['sec-fetch-mode'] === 'navigate' && headers['sec-fetch-dest'] === 'document';
  if (isLink && routeOptions.config?.linkable === true) return undefined;
  return fault('forbidden', {
    reason: `a page of another site asks for it (Sec-Fetch-Site: ${String(site).slice(0, 40)})`,
  });
}
