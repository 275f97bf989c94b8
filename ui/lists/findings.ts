// All findings: grouped, narrowed, each with what proves it. Accepted ones are counted and marked, never hidden unasked.
import { html, nothing, type TemplateResult } from 'lit-html';
import {
  classes,
  countOf,
  type Finding,
  type FindingCounts,
  type FindingGroup,
  findingGroupings,
  groupFindings,
  severities,
  severityMarks,
} from '../findings.ts';
import { findingTemplate } from '../screen/finding.ts';
import { counted } from '../words.ts';
import type { List, ListContext } from './list.ts';

interface Undecided {
  readonly name: string;
  readonly reason: string;
  readonly count: number;
}

const usualClasses: readonly string[] = ['broken', 'risk'];

export const findings = {
  name: 'findings',
  render(context) {
    const { model, state } = context;
    const told = (model.rest['findings'] ?? []) as readonly Finding[];
    const total = Number(model.rest['total'] ?? told.length);
    const shown = told.filter(passes(state.text));
    const groups = groupFindings(shown, state.group);
    return html`<div class="listing">
      ${facetsTemplate(context, model.rest['counts'] as FindingCounts | undefined)}
      <p class="summary" role="status">${summaryOf(context, shown, told, total)}</p>
      ${groups.map((group) => groupTemplate(context, group, told, told.length < total))}
      ${undecidedTemplate((model.rest['undecided'] ?? []) as readonly Undecided[])}
    </div>`;
  },
} as const satisfies List;

function passes(text: string): (finding: Finding) => boolean {
  const wanted = text.trim().toLowerCase();
  return ({ sentence, resource, name }) => `${sentence} ${resource} ${name}`.toLowerCase().includes(wanted);
}

function summaryOf(
  { model, state }: ListContext,
  shown: readonly Finding[],
  told: readonly Finding[],
  total: number,
): string {
  if (total === 0) return isNarrowed(state) ? 'No finding passes the filter.' : 'Nothing is known to be wrong.';
  const accepted = Number((model.rest['counts'] as FindingCounts | undefined)?.accepted ?? 0);
  const parts = [
    counted(total, 'finding'),
    shown.length === told.length ? '' : `${shown.length} of them named so`,
    accepted > 0 ? `${accepted} accepted, which count no more` : '',
  ];
  return `${parts.filter(Boolean).join(', ')}.`;
}

function isNarrowed({ classes: of, severities: some, finding, accepted, kinds, namespaces }: ListContext['state']) {
  return of.length + some.length + kinds.length + namespaces.length > 0 || finding !== '' || accepted !== '';
}

function facetsTemplate(context: ListContext, counts: FindingCounts | undefined): TemplateResult {
  const { state, go } = context;
  const wanted = state.classes.length === 0 ? usualClasses : state.classes;
  const ofSeverity = (severity: string) => classes.reduce((sum, each) => sum + countOf(counts, each, severity), 0);
  return html`<form class="facets" id="filters" aria-label="Narrow the findings" @submit=${(event: Event) => event.preventDefault()}>
    <fieldset><legend>Class</legend>${classes.map((each) => html`<label class="chip"><input type="checkbox" .checked=${wanted.includes(each)} @change=${() => go({ classes: toggledClasses(wanted, each) })}> ${each}${wanted.includes(each) ? html` <b>${countOf(counts, each)}</b>` : nothing}</label>`)}</fieldset>
    <fieldset><legend>Severity</legend>${severities.map((each) => html`<label class="chip sev-${each}"><input type="checkbox" .checked=${state.severities.includes(each)} @change=${() => go({ severities: toggled(state.severities, each, severities) })}> <span class="sev"><span aria-hidden="true">${severityMarks[each]}</span> ${each}</span>${state.severities.length === 0 || state.severities.includes(each) ? html` <b>${ofSeverity(each)}</b>` : nothing}</label>`)}</fieldset>
    <label>Grouped by <select name="group" @change=${(event: Event) => go({ group: valueOf(event) })}>${findingGroupings.map((each) => html`<option value=${each} ?selected=${each === (state.group || 'severity')}>${each}</option>`)}</select></label>
    <label>Accepted <select name="accepted" @change=${(event: Event) => go({ accepted: valueOf(event) })}>${[
      ['', 'among the others'],
      ['false', 'left out'],
      ['true', 'alone'],
    ].map(
      ([value, words]) => html`<option value=${value} ?selected=${value === state.accepted}>${words}</option>`,
    )}</select></label>
    <label>Contains <input name="text" type="search" .value=${state.text} @input=${(event: Event) => go({ text: valueOf(event) })}></label>
    ${[...state.namespaces, ...state.kinds, state.finding].filter(Boolean).map((each) => html`<button type="button" class="on" aria-label="No longer only ${each}" @click=${() => go(without(context, each))}>${each} ✕</button>`)}
  </form>`;
}

/** No class is chosen: the usual ones, and then nothing is left to switch off. */
function toggledClasses(wanted: readonly string[], each: string): string[] {
  const chosen = toggled(wanted, each, classes);
  return chosen.join() === usualClasses.join() ? [] : chosen;
}

function toggled(chosen: readonly string[], each: string, order: readonly string[]): string[] {
  return order.filter((one) => (one === each ? !chosen.includes(each) : chosen.includes(one)));
}

function without({ state }: ListContext, each: string): Partial<ListContext['state']> {
  return {
    namespaces: state.namespaces.filter((one) => one !== each),
    kinds: state.kinds.filter((one) => one !== each),
    finding: state.finding === each ? '' : state.finding,
  };
}

/** `isCut`: there are more findings than `all`, of this group too perhaps. */
function groupTemplate(
  context: ListContext,
  { key, findings: of, accepted }: FindingGroup,
  all: readonly Finding[],
  isCut: boolean,
) {
  const { state, go, now } = context;
  const by = state.group || 'severity';
  const only = key === '' ? undefined : narrowedTo(by, key);
  return html`<section class="finding-group">
    <h2>${titleOf(by, key)} <span class="count">${of.length}${isCut ? ' shown' : ''}${accepted > 0 ? `, ${accepted} accepted` : ''}</span>${only ? html` <button type="button" class="link" @click=${() => go(only)}>only these</button>` : nothing}</h2>
    <ol>${of.map((each) => html`<li>${findingTemplate(each, { at: state.at, now, beside: '', all })}</li>`)}</ol>
  </section>`;
}

function titleOf(by: string, key: string): string {
  return key === '' ? (by === 'namespace' ? 'Outside of namespaces' : `No ${by}`) : key;
}

function narrowedTo(by: string, key: string): Partial<ListContext['state']> {
  if (by === 'namespace') return { namespaces: [key] };
  if (by === 'kind') return { kinds: [key] };
  if (by === 'finding') return { finding: key };
  return by === 'class' ? { classes: [key] } : { severities: [key] };
}

function undecidedTemplate(undecided: readonly Undecided[]): TemplateResult | typeof nothing {
  if (undecided.length === 0) return nothing;
  return html`<details class="undecided"><summary>${counted(undecided.length, 'rule')} could not be decided everywhere</summary>
    <ul>${undecided.map(({ name, reason, count }) => html`<li><b>${name}</b>: ${reason} <span class="note">(${counted(count, 'resource')})</span></li>`)}</ul></details>`;
}

function valueOf({ target }: Event): string {
  return (target as unknown as { readonly value: string }).value;
}
