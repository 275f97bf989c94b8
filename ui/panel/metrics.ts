// What a resource used in the last hour, compared with its requests and limits; without metrics, the reason.
import { html, nothing, svg, type TemplateResult } from 'lit-html';
import { type Amounts, amountText, drawn, type ResourceNumbers, type Series } from '../numbers.ts';
import { momentOf } from '../views/view.ts';
import { counted, kindOf } from '../words.ts';
import type { Section } from './section.ts';

interface Answer {
  readonly from: string;
  readonly to: string;
  readonly resources: { readonly [id: string]: ResourceNumbers };
  /** How the probes of nodes stand. */
  readonly telemetry: { readonly [node: string]: { readonly state: string; readonly reason?: string } };
}

/** What uses processor and memory, or holds what does. */
const running = new Set([
  'Pod',
  'Container',
  'Node',
  'Deployment',
  'StatefulSet',
  'DaemonSet',
  'ReplicaSet',
  'ReplicationController',
  'Job',
  'CronJob',
]);
const names: readonly (readonly [family: string, title: string])[] = [
  ['cpu', 'Processor'],
  ['cpuThrottled', 'Throttled'],
  ['memory', 'Memory'],
  ['memoryAvailable', 'Memory free'],
  ['networkReceived', 'Received'],
  ['networkSent', 'Sent'],
  ['diskRead', 'Disk read'],
  ['diskWritten', 'Disk written'],
];
const size = { width: 190, height: 34 };

export const metrics = {
  name: 'metrics',
  title: 'Usage, last hour',
  render({ resource, state, serves, fetched }) {
    if (!resource || !running.has(kindOf(resource.type)) || !serves('/cluster/metrics')) return nothing;
    if (resource.annotations.missing || resource.annotations.absent) return nothing;
    const answer = fetched(
      'metrics',
      momentOf(`cluster/metrics?range=1h&of=${encodeURIComponent(resource.id)}`, state.at),
    );
    if (!answer) return html`<p>Loading</p>`;
    if (answer.error !== undefined) return html`<p class="hint">${answer.error}</p>`;
    const { resources, telemetry } = answer.body as Answer;
    const numbers = resources[resource.id];
    if (!numbers || Object.keys(numbers.families).length === 0)
      return html`<p class="hint">${whyNone(telemetry)}</p>${askedTemplate(numbers)}`;
    return html`<dl class="usage-rows">${names.map(([family, title]) => {
      const series = numbers.families[family];
      return series ? rowTemplate(title, series, marksOf(family, numbers), numbers.containers) : nothing;
    })}</dl>
    ${numbers.oomKills ? html`<p class="bad">Killed ${numbers.oomKills} times for lack of memory</p>` : nothing}`;
  },
} as const satisfies Section;

function whyNone(telemetry: Answer['telemetry']): string {
  const nodes = Object.values(telemetry);
  if (nodes.length === 0) return 'No numbers: no minion with probes tells any.';
  const bad = nodes.filter(({ state }) => state !== 'synced');
  return bad.length > 0
    ? `No numbers: the probes of ${counted(bad.length, 'node')} do not answer.`
    : 'No numbers of this are known yet: they come once a minute.';
}

/** What is asked for is known without any probe. */
function askedTemplate(numbers: ResourceNumbers | undefined): TemplateResult | typeof nothing {
  if (!numbers) return nothing;
  const rows = (['cpu', 'memory'] as const).flatMap((name) => {
    const words = markWords(marksOf(name, numbers), name === 'cpu' ? 'cores' : 'bytes');
    return words === '' ? [] : [html`<dt>${name === 'cpu' ? 'Processor' : 'Memory'}</dt><dd>${words}</dd>`];
  });
  return rows.length === 0 ? nothing : html`<dl class="facts">${rows}</dl>`;
}

interface Marks {
  readonly request: number | undefined;
  readonly limit: number | undefined;
}

function marksOf(family: string, { requests, limits }: ResourceNumbers): Marks {
  const of = (amounts: Amounts) => (family === 'cpu' || family === 'memory' ? amounts[family] : undefined);
  return { request: of(requests), limit: of(limits) };
}

function markWords({ request, limit }: Marks, unit: string): string {
  return [
    request === undefined ? '' : `asks for ${amountText(request, unit)}`,
    limit === undefined ? '' : `at most ${amountText(limit, unit)}`,
  ]
    .filter(Boolean)
    .join(', ');
}

function rowTemplate(title: string, series: Series, marks: Marks, containers: number | undefined): TemplateResult {
  const { unit, last, values, of } = series;
  const { width, height } = size;
  const known = [marks.request, marks.limit].filter((mark) => mark !== undefined);
  const { lines, yOf } = drawn(values, known, width, height);
  const markLine = (mark: number | undefined, name: string) =>
    mark === undefined ? nothing : svg`<path class=${name} d=${`M0 ${yOf(mark)}H${width}`}></path>`;
  const partly =
    of !== undefined && containers !== undefined && of < containers ? `, of ${of} of ${containers} containers` : '';
  return html`<div class="usage-row"><dt>${title}</dt>
    <dd><b>${last === null ? 'unknown' : amountText(last, unit)}</b><span class="note"> ${markWords(marks, unit)}${partly}</span>
    <svg viewBox="0 0 ${width} ${height}" preserveAspectRatio="none" aria-hidden="true">${markLine(marks.request, 'request')}${markLine(marks.limit, 'limit')}${lines.map((line) => svg`<path class="value" d=${line}></path>`)}</svg></dd></div>`;
}
