// ETags: what an answer depends on, and whether the caller has it already.
import type { FastifyReply, FastifyRequest } from 'fastify';
import { type Part, partRevisions } from '../graph/questions/part-revisions.ts';
import type { RouteContext } from './route.ts';

/** Sets the ETag of a revision. True if the caller has it already, and 304 was sent. */
export function unchanged(request: FastifyRequest, reply: FastifyReply, epoch: string, revision: number): boolean {
  return isKnown(request, reply, validate(reply, epoch, revision));
}

function isKnown(request: FastifyRequest, reply: FastifyReply, own: string): boolean {
  const tag = own.replace(/^W\//, '');
  const known = request.headers['if-none-match'];
  if (known === undefined) return false;
  const tags = known.split(',').map((each) => each.trim().replace(/^W\//, ''));
  if (!tags.includes(tag) && !tags.includes('*')) return false;
  reply.code(304).send();
  return true;
}

/** Sets the ETag to the answer's revision: the graph may have changed since the caller's was compared. */
export function validate(reply: FastifyReply, epoch: string, revision: number): string {
  return tagged(reply, `"${epoch}-${revision}"`);
}

/** Sets the validator of a part; true when the caller has it as it is already and 304 was answered. */
export function unchangedPart(
  request: FastifyRequest,
  reply: FastifyReply,
  { epoch, graph }: Here,
  part: Part,
): boolean {
  return isKnown(request, reply, tagged(reply, partTag(epoch, partRevisions(graph).of(part))));
}

/** Says by its validator how the part was at the revision that is answered: it may have changed since. */
export function validatePart(reply: FastifyReply, { epoch, graph }: Here, part: Part, answered: number): void {
  tagged(reply, partTag(epoch, Math.min(partRevisions(graph).of(part), answered)));
}

/** Sets the validator of an answer of that digest; true when the caller has it and 304 was answered. */
export function unchangedDigest(request: FastifyRequest, reply: FastifyReply, epoch: string, digest: string): boolean {
  // Weak: the answer says the revision of the whole graph, too.
  return isKnown(request, reply, tagged(reply, `W/"${epoch}-is-${digest}"`));
}

type Here = Pick<RouteContext, 'epoch' | 'graph'>;

/** Weak: an answer says the revision of the whole graph, too, which goes on while the part stays. */
function partTag(epoch: string, revision: number): string {
  return `W/"${epoch}-part-${revision}"`;
}

function tagged(reply: FastifyReply, tag: string): string {
  reply.header('etag', tag).header('cache-control', 'no-cache');
  return tag;
}
