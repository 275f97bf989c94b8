// Findings about or affecting a resource: remedy, cause, and the relations as proof.
import { html, nothing, type TemplateResult } from 'lit-html';
import { kindOf, nameOf } from '../words.ts';
import type { PanelContext, Section } from './section.ts';

interface Finding {
  readonly id: string;
  readonly name: string;
  readonly severity: string;
  readonly resource: string;
  readonly sentence: string;
  readonly remedy: string;
  readonly link: string;
  readonly field?: string;
  readonly path: readonly { readonly from: string; readonly to: string; readonly type: string }[];
  readonly affected: { readonly count: number };
  readonly causedBy?: string;
  readonly accepted?: { readonly reason: string; readonly by: string };
}

const most = 20;
/** Marked like broken ones. */
const urgent: ReadonlySet<string> = new Set(['critical', 'high']);

export const findings = {
  name: 'findings',
  title: 'Findings',
  render(context) {
    const { resource, serves, fetched, state } = context;
    // Past moments are read in part: findings cannot be computed.
    if (!resource || resource.type === 'ResourceGroup' || state.at || !serves('/cluster/findings')) return nothing;
    const answer = fetched(
      'findings',
      `cluster/findings?class=*&limit=${most}&resource=${encodeURIComponent(resource.id)}`,
    );
    if (!answer) return html`<p>Loading</p>`;
    if (answer.error !== undefined) return html`<p class="hint">${answer.error}</p>`;
    const { findings: found = [] } = (answer.body ?? {}) as { readonly findings?: readonly Finding[] };
    if (found.length === 0) return html`<p class="hint">Nothing is known to be wrong.</p>`;
    return html`<ol class="life">${found.map((each) => html`<li>${findingTemplate(context, each, found)}</li>`)}</ol>`;
  },
} as const satisfies Section;

function findingTemplate({ resource, go }: PanelContext, finding: Finding, all: readonly Finding[]): TemplateResult {
  const { severity, sentence, remedy, name, link, field, path, affected, causedBy, accepted } = finding;
  const cause = all.find(({ id }) => id === causedBy);
  const to = (id: string): TemplateResult =>
    html`<button type="button" class="link" @click=${() => go({ view: 'around', id, focus: id, member: '' })}>${kindOf(id.split(':', 1)[0] ?? '')} ${nameOf(id)}</button>`;
  return html`<b class=${urgent.has(severity) ? 'warn' : ''}>${severity}</b> ${sentence}${finding.resource === resource?.id ? nothing : html`, on ${to(finding.resource)}`}
    <div class="why">${remedy} <a href=${link} target="_blank" rel="noreferrer">${name}</a></div>
    ${field ? html`<div class="why"><code>${field}</code></div>` : nothing}
    ${path.map((step) => html`<div class="why">${to(step.from)} ${step.type} ${to(step.to)}</div>`)}
    ${affected.count > 0 ? html`<div class="why">affects ${affected.count}</div>` : nothing}
    ${causedBy ? html`<div class="why">because of ${cause ? cause.name : 'another finding'}</div>` : nothing}
    ${accepted ? html`<div class="why">accepted: ${accepted.reason || accepted.by}</div>` : nothing}`;
}
