// The validator of a small answer is a digest of its content, so it changes only with the answer.
import { createHash } from 'node:crypto';
import type { FastifyReply, FastifyRequest } from 'fastify';
import type { Steps } from '../../src/steps.ts';
import type { Piece } from '../graph/model/bytes.ts';
import type { Selection } from '../graph/questions/selection.ts';
import { chunksOf } from '../graph/revisions/snapshot.ts';
import type { Source } from './answer.ts';
import { inTurns } from './in-turns.ts';
import type { Here } from './moment.ts';
import { unchangedDigest, validate } from './validators.ts';

/** Resources of an answer that is digested: some milliseconds. Larger ones follow the whole graph. */
const most = 1000;

export interface Content extends Pick<Source, 'revision' | 'completeness' | 'release'> {
  /** Number of resources. */
  readonly count: number;
  resources(): Iterable<Piece>;
  relations(): Iterable<Piece | undefined>;
  /** Texts of all other members, apart from the revision and the moment of the graph. */
  more(): Iterable<string>;
}

/** The content of a selection, with the texts of the answer's other members. */
export function contentOf(selection: Selection & { readonly note?: string }, more: readonly string[]): Content {
  return { ...selection, more: () => [...more, selection.note ?? ''] };
}

/** Sets the validator. True if the caller has the answer already: it is released, and 304 was sent. */
export async function unchangedContent(
  request: FastifyRequest,
  reply: FastifyReply,
  { epoch, past }: Pick<Here, 'epoch' | 'past'>,
  content: Content,
): Promise<boolean> {
  if (past || content.count > most) {
    validate(reply, epoch, content.revision);
    return false;
  }
  const known = await digested(reply, content).then((digest) => unchangedDigest(request, reply, epoch, digest));
  if (known) content.release();
  return known;
}

async function digested(reply: FastifyReply, content: Content): Promise<string> {
  try {
    return await inTurns(reply, digestOf(content));
  } catch (error) {
    content.release();
    throw error;
  }
}

function* digestOf({ resources, relations, more, completeness }: Content): Steps<string> {
  const hash = createHash('sha1');
  for (const pieces of [resources(), relations()]) {
    for (const chunk of chunksOf(pieces)) {
      if (chunk) hash.update(chunk);
      yield;
    }
    hash.update('\n]\n');
  }
  for (const text of more()) hash.update(text);
  return hash.update(completeness).digest('base64url');
}
