// Refuses, before anything is routed, what was not meant for this service: a name that is not its own, a request that the
// page of another site had a browser make, and spellings that only serve to look different from what they are.
//
// A browser keeps pages apart by the name they came from. The page of a stranger can have its own name answered with a
// loopback address and is then, for the browser, a page of this service: nothing but the name in `Host` tells.
import { isIP } from 'node:net';
import type { FastifyRequest } from 'fastify';
import { type Fault, fault } from '../errors.ts';
import { isLoopback } from '../settings/config-checks.ts';

export interface AdmissionOptions {
  /**
   * Names, besides `localhost` and literal addresses of loopback, under which it may be asked for. Undefined: any, because
   * whoever asks must prove who they are, which no page can do for its reader.
   */
  readonly hosts?: readonly string[] | undefined;
  /** Origins whose pages may ask. */
  readonly origins?: readonly string[];
}

type Refusal = (request: FastifyRequest) => Fault | undefined;

/** The first objection to a request, undefined where there is none. */
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

/** One that is sent as it is means the same: RFC 3986 section 2.3. */
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
  // The literal address that the connection came in by is this process, whatever any name server says.
  const isOwn = name !== undefined && isIP(name) !== 0 && name === bare(raw.socket.localAddress ?? '');
  if (name !== undefined && (isLoopback(name) || names.has(name) || isOwn)) return undefined;
  return fault('misdirected', { host: host.slice(0, 255) });
}

/** `name`, `name:port`, `[::1]:port`. Undefined for what is none of these. */
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
  // What a link opens, on top of the window, cannot be read by the page that the link is on.
  const isLink = headers['sec-fetch-mode'] === 'navigate' && headers['sec-fetch-dest'] === 'document';
  if (isLink && routeOptions.config?.linkable === true) return undefined;
  return fault('forbidden', {
    reason: `a page of another site asks for it (Sec-Fetch-Site: ${String(site).slice(0, 40)})`,
  });
}
