// One side of a comparison: a saved answer of `/cluster`, in JSON or NDJSON; else files with objects; else a master's URL.
import { isRecord } from '../../src/fields.ts';
import type { Relation, Resource } from '../../src/model.ts';
import { failed } from '../failure.ts';
import type { GraphAnswer } from '../forms.ts';

/** Undefined where the documents are no saved answer. @throws Failure where they are half of one. */
export function savedAnswer(documents: readonly unknown[], name: string): GraphAnswer | undefined {
  const last = documents.at(-1);
  if (!isRecord(last) || last.success !== true) return undefined;
  const { resources, relations } = last;
  if (Array.isArray(resources)) {
    if (!Array.isArray(relations))
      throw failed(`${name} holds resources without relations: save /cluster, not /cluster/resources`);
    return { resources: resources as Resource[], relations: relations as Relation[] };
  }
  const lines = documents.slice(0, -1).filter(isRecord);
  const answer = {
    resources: lines.filter((line) => 'id' in line) as unknown as Resource[],
    relations: lines.filter((line) => 'source' in line) as unknown as Relation[],
  };
  if (answer.resources.length !== resources || answer.relations.length !== relations)
    throw failed(`${name} is a part of an answer: its last line counts other than it holds`);
  return answer;
}
