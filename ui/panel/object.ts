// The object as YAML, as stored by the master: redacted.
import { html, nothing } from 'lit-html';
import type { Section } from './section.ts';

export const object = {
  name: 'object',
  title: 'Object',
  folded: 'y',
  render({ resource, fetched, copy }) {
    if (!resource) return nothing;
    const { missing, absent, unverified } = resource.annotations;
    if (missing || absent || unverified) return nothing;
    if (resource.type === 'ResourceGroup') return nothing;
    const answer = fetched('object', objectPath(resource.type, resource.id));
    if (!answer) return html`<p>Loading</p>`;
    if (answer.error !== undefined) return html`<p class="error">${answer.error}</p>`;
    const text = answer.text ?? '';
    return html`<p><button type="button" @click=${() => copy(text, 'the object')}>Copy YAML</button></p>
      <pre class="yaml" tabindex="0" aria-label="The object as YAML">${text}</pre>`;
  },
} as const satisfies Section;

export function objectPath(type: string, id: string): string {
  const rest = id.slice(id.indexOf(':') + 1);
  // Among several clusters an id starts with its cluster.
  const cluster = id.startsWith('@') ? [id.slice(0, id.indexOf('/'))] : [];
  return `cluster/resources/${[type, ...cluster, ...rest.split('/')].map(encodeURIComponent).join('/')}`;
}
