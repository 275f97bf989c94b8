// The forms of `-o`: those that are made here of the JSON answer, and those that are answered as they are.
import { stringify } from 'yaml';
import { views } from '../master/views/index.ts';
import type { Completeness, Relation, Resource } from '../src/model.ts';
import { didYouMean } from '../src/nearest.ts';
import { usageFailure } from './failure.ts';
import type { Output } from './print/output.ts';
import { shown } from './print/output.ts';
import { bodyOf, jsonOf, type Parameters, pathOf, type Source } from './sources/source.ts';

export interface GraphAnswer {
  readonly resources: readonly Resource[];
  readonly relations: readonly Relation[];
  readonly completeness?: Partial<Completeness>;
  /** Read back from a drawing, which shows what there is and not all that is said of it. */
  readonly drawn?: true;
}

/** The path and parameters of a question, without how its answer is to be written. */
export interface Question {
  readonly path: string;
  readonly query: Parameters;
}

export const answeredForms: readonly string[] = ['json', 'ndjson', ...views.map(({ name }) => name)];
const ownForms: readonly string[] = ['wide', 'yaml', 'name'];

/** The help of `-o`. */
export const formWords = [...ownForms, ...answeredForms].join('|');

/** @throws Failure of status 2 */
export function checkForm(
  form: string | undefined,
  allowed: readonly string[] = ['table', ...ownForms, ...answeredForms],
): void {
  if (form === undefined || allowed.includes(form)) return;
  throw usageFailure(
    `unknown output format ${JSON.stringify(form)}${didYouMean(form, allowed) || `; -o takes ${allowed.join(', ')}`}`,
  );
}

/** Of a table or tree, whose columns need no more of the properties than this. */
const shownFields = [
  'metadata/creationTimestamp',
  'spec/nodeName',
  'spec/initContainers/*/name',
  'spec/initContainers/*/restartPolicy',
  'status/phase',
  'status/conditions/*/type',
  'status/conditions/*/status',
  'status/restartCount',
  'status/lastState/terminated/finishedAt',
  ...['initContainerStatuses', 'containerStatuses'].flatMap((list) =>
    ['name', 'started', 'ready', 'restartCount', 'state', 'lastState/terminated/finishedAt'].map(
      (field) => `status/${list}/*/${field}`,
    ),
  ),
]
  .map((field) => `/properties/${field}`)
  .join(',');

export function graphFor<T extends GraphAnswer>(source: Source, { path, query }: Question): Promise<T> {
  return jsonOf(source, pathOf(path, shownOf(query)));
}

/** The question with what a table shows of the properties. */
export function shownOf(query: Parameters): Parameters {
  return { ...query, fields: shownFields };
}

/** Writes the answer in a form that needs no table; false where the form is one. */
export async function printForm(
  output: Output,
  source: Source,
  form: string | undefined,
  question: Question,
): Promise<boolean> {
  const { path, query } = question;
  if (form !== undefined && answeredForms.includes(form)) {
    await output.pipe(await bodyOf(source, pathOf(path, { ...query, format: form === 'json' ? undefined : form })));
  } else if (form === 'yaml') {
    await output.pipe(yamlOf(await jsonOf<object>(source, pathOf(path, query))));
  } else if (form === 'name') {
    const { resources } = await jsonOf<GraphAnswer>(source, pathOf(path, { ...query, properties: 'false' }));
    for (const { id } of resources) await output.line(shown(id));
  } else return false;
  return true;
}

async function* yamlOf(value: object): AsyncGenerator<string> {
  yield stringify(value, { aliasDuplicateObjects: false, lineWidth: 0 });
}
