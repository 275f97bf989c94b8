// Which headers of a request an answer depends on: https://www.rfc-editor.org/rfc/rfc9110#name-vary
import type { FastifyReply } from 'fastify';

/** Adds a header, in lower case, to those that are named, such as `origin` for pages of other sites. False if it is among them. */
export function varyBy(reply: FastifyReply, name: string): boolean {
  const known = String(reply.getHeader('vary') ?? '')
    .split(',')
    .flatMap((each) => each.trim() || []);
  if (known.some((each) => each.toLowerCase() === name)) return false;
  reply.header('vary', [...known, name].join(', '));
  return true;
}
