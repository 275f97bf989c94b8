// One action: its state, its difference, who asked, and the two steps of a decision.
import { html, nothing, type TemplateResult } from 'lit-html';
import { type ActionEntry, isDecidable, targetId, valueText, wordsOf } from '../actions.ts';
import { ageOf } from '../findings.ts';
import type { ActionDesk } from '../live/action-desk.ts';
import { resourceLink } from './resource-link.ts';

export interface ActionContext {
  readonly desk: ActionDesk;
  readonly now: number;
}

/** Of elements, what is used: this file is tried without a browser, too. */
interface Nested {
  closest(selector: string): { focus(): void } | null;
}

interface TokenForm {
  readonly elements: { readonly token: { value: string } };
}

const decisions = [
  ['approve', 'Approve'],
  ['withdraw', 'Withdraw'],
] as const;

export function actionTemplate(entry: ActionEntry, context: ActionContext): TemplateResult {
  const { desk } = context;
  const { id, state, action, why, note, difference } = entry;
  const { mark, words, severity } = wordsOf(state);
  const { container } = action.target;
  return html`<article class="finding sev-${severity}" tabindex="-1" aria-label="Action ${id}">
    <p class="headline"><span class="sev"><span aria-hidden="true">${mark}</span> ${words}</span> ${action.action}${container === undefined ? nothing : html` of container ${container}`}</p>
    <p class="on">${resourceLink(targetId(action), '')} <span class="note">in ${action.target.namespace}</span></p>
    ${why ? html`<p class="bad">${why.message} <span class="note">(${why.code})</span></p>` : nothing}
    ${note === undefined ? nothing : html`<p>${note}</p>`}
    ${differenceTemplate(difference)}
    ${action.reason === undefined ? nothing : html`<p class="remedy">${action.reason}</p>`}
    <p class="note">${historyOf(entry, context.now)}</p>
    ${saidTemplate(desk, id)}
    ${isDecidable(entry) ? html`<p class="acts">${decisions.map(([what, name]) => html`<button type="button" aria-expanded=${isOpen(desk, id, what) ? 'true' : 'false'} @click=${() => void desk.prepare(what, id)}>${name}…</button>`)}</p>` : nothing}
    ${desk.step?.id === id && desk.step.what !== 'propose' ? stepTemplate(desk) : nothing}
  </article>`;
}

function isOpen({ step }: ActionDesk, id: string, what: string): boolean {
  return step?.id === id && step.what === what;
}

function historyOf({ id, at, proposed, approved, action, staleSince }: ActionEntry, now: number): string {
  const since = (moment: string) => {
    const age = ageOf(moment, now);
    return age === '' || age === 'just now' ? age : `${age} ago`;
  };
  return [
    `asked by ${proposed.by} ${since(proposed.at)}`,
    approved ? `approved by ${approved.by} ${since(approved.at)}` : '',
    `so since ${at}`,
    action.until === undefined ? '' : `until ${action.until}`,
    staleSince === undefined ? '' : `as told before the actor was away since ${staleSince}`,
    id,
  ]
    .filter(Boolean)
    .join(' · ');
}

function differenceTemplate(difference: ActionEntry['difference']): TemplateResult | typeof nothing {
  if (difference === undefined || difference.length === 0) return nothing;
  return html`<ul class="rows" aria-label="Difference">${difference.map(({ field, before, after }) => html`<li><code>${field}</code> <del>${valueText(before)}</del> → <ins>${valueText(after)}</ins></li>`)}</ul>`;
}

export function saidTemplate(desk: ActionDesk, id: string): TemplateResult | typeof nothing {
  const said = desk.saidOf(id);
  return said === '' ? nothing : html`<p class="error" role="alert">${said}</p>`;
}

/** The second step: what is to be sent once more, and the button that sends it. */
export function stepTemplate(desk: ActionDesk): TemplateResult | typeof nothing {
  const { step } = desk;
  if (!step) return nothing;
  const words = {
    propose: ['Nothing is changed: the actor asks the API server what it would change.', 'Send the proposal'],
    approve: ['The actor changes this in the cluster, if you may:', 'Approve now'],
    withdraw: ['This is not done:', 'Withdraw now'],
  }[step.what];
  const send = ({ currentTarget }: Event) => {
    (currentTarget as unknown as Nested).closest('.finding, #panel')?.focus();
    void desk.confirm();
  };
  return html`<div class="step" role="group" aria-label="Second step"><p><b>${words[0]}</b></p>
    ${step.what === 'propose' ? proposalTemplate(step.document) : step.shown ? shownTemplate(step.shown) : html`<p>Loading</p>`}
    <p class="acts"><button type="button" ?disabled=${!desk.isReady} @click=${send}>${words[1]}</button> <button type="button" @click=${() => desk.cancel()}>Leave it</button></p></div>`;
}

function shownTemplate(entry: ActionEntry): TemplateResult {
  if (!isDecidable(entry))
    return html`<p class="error">It can no longer be decided: ${wordsOf(entry.state).words}.</p>`;
  const difference = differenceTemplate(entry.difference);
  return difference === nothing
    ? html`<p>No field changes${entry.note === undefined ? '' : `: ${entry.note}`}.</p>`
    : html`${difference}`;
}

function proposalTemplate(document: object): TemplateResult {
  return html`<pre class="yaml" tabindex="0" aria-label="The action">${JSON.stringify(document, null, 2)}</pre>`;
}

/** Actions take a token of the cluster, whatever the page was let in with. */
export function tokenTemplate(desk: ActionDesk): TemplateResult | typeof nothing {
  if (!desk.needsToken) return nothing;
  const { pageToken } = desk;
  const submit = (event: Event) => {
    event.preventDefault();
    const input = (event.target as unknown as TokenForm).elements.token;
    const token = input.value.trim().replace(/^Bearer\s+/i, '');
    input.value = '';
    desk.signIn(token);
  };
  return html`<form class="facets" @submit=${submit}>
    <label>Token of ${desk.cluster} <input name="token" type="password" autocomplete="off"></label> <button type="submit">Use it</button>${pageToken === undefined ? nothing : html` <button type="button" @click=${() => desk.signIn(pageToken)}>Use the one I signed in with</button>`}
    <p class="hint">Actions are seen, proposed and approved with your own rights there: <code>kubectl create token ACCOUNT</code>. This page hands it to the actor of that cluster, and keeps it until it is closed. Leave it empty where a proxy sends one.</p></form>`;
}
