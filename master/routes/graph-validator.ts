// The validator of a whole answer: the revision of the graph, or of the part that it depends on, or a digest of what it says.
import type { FastifyReply, FastifyRequest } from 'fastify';
import type { Part } from '../graph/questions/part-revisions.ts';
import type { Query } from '../graph/questions/query.ts';
import type { Selection } from '../graph/questions/selection.ts';
import type { AnsweringGraph } from './answering-graph.ts';
import { contentOf, unchangedContent } from './content-validator.ts';
import type { GraphQuestion } from './graph-question.ts';
import { unknownNamespaces } from './unknown-namespaces.ts';
import { unchanged, unchangedPart, validate, validatePart } from './validators.ts';

export class GraphValidator {
  readonly #request: FastifyRequest;
  readonly #reply: FastifyReply;
  readonly #found: AnsweringGraph;
  /** What the answer depends on, where that is less than everything. */
  readonly #part: Part | undefined;

  constructor(request: FastifyRequest, reply: FastifyReply, question: GraphQuestion, found: AnsweringGraph) {
    this.#request = request;
    this.#reply = reply;
    this.#found = found;
    this.#part = partOf(question, found);
  }

  /** True if nothing changed since the caller's answer: 304 was sent. */
  isUnchanged(): boolean {
    const { here } = this.#found;
    if (this.#part) return unchangedPart(this.#request, this.#reply, here, this.#part);
    return unchanged(this.#request, this.#reply, here.epoch, here.graph.revision);
  }

  /** True if the same was selected again: it is released, and 304 was sent. `more`: the answer's other members. */
  async isUnchangedContent(selection: Selection, more: readonly string[]): Promise<boolean> {
    const { here, query } = this.#found;
    if (!this.#part && !isWhole(query))
      return unchangedContent(this.#request, this.#reply, here, contentOf(selection, more));
    if (this.#part) validatePart(this.#reply, here, this.#part, selection.revision);
    else validate(this.#reply, here.epoch, selection.revision);
    return false;
  }
}

/** Its validator is the revision of the graph, which `at=` takes. */
function isWhole({ resource, walk, neighbours }: Query): boolean {
  return !(resource || walk || neighbours);
}

function partOf({ asked, bare }: GraphQuestion, { here, query }: AnsweringGraph): Part | undefined {
  const { resource, walk, neighbours } = query;
  const { type, namespace } = resource ?? {};
  if (here.past || walk || neighbours || !(type || namespace)) return undefined;
  // An answer that reports an unknown namespace depends on which namespaces exist, not only on this part.
  return unknownNamespaces(asked.namespace, here.graph).length > 0 ? undefined : { type, namespace, bare };
}
