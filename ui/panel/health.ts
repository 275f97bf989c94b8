// Health, its reason, and the deciding field.
import { html, nothing, type TemplateResult } from 'lit-html';
import type { ResourceAnnotations } from '../../src/model.ts';
import { stateTemplate } from '../screen/map.ts';
import { kindOf, nameOf, namespaceOf, stateOf } from '../words.ts';
import type { Section } from './section.ts';

const absences = {
  optional: 'all that name it can do without it',
  expected: 'only some set-ups of a cluster have it',
  pending: 'it is still to be made',
} as const satisfies { readonly [absence in NonNullable<ResourceAnnotations['absent']>]: string };

export const health = {
  name: 'health',
  title: 'State',
  render({ resource, go }) {
    if (!resource) return nothing;
    const { health: its, application, missing, absent, unverified, stale } = resource.annotations;
    const link = (id: string): TemplateResult =>
      html`<button type="button" class="link" @click=${() => go({ view: 'around', id, focus: id, member: '' })}>${kindOf(id.split(':', 1)[0] ?? '')} ${nameOf(id)}</button>`;
    return html`<dl class="facts">
      ${missing ? html`<dt>State</dt><dd>${stateTemplate('missing')}: something names it, and it does not exist</dd>` : nothing}
      ${absent ? html`<dt>State</dt><dd>${stateTemplate('absent')}: something names it, and it does not exist: ${absences[absent]}</dd>` : nothing}
      ${unverified ? html`<dt>State</dt><dd>${stateTemplate('unverified')}: something names it, and its kind is not read</dd>` : nothing}
      ${
        its
          ? html`<dt>State</dt><dd>${stateTemplate(stateOf(resource))} <b>${its.reason}</b>${its.ready ? html`, ${its.ready} ready` : nothing}</dd>
        <dt>Says so</dt><dd><code>${its.field}</code>${its.from ? html` of ${link(its.from)}` : nothing}</dd>`
          : nothing
      }
      ${stale ? html`<dt>Seen last</dt><dd>${stale.since}: ${stale.reason}</dd>` : nothing}
      ${
        application
          ? html`<dt>Application</dt><dd>${
              application.shared
                ? html`shared by several`
                : html`<button type="button" class="link" @click=${() => go({ view: 'lanes', namespace: namespaceOf(resource.id), application: application.name, focus: resource.id, member: '' })}>${application.name}</button>`
            }, says <code>${application.field}</code></dd>`
          : nothing
      }
      <dt>Changed</dt><dd><time datetime=${resource.timestamp}>${resource.timestamp.replace('T', ' ').replace(/\.\d+Z$/, ' UTC')}</time></dd>
    </dl>`;
  },
} as const satisfies Section;
