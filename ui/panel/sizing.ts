// What a workload asks for against what it used, with values to set, and the action that sets them. It says why where nothing is known.
import { html, nothing, type TemplateResult } from 'lit-html';
import { actionTemplate as entryTemplate, saidTemplate, stepTemplate, tokenTemplate } from '../screen/action.ts';
import { applyWords, isOfWeeks, presentOf, type Sized, usageSentences } from '../sizing.ts';
import { counted, kindOf, nameOf } from '../words.ts';
import { quoted } from './links.ts';
import type { PanelContext, Section } from './section.ts';

/** What has containers with numbers below it. */
const workloads = new Set(['Deployment', 'StatefulSet', 'DaemonSet', 'ReplicaSet', 'Job', 'CronJob', 'Pod']);
const most = 20;

interface Answer {
  readonly workloads?: readonly Sized[];
  /** Why nothing is proposed. */
  readonly reason?: string;
}

export const sizing = {
  name: 'sizing',
  title: 'Right-sizing',
  render(context) {
    const { resource, state, serves, fetched } = context;
    if (!resource || !workloads.has(kindOf(resource.type)) || !serves('/cluster/right-sizing')) return nothing;
    if (resource.annotations.missing || resource.annotations.absent) return nothing;
    if (state.at !== '')
      return html`<p class="hint">It compares what was used lately with what is asked for now: go to now (w).</p>`;
    const answer = fetched('sizing', `cluster/right-sizing?root=${encodeURIComponent(resource.id)}`);
    if (!answer) return html`<p>Loading</p>`;
    if (answer.error !== undefined) return html`<p class="hint">${answer.error}</p>`;
    const { workloads: sized = [], reason } = (answer.body ?? {}) as Answer;
    if (sized.length === 0)
      return html`<p class="hint">Nothing is proposed: ${reason ?? 'no container of it has numbers of the last hour'}.</p>`;
    return html`${sized.slice(0, most).map((each) => sizedTemplate(context, each))}
      ${sized.length > most ? html`<p class="hint">and ${counted(sized.length - most, 'more container')}</p>` : nothing}`;
  },
} as const satisfies Section;

function sizedTemplate(context: PanelContext, sized: Sized): TemplateResult {
  const { workload, container, containers, facts, unknown, action } = sized;
  const of =
    workload === context.resource?.id ? '' : ` of ${kindOf(workload.split(':', 1)[0] ?? '')} ${nameOf(workload)}`;
  return html`<h4>Container ${container}${of}${containers > 1 ? `, ${containers} of them` : ''}</h4>
    ${usageSentences(sized).map((each) => html`<p>${each}</p>`)}
    ${unknown === undefined ? nothing : html`<p class="hint">Nothing is proposed: ${unknown}.</p>`}
    ${unknown === undefined && facts.length === 0 ? html`<p class="hint">What it asks for fits what it uses.</p>` : nothing}
    ${facts.length === 0 ? nothing : html`<ul class="rows">${facts.map((fact) => html`<li><code>${fact.field}</code> ${presentOf(fact)} → <b>${fact.quantity}</b> <span class="why">${fact.why}</span></li>`)}</ul>`}
    ${action ? actionTemplate(context, action, isOfWeeks(sized.window)) : facts.length === 0 ? nothing : html`<p class="hint">No action can set this: change it where it is written.</p>`}`;
}

function actionTemplate(context: PanelContext, action: NonNullable<Sized['action']>, ofWeeks: boolean): TemplateResult {
  const document = JSON.stringify(action);
  const { desk, base, now } = context;
  const place = desk && { cluster: desk.cluster, server: base };
  const token = desk ? ' --token "$TOKEN"' : '';
  const line = `printf %s ${quoted(document)} | kubectl insight ${applyWords(place).map(quoted).join(' ')}${token}`;
  return html`<div class="same"><span>action</span><code>${document}</code><button type="button" aria-label="Copy the action" @click=${() => context.copy(JSON.stringify(action, null, 2), 'the action')}>Copy</button></div>
    <div class="same"><span>kubectl</span><code>${line}</code><button type="button" aria-label="Copy the action as kubectl" @click=${() => context.copy(line, 'kubectl')}>Copy</button></div>
    <p class="hint">The line shows what would change; with <code>--approve</code> it is carried out.${ofWeeks ? '' : ' An hour is short: look at the peaks of your week first.'}</p>
    ${desk ? proposalTemplate(desk, action, now) : nothing}`;
}

/** At a gateway: two steps, then the difference and the outcome. */
function proposalTemplate(
  desk: NonNullable<PanelContext['desk']>,
  action: NonNullable<Sized['action']>,
  now: number,
): TemplateResult {
  const known = desk.of(action.id);
  if (known) return html`${tokenTemplate(desk)}${entryTemplate(known, { desk, now })}`;
  const isOpen = desk.step?.id === action.id;
  return html`${tokenTemplate(desk)}${saidTemplate(desk, action.id)}
    <p class="acts"><button type="button" aria-expanded=${isOpen ? 'true' : 'false'} @click=${() => desk.prepareProposal(action)}>Propose…</button></p>
    ${isOpen ? stepTemplate(desk) : nothing}`;
}
