// Findings about or affecting a resource: remedy, cause, and the relations as proof.
import { html, nothing } from 'lit-html';
import type { Finding } from '../findings.ts';
import { findingTemplate } from '../screen/finding.ts';
import { momentOf } from '../views/view.ts';
import type { Section } from './section.ts';

const most = 20;

export const findings = {
  name: 'findings',
  title: 'Findings',
  render(context) {
    const { resource, serves, fetched, state, now } = context;
    if (!resource || resource.type === 'ResourceGroup' || !serves('/cluster/findings')) return nothing;
    const question = `cluster/findings?class=*&limit=${most}&resource=${encodeURIComponent(resource.id)}`;
    const answer = fetched('findings', momentOf(question, state.at));
    if (!answer) return html`<p>Loading</p>`;
    if (answer.error !== undefined) return html`<p class="hint">${answer.error}</p>`;
    const { findings: found = [], remaining = 0 } = (answer.body ?? {}) as {
      readonly findings?: readonly Finding[];
      readonly remaining?: number;
    };
    if (found.length === 0) return html`<p class="hint">Nothing is known to be wrong.</p>`;
    return html`<ol class="findings">${found.map((each) => html`<li>${findingTemplate(each, { at: state.at, now, beside: resource.id, all: found })}</li>`)}</ol>
      ${remaining > 0 ? html`<p class="hint">and ${remaining} more</p>` : nothing}`;
  },
} as const satisfies Section;
