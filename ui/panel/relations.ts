// All relations with their reasons: rule, field, and the rule as a sentence. Missing ones first.
import { html, nothing, type TemplateResult } from 'lit-html';
import type { Relation, Resource } from '../../src/model.ts';
import { familyOf } from '../families.ts';
import { stateTemplate } from '../screen/map.ts';
import { counted, groupTitle, kindOf, nameOf, severity, stateOf } from '../words.ts';
import type { PanelContext, Section } from './section.ts';

const most = 200;

export const relations = {
  name: 'relations',
  title: 'Relations',
  render(context) {
    const { resource, model, card } = context;
    // Relations between groups show numbers.
    if (!resource) return nothing;
    const all = model.relationsOf(resource.id).toSorted((a, b) => rank(context, a) - rank(context, b));
    if (resource.type === 'ResourceGroup') return groupsTemplate(context, resource, all);
    if (all.length === 0) return html`<p>None in what is loaded.</p>`;
    const isWhole = context.state.view === 'around' && context.state.id === card.key;
    return html`<ul class="reasons">${all.slice(0, most).map((each) => rowTemplate(context, each))}</ul>
      ${all.length > most ? html`<p>and ${all.length - most} more</p>` : nothing}
      ${isWhole ? nothing : html`<p class="hint"><kbd>n</kbd> shows all that it is related with</p>`}`;
  },
} as const satisfies Section;

/** Relations between groups are counts: they have no rule, and each leads to a tile of the same wall. */
function groupsTemplate(
  { model, state: { by }, go }: PanelContext,
  { id }: Resource,
  all: readonly Relation[],
): TemplateResult {
  if (all.length === 0) return html`<p>None with other groups.</p>`;
  return html`<ul class="reasons">${all.slice(0, most).map(({ source, target, annotations }) => {
    const isOut = source === id;
    const other = isOut ? target : source;
    const name = groupTitle(other, model.resource(other)?.annotations.label ?? '', by);
    return html`<li tabindex="-1" class="reason">
      <span class="arrow" aria-hidden="true">${isOut ? '→' : '←'}</span>
      <span class="visually-hidden">${isOut ? 'to' : 'from'}</span>
      <button type="button" class="link" @click=${() => go({ focus: other, member: '' })}>${name}</button>
      <span class="note">${counted(Number(annotations['count'] ?? 0), 'relation')}</span>
    </li>`;
  })}</ul>
  ${all.length > most ? html`<p>and ${all.length - most} more</p>` : nothing}`;
}

function rank({ model, resource }: PanelContext, { source, target, annotations, type }: Relation): number {
  const other = model.resource(source === resource?.id ? target : source);
  const placement = familyOf(type) === 'placement' ? 50 : 0;
  return (annotations.missing ? 0 : 10) + placement + (other ? severity(stateOf(other)) : 0);
}

function rowTemplate({ resource, model, rules, go }: PanelContext, relation: Relation): TemplateResult {
  const { source, target, type, annotations } = relation;
  const isOut = source === resource?.id;
  const id = isOut ? target : source;
  const other = model.resource(id);
  const state = other ? stateOf(other) : 'none';
  const reasons = annotations.reasons ?? [{ rule: annotations.rule, field: annotations.field }];
  return html`<li tabindex="-1" class="reason ${familyOf(type)}">
    <span class="arrow" aria-hidden="true">${isOut ? '→' : '←'}</span>
    <span class="relation">${isOut ? type : html`<span class="visually-hidden">reached by </span>${type}`}</span>
    <button type="button" class="link" @click=${() => go({ view: 'around', id, focus: id, member: '' })}>${other?.annotations.label || nameOf(id)}</button>
    ${kindOf(other?.type ?? '')} ${state === 'ok' || state === 'none' ? nothing : stateTemplate(state)}
    ${annotations.optional ? html`<span class="note">optional</span>` : nothing}
    ${reasons.map(
      ({
        rule,
        field,
      }) => html`<div class="why">${field === '' ? nothing : html`<code>${field}</code> `}<span class="rule">${rule}</span>
        ${rules.get(rule) ? html`<span class="sentence">${rules.get(rule)?.sentence}</span>` : nothing}</div>`,
    )}
  </li>`;
}
