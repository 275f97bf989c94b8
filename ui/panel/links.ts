// The same query elsewhere: as a URL, for curl, for kubectl, and in every form.
import { html, nothing, type TemplateResult } from 'lit-html';
import { momentOf, questionOf } from '../views/view.ts';
import { objectPath } from './object.ts';
import type { PanelContext, Section } from './section.ts';

export const forms = [
  ['json', 'application/json', 'json'],
  ['ndjson', 'application/x-ndjson', 'ndjson'],
  ['dot', 'text/vnd.graphviz', 'dot'],
  ['svg', 'image/svg+xml', 'svg'],
  ['mermaid', '*/*', 'mmd'],
  ['graphml', '*/*', 'graphml'],
  ['gexf', '*/*', 'gexf'],
  ['cytoscape', '*/*', 'cyjs'],
  ['cypher', '*/*', 'cypher'],
] as const;

export const links = {
  name: 'links',
  title: 'The same elsewhere',
  render(context) {
    const { view, state, resource, base, download } = context;
    const question = questionOf(view, state);
    const moment = state.at === '' ? [] : ['--at', state.at];
    const command = view.command?.(state)?.concat(moment);
    const own =
      resource && resource.type !== 'ResourceGroup'
        ? momentOf(objectPath(resource.type, resource.id), state.at)
        : undefined;
    return html`<h4>What is shown</h4>
      ${lineTemplate(context, 'URL', new URL(question, base).href)}
      ${lineTemplate(context, 'curl', curlOf(new URL(question, base).href, context.token))}
      ${command ? lineTemplate(context, 'kubectl', ['kubectl', 'insight', ...command].map(quoted).join(' ')) : nothing}
      ${
        own === undefined
          ? nothing
          : html`<h4>This resource</h4>${lineTemplate(context, 'curl', curlOf(new URL(own, base).href, context.token))}
        ${lineTemplate(context, 'kubectl', ['kubectl', 'insight', 'get', resource?.id ?? '', ...moment].map(quoted).join(' '))}`
      }
      <h4>Download what is shown</h4>
      <p class="forms">${forms.map(
        ([form, accept, ending]) =>
          html`<button type="button" @click=${() => download(`${question}${question.includes('?') ? '&' : '?'}format=${form}`, accept, `${state.namespace || 'cluster'}.${ending}`)}>${form}</button>`,
      )}</p>`;
  },
} as const satisfies Section;

function lineTemplate({ copy }: PanelContext, name: string, text: string): TemplateResult {
  return html`<div class="same"><span>${name}</span><code>${text}</code><button type="button" aria-label="Copy as ${name}" @click=${() => copy(text, name)}>Copy</button></div>`;
}

function curlOf(url: string, token: boolean): string {
  return `curl -s ${token ? '-H "Authorization: Bearer $TOKEN" ' : ''}${quoted(url)}`;
}

/** Quoted for a POSIX shell. */
export function quoted(text: string): string {
  return /^[\w@%+=:,./-]+$/.test(text) ? text : `'${text.replaceAll("'", "'\\''")}'`;
}
