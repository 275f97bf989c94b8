// All actions of a cluster, those that wait for a decision first. Every decision takes a second step.
import { html, nothing } from 'lit-html';
import { actionGroups, groupOf } from '../actions.ts';
import { actionTemplate, tokenTemplate } from '../screen/action.ts';
import { counted } from '../words.ts';
import type { List } from './list.ts';

export const actions = {
  name: 'actions',
  render({ state, desk, now }) {
    if (!desk)
      return html`<p class="empty">No actions are taken here: a gateway takes them, for a cluster with an actor.</p>`;
    if (state.at !== '') return html`<p class="empty">Actions are known as they are now: go to now (w).</p>`;
    const { entries, failure, staleSince } = desk;
    const groups = Map.groupBy(entries ?? [], groupOf);
    return html`<div class="listing">
      ${tokenTemplate(desk)}
      ${failure === '' ? nothing : html`<p class="error" role="alert">${failure}</p>`}
      ${staleSince === undefined ? nothing : html`<p class="error">The actor is away since ${staleSince}: nothing can be decided, and this is what it told last.</p>`}
      <p class="summary" role="status">${entries ? `${counted(entries.length, 'action')} of ${desk.cluster} that you may see.` : failure === '' && !desk.needsToken ? 'Loading' : ''}</p>
      ${actionGroups.map((name) => {
        const found = groups.get(name);
        if (!found) return nothing;
        return html`<section class="finding-group"><h2>${name} <span class="count">${found.length}</span></h2><ol>${found.map((each) => html`<li>${actionTemplate(each, { desk, now })}</li>`)}</ol></section>`;
      })}
    </div>`;
  },
} as const satisfies List;
