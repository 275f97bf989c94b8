// Finds a saved answer of `/cluster`, in JSON, NDJSON or as a drawing, among the contents of files.
import { isRecord } from '../../src/fields.ts';
import type { Completeness, Relation, Resource } from '../../src/model.ts';
import { failed } from '../failure.ts';
import type { GraphAnswer } from '../forms.ts';
import type { Documents } from '../read/graph.ts';

/** Undefined if the files have none. @throws Failure if they have one and something else. */
export function savedIn({ documents, drawings }: Documents, name: string): GraphAnswer | undefined {
  const [drawing, ...others] = drawings;
  if (drawing && (others.length > 0 || documents.length > 0))
    throw failed(`${name}: a drawing is a graph of its own: give it alone, or compare two with diff`);
  return (
    drawing ??
    savedAnswer(
      documents.map(({ value }) => value),
      name,
    )
  );
}

/** Undefined if the documents are no saved answer. @throws Failure if they are an incomplete one. */
export function savedAnswer(documents: readonly unknown[], name: string): GraphAnswer | undefined {
  const last = documents.at(-1);
  if (!isRecord(last) || last.success !== true) return undefined;
  const { resources, relations, completeness } = last;
  if (Array.isArray(resources)) {
    if (!Array.isArray(relations))
      throw failed(`${name} holds resources without relations: save /cluster, not /cluster/resources`);
    return { ...saidOf(completeness), resources: resources as Resource[], relations: relations as Relation[] };
  }
  const lines = documents.slice(0, -1).filter(isRecord);
  const answer = {
    ...saidOf(completeness),
    resources: lines.filter((line) => 'id' in line) as unknown as Resource[],
    relations: lines.filter((line) => 'source' in line) as unknown as Relation[],
  };
  if (answer.resources.length !== resources || answer.relations.length !== relations)
    throw failed(`${name} is a part of an answer: its last line counts other than it holds`);
  return answer;
}

function saidOf(completeness: unknown): Pick<GraphAnswer, 'completeness'> {
  return isRecord(completeness) ? { completeness: completeness as Partial<Completeness> } : {};
}
