// A link to the surroundings of a resource, as a real link: it can be opened in a tab of its own.
import { html, nothing, type TemplateResult } from 'lit-html';
import { printState, start } from '../state/view-state.ts';
import { clusterOf, kindOf, nameOf } from '../words.ts';

/** `at`: the moment that is shown; empty for now. */
export function resourceLink(id: string, at: string): TemplateResult {
  const hash = printState({ ...start, view: 'around', id, focus: id, at });
  const cluster = clusterOf(id);
  return html`<a class="to" href=${hash}><span class="kind-of">${kindOf(id.split(':', 1)[0] ?? '')}</span> ${nameOf(id)}${cluster === '' ? nothing : html` <span class="kind-of">in ${cluster}</span>`}</a>`;
}
