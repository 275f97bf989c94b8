// One finding: how bad, what is wrong, what to do, and the relations that prove it as links.
import { html, nothing, type TemplateResult } from 'lit-html';
import { ageOf, type Finding, severityMarks } from '../findings.ts';
import { counted } from '../words.ts';
import { resourceLink } from './resource-link.ts';

export interface FindingContext {
  readonly at: string;
  readonly now: number;
  /** The resource beside which it stands; empty in a list. */
  readonly beside: string;
  /** Those around it: the cause may be among them. */
  readonly all: readonly Finding[];
}

export function findingTemplate(finding: Finding, { at, now, beside, all }: FindingContext): TemplateResult {
  const { severity, sentence, remedy, resource, field, path, accepted, possibly } = finding;
  const age = ageOf(finding.since, now);
  return html`<article class="finding sev-${severity}${accepted ? ' accepted' : ''}" tabindex="-1">
    <p class="headline"><span class="sev"><span aria-hidden="true">${severityMarks[severity] ?? '?'}</span> ${severity}</span> ${sentence}${possibly ? html` <span class="note">(something that is not read may refute it)</span>` : nothing}</p>
    ${beside === resource ? nothing : html`<p class="on">${resourceLink(resource, at)}${finding.namespace ? html` <span class="note">in ${finding.namespace}</span>` : nothing}</p>`}
    <p class="remedy">${remedy}</p>
    ${
      path.length === 0 && !field
        ? nothing
        : html`<ol class="proof" aria-label="Proof">${path.map((step) => html`<li>${resourceLink(step.from, at)} <span class="relation">${step.type}</span> ${resourceLink(step.to, at)}</li>`)}${field ? html`<li><code>${field}</code></li>` : nothing}</ol>`
    }
    <p class="note">${restOf(finding, age, all)} · <a href=${finding.link} target="_blank" rel="noreferrer">${finding.name}</a></p>
  </article>`;
}

function restOf({ class: its, affected, causedBy, accepted }: Finding, age: string, all: readonly Finding[]): string {
  const cause = all.find(({ id }) => id === causedBy);
  return [
    its,
    age === '' || age === 'just now' ? age : `for ${age}`,
    affected.count > 0 ? `affects ${counted(affected.count, 'resource')}` : '',
    causedBy ? `because of ${cause ? cause.sentence : 'another finding'}` : '',
    accepted ? `accepted: ${accepted.reason || accepted.by}` : '',
  ]
    .filter(Boolean)
    .join(' · ');
}
