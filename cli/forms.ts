// The forms of `-o`: those made here from JSON, and those printed as answered.
import { stringify } from 'yaml';
import { views } from '../master/views/index.ts';
import type { Completeness, Relation, Resource } from '../src/model.ts';
import { didYouMean } from '../src/nearest.ts';
import { usageFailure } from './failure.ts';
import { customColumnsForm } from './print/custom-columns.ts';
import type { Output } from './print/output.ts';
import { shown } from './print/output.ts';
import { bodyOf, jsonOf, type Parameters, pathOf, type Source } from './sources/source.ts';

export interface GraphAnswer {
  readonly resources: readonly Resource[];
  readonly relations: readonly Relation[];
  readonly completeness?: Partial<Completeness>;
  /** From a drawing, which lacks details. */
  readonly drawn?: true;
}

/** Path and parameters of a question, without its form. */
export interface Question {
  readonly path: string;
  readonly query: Parameters;
}

export const answeredForms: readonly string[] = ['json', 'ndjson', ...views.map(({ name }) => name)];
const ownForms: readonly string[] = ['wide', 'yaml', 'name'];

/** Listed in the help of `-o`. */
export const formWords = [...ownForms, ...answeredForms].join('|');

const graphForms: readonly string[] = ['table', ...ownForms, ...answeredForms];
/** Of a list of objects. */
export const listForms: readonly string[] = [...graphForms, customColumnsForm];

/** @throws Failure of status 2 */
export function checkForm(form: string | undefined, allowed: readonly string[] = graphForms): void {
  if (form === undefined || allowed.includes(form)) return;
  const [name = ''] = form.split('=', 1);
  if (name === customColumnsForm && allowed.includes(name)) return;
  if (name === customColumnsForm) throw usageFailure(`-o ${customColumnsForm} goes with get`);
  if (/^(?:jsonpath|go-template)(?:-|$)/.test(name))
    throw usageFailure(
      `-o ${name} is not supported; use -o json with jq, or -o ${customColumnsForm}=NAME:.metadata.name`,
    );
  throw usageFailure(
    `unknown output format ${JSON.stringify(form)}${didYouMean(form, allowed) || `; -o takes ${allowed.join(', ')}`}`,
  );
}

/** Properties needed by the columns of a table or tree. */
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

/** The question, limited to the properties in a table. */
export function shownOf(query: Parameters): Parameters {
  return { ...query, fields: shownFields };
}

/** Writes forms other than tables; false for a table. */
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
