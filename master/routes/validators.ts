// ETags: what an answer depends on, and whether the caller has it already.
import type { FastifyReply, FastifyRequest } from 'fastify';
import { answeredUnchanged } from '../../src/http/if-none-match.ts';
import { type Part, partRevisions } from '../graph/questions/part-revisions.ts';
import { accepted } from './forms.ts';
import type { RouteContext } from './route.ts';

/** Sets the ETag of a revision. True if the caller has it already, and 304 was sent. */
export function unchanged(request: FastifyRequest, reply: FastifyReply, epoch: string, revision: number): boolean {
  return answeredUnchanged(request, reply, validate(reply, epoch, revision));
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
  return answeredUnchanged(request, reply, tagged(reply, partTag(epoch, partRevisions(graph).of(part))));
}

/** Says by its validator how the part was at the revision that is answered: it may have changed since. */
export function validatePart(reply: FastifyReply, { epoch, graph }: Here, part: Part, answered: number): void {
  tagged(reply, partTag(epoch, Math.min(partRevisions(graph).of(part), answered)));
}

/** Sets the validator of an answer of that digest; true when the caller has it and 304 was answered. */
export function unchangedDigest(request: FastifyRequest, reply: FastifyReply, epoch: string, digest: string): boolean {
  // Weak: the answer says the revision of the whole graph, too.
  return answeredUnchanged(request, reply, tagged(reply, `W/"${epoch}-is-${digest}"`));
}

type Here = Pick<RouteContext, 'epoch' | 'graph'>;

/** Weak: an answer says the revision of the whole graph, too, which goes on while the part stays. */
function partTag(epoch: string, revision: number): string {
  return `W/"${epoch}-part-${revision}"`;
}

/** Another form of the same address that `Accept` chose has a tag of its own: its reader does not have the usual one. */
function tagged(reply: FastifyReply, usual: string): string {
  const form = accepted(reply);
  const tag = form === undefined ? usual : `${usual.slice(0, -1)}.${form}"`;
  reply.header('etag', tag).header('cache-control', 'no-cache');
  return tag;
}
