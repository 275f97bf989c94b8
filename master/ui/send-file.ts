// Sends a file of the page: https://www.rfc-editor.org/rfc/rfc9110#name-content-negotiation
import type { FastifyReply, FastifyRequest } from 'fastify';
import Negotiator from 'negotiator';
import { answeredUnchanged } from '../../src/http/if-none-match.ts';
import { varyBy } from '../../src/http/vary.ts';
import type { StaticFile } from './static-files.ts';

/** Only our own files, no inline scripts or styles, no HTML from strings: https://www.w3.org/TR/CSP3/ */
export const pagePolicy = [
  "default-src 'none'",
  "script-src 'self'",
  "style-src 'self'",
  "img-src 'self'",
  "connect-src 'self'",
  "base-uri 'none'",
  "form-action 'none'",
  "frame-ancestors 'none'",
  "require-trusted-types-for 'script'",
  'trusted-types lit-html',
].join('; ');

export function sendFile(request: FastifyRequest, reply: FastifyReply, file: StaticFile): FastifyReply {
  const encoding = encodingOf(request, file);
  const etag = encoding === 'identity' ? file.etag : `${file.etag.slice(0, -1)}-${encoding}"`;
  reply
    .header('content-security-policy', pagePolicy)
    .header('cache-control', file.immutable ? 'public, max-age=31536000, immutable' : 'no-cache')
    .header('etag', etag)
    .type(file.type);
  if (!file.immutable) varyBy(reply, 'accept');
  varyBy(reply, 'accept-encoding');
  if (answeredUnchanged(request, reply, etag)) return reply;
  if (encoding !== 'identity') reply.header('content-encoding', encoding);
  return reply.send(encoding === 'identity' ? file.plain() : file[encoding]);
}

/** Over plain HTTP to remote hosts browsers offer only gzip. */
function encodingOf(request: FastifyRequest, file: StaticFile): 'br' | 'gzip' | 'identity' {
  const accepted = new Negotiator(request.raw).encodings(['br', 'gzip', 'identity']);
  return (['br', 'gzip'] as const).find((name) => accepted.includes(name) && file[name]) ?? 'identity';
}

/** Whether the client prefers HTML: browsers do, curl does not. */
export function wantsPage({ headers }: Pick<FastifyRequest, 'headers'>): boolean {
  return /\btext\/html\b/.test(headers.accept ?? '');
}
