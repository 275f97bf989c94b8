// Whether a client has an answer already: https://www.rfc-editor.org/rfc/rfc9110#name-if-none-match
import type { FastifyReply, FastifyRequest } from 'fastify';

/** True if the client has what the validator stands for: 304 was sent. The validator may be weak. */
export function answeredUnchanged({ headers }: FastifyRequest, reply: FastifyReply, tag: string): boolean {
  const known = headers['if-none-match'];
  if (known === undefined) return false;
  const tags = known.split(',').map(opaque);
  if (!tags.includes(opaque(tag)) && !tags.includes('*')) return false;
  reply.code(304).send();
  return true;
}

/** Compared weakly, as RFC 9110 has it for this header. */
function opaque(tag: string): string {
  return tag.trim().replace(/^W\//, '');
}
