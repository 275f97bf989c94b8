// `-o custom-columns=NAME:.metadata.name,IMAGE:.spec.containers[*].image`: columns of an object's own fields, as kubectl has
// them. https://kubernetes.io/docs/reference/kubectl/#custom-columns
import type { Resource } from '../../src/model.ts';
import { usageFailure } from '../failure.ts';
import type { Cell } from './table.ts';

export interface CustomColumn {
  readonly heading: string;
  /** Names of fields, indexes, and `*` for every element. */
  readonly path: readonly string[];
}

export const customColumnsForm = 'custom-columns';
const example = `-o ${customColumnsForm}=NAME:.metadata.name,IMAGE:.spec.containers[*].image`;

/** Undefined for another form. @throws Failure of status 2 */
export function customColumnsOf(form: string | undefined): readonly CustomColumn[] | undefined {
  const [name, list = ''] = cutAt(form ?? '', '=');
  if (name.toLowerCase() !== customColumnsForm) return undefined;
  if (list === '') throw usageFailure(`-o ${customColumnsForm} needs columns, such as ${example}`);
  return list.split(',').map(columnOf);
}

function columnOf(text: string): CustomColumn {
  const [heading, said] = cutAt(text, ':');
  const path = said === undefined ? undefined : pathOf(said);
  if (heading === '' || path === undefined)
    throw usageFailure(`column ${JSON.stringify(text)}: write HEADING:.path, such as ${example}`);
  return { heading, path };
}

function cutAt(text: string, mark: string): [string, string | undefined] {
  const at = text.indexOf(mark);
  return at < 0 ? [text, undefined] : [text.slice(0, at), text.slice(at + 1)];
}

/** `.a.b`, `{.a.b}`, `.a[*].b`, `.a[0]`, `.a['x/y']`, `.a.x\.y`; undefined for anything else. */
function pathOf(text: string): readonly string[] | undefined {
  const bare = text.replace(/^\{(.*)\}$/, '$1').replace(/^\$/, '');
  const step = /\.((?:[^.[\]'\\]|\\.)+)|\[(\*|\d+)\]|\['([^']*)'\]/y;
  const parts: string[] = [];
  while (step.lastIndex < bare.length) {
    const found = step.exec(bare);
    if (!found) return undefined;
    parts.push(found[1]?.replaceAll(/\\(.)/g, '$1') ?? found[2] ?? found[3] ?? '');
  }
  return parts.length > 0 ? parts : undefined;
}

/** For `fields=`: of the properties only what the columns show. */
export function pointersOf(columns: readonly CustomColumn[]): string {
  const escaped = (part: string) => part.replaceAll('~', '~0').replaceAll('/', '~1');
  // A single element would lose its place among those that are left.
  const whole = (path: readonly string[]) => {
    const at = path.findIndex((part) => /^\d+$/.test(part));
    return at < 0 ? path : path.slice(0, at);
  };
  return columns.map(({ path }) => ['/properties', ...whole(path).map(escaped)].join('/')).join(',');
}

export function customRowOf({ properties }: Resource, columns: readonly CustomColumn[]): Cell[] {
  return columns.map(({ path }) => {
    const values = valuesAt(properties, path);
    return { text: values.length > 0 ? values.map(textOf).join(',') : '<none>' };
  });
}

function valuesAt(value: unknown, [first, ...rest]: readonly string[]): readonly unknown[] {
  if (first === undefined) return value === undefined || value === null ? [] : [value];
  if (typeof value !== 'object' || value === null) return [];
  if (first === '*') return Object.values(value).flatMap((each) => valuesAt(each, rest));
  return Object.hasOwn(value, first) ? valuesAt((value as { [name: string]: unknown })[first], rest) : [];
}

function textOf(value: unknown): string {
  return typeof value === 'string' ? value : JSON.stringify(value);
}
