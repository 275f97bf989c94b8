// Where one is, and the grouping of the wall.
import { html, nothing, type TemplateResult } from 'lit-html';
import { clock } from '../state/timeline.ts';
import { printState, start, type ViewState } from '../state/view-state.ts';
import { selectionWords } from '../views/selection.ts';
import { labelPrefix } from '../views/wall.ts';
import { kindOf, nameOf, namespaceOf } from '../words.ts';
import { groupingsOf } from './groupings.ts';
import type { ShellContext } from './shell.ts';

/** Without the choice of a cluster. */
const allClusters = './#/wall?by=cluster';

export function crumbs(context: ShellContext): TemplateResult {
  const { state, cluster } = context;
  const to = (change: Partial<ViewState>) =>
    printState({ ...start, families: state.families, size: state.size, ...change });
  const parts: (TemplateResult | string)[] = [];
  const namespace = state.namespace || (state.view === 'wall' ? '' : namespaceOf(state.id));
  if (namespace !== '') parts.push(html`<a href=${to({ view: 'namespace', namespace })}>${namespace}</a>`);
  if (state.application !== '')
    parts.push(
      html`<a href=${to({ view: 'lanes', namespace, application: state.application })}>${state.application === '-' ? 'no application' : state.application}</a>`,
    );
  if (state.id !== '')
    parts.push(
      html`<a href=${to({ view: 'around', id: state.id, focus: state.id })}>${kindOf(state.id.split(':', 1)[0] ?? '')} ${nameOf(state.id)}</a>`,
    );
  if (state.view === 'impact') parts.push('impact');
  if (state.view === 'path') parts.push(`path to ${nameOf(state.to)}`);
  if (state.view === 'applications') parts.push('applications');
  if (state.view === 'changes')
    parts.push(`changes ${clock(state.since)} to ${state.until === '' ? 'now' : clock(state.until)}`);
  if (state.view === 'findings' || state.view === 'actions') parts.push(state.view);
  if (state.view === 'selection') parts.push(selectionWords(state));
  return html`<ol>
    ${context.isOne ? html`<li><a href=${allClusters}>all clusters</a></li>` : nothing}
    <li><a href=${to({ by: state.by })}>${cluster || 'Cluster'}</a></li>
    ${state.view === 'wall' ? html`<li>${groupingTemplate(context)}</li>` : nothing}
    ${parts.map((part, n) => html`<li aria-current=${n === parts.length - 1 ? 'page' : nothing}>${part}</li>`)}
  </ol>`;
}

function groupingTemplate({ state, clusters, labels, go }: ShellContext): TemplateResult {
  const isLabel = state.by.startsWith(labelPrefix);
  const chosen = (event: Event) => {
    const by = valueOf(event);
    go({ by: by === labelPrefix ? `${labelPrefix}${labels()[0] ?? 'app'}` : by, focus: '' });
  };
  const labelled = (event: Event) => {
    const key = valueOf(event).trim();
    if (key !== '') go({ by: `${labelPrefix}${key}`, focus: '' });
  };
  return html`<label>by <select @change=${chosen} @focus=${() => labels()}>${groupingsOf(clusters).map((by) => html`<option value=${by} .selected=${by === state.by}>${by}</option>`)}<option value=${labelPrefix} .selected=${isLabel}>label</option></select></label>
    ${isLabel ? html` <label><span class="visually-hidden">Key of the label</span><input class="label-key" list="label-keys" .value=${state.by.slice(labelPrefix.length)} @change=${labelled}></label><datalist id="label-keys">${labels().map((key) => html`<option value=${key}></option>`)}</datalist>` : nothing}`;
}

function valueOf(event: Event): string {
  return (event.target as HTMLInputElement).value;
}
