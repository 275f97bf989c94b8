// The same selection as a table: a row per resource, sorted by any column.
import { html, nothing, type TemplateResult } from 'lit-html';
import type { Resource } from '../../src/model.ts';
import { noteOf } from '../rollup/cards.ts';
import { counted, kindOf, nameOf, namespaceOf, severity, stateOf } from '../words.ts';
import { csvOf } from './csv.ts';
import { stateTemplate } from './map.ts';

export const columns = ['Name', 'Kind', 'Namespace', 'State', 'Why', 'Application', 'Relations', 'Created'] as const;
export type Column = (typeof columns)[number];

export interface TableContext {
  readonly resources: readonly Resource[];
  readonly relationsOf: (id: string) => number;
  readonly focused: string;
  readonly sort: { readonly column: Column; readonly down: boolean };
  readonly onSort: (column: Column) => void;
  readonly onRow: (id: string) => void;
  readonly onCsv: (text: string) => void;
}

const mostRows = 1000;

export function tableTemplate(context: TableContext): TemplateResult {
  const { resources, sort, onSort } = context;
  const sorted = sortedBy(resources, sort, context.relationsOf);
  const rows = sorted.slice(0, mostRows);
  return html`<table class="table">
    <caption>${counted(resources.length, 'resource')}${rows.length < sorted.length ? html`, the first ${rows.length} are shown: filter by kind, state or text to see the others` : nothing} <button type="button" @click=${() => context.onCsv(csvOf([columns, ...sorted.map((each) => textsOf(each, context.relationsOf))]))}>CSV of all</button></caption>
    <thead><tr>${columns.map(
      (
        column,
      ) => html`<th scope="col" aria-sort=${sort.column === column ? (sort.down ? 'descending' : 'ascending') : 'none'}>
        <button type="button" @click=${() => onSort(column)}>${column}</button></th>`,
    )}</tr></thead>
    <tbody>${rows.map((resource) => rowTemplate(context, resource))}</tbody>
  </table>`;
}

function rowTemplate({ focused, onRow, relationsOf }: TableContext, resource: Resource): TemplateResult {
  const { id, type, annotations } = resource;
  return html`<tr class=${id === focused ? 'focused' : ''}>
    <th scope="row"><button type="button" class="link" data-row=${id} @click=${() => onRow(id)}>${annotations.label || nameOf(id)}</button></th>
    <td>${kindOf(type)}</td>
    <td>${namespaceOf(id)}</td>
    <td>${stateTemplate(stateOf(resource))}</td>
    <td>${noteOf(resource)}</td>
    <td>${annotations.application?.name ?? ''}</td>
    <td class="number">${relationsOf(id)}</td>
    <td>${createdOf(resource)}</td>
  </tr>`;
}

type Value = string | number;

const values: { readonly [column in Column]: (resource: Resource, relations: (id: string) => number) => Value } = {
  Name: ({ id, annotations }) => annotations.label || nameOf(id),
  Kind: ({ type }) => kindOf(type),
  Namespace: ({ id }) => namespaceOf(id),
  State: (resource) => severity(stateOf(resource)),
  Why: noteOf,
  Application: ({ annotations }) => annotations.application?.name ?? '',
  Relations: ({ id }, relations) => relations(id),
  Created: createdOf,
};

function textsOf(resource: Resource, relations: (id: string) => number): string[] {
  return columns.map((column) =>
    column === 'State' ? stateOf(resource) : String(values[column](resource, relations)),
  );
}

export function sortedBy(
  resources: readonly Resource[],
  { column, down }: TableContext['sort'],
  relations: (id: string) => number,
): Resource[] {
  const sign = down ? -1 : 1;
  const keyed = resources.map((resource) => [values[column](resource, relations), resource] as const);
  return keyed
    .sort(([a, p], [b, q]) => (a < b ? -sign : a > b ? sign : p.id < q.id ? -1 : 1))
    .map(([, resource]) => resource);
}

function createdOf({ properties }: Resource): string {
  const { metadata } = (properties ?? {}) as { metadata?: { creationTimestamp?: unknown } };
  const created = metadata?.creationTimestamp;
  return typeof created === 'string' ? created.replace('T', ' ').replace(/(\.\d+)?Z$/, '') : '';
}
