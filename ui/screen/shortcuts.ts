// The worst resources above the wall, one fixed-height row per state, so that changes move nothing below.
import { html, nothing, type TemplateResult } from 'lit-html';
import { type Finding, severityMarks } from '../findings.ts';
import type { Card } from '../rollup/card.ts';
import { printState, start } from '../state/view-state.ts';
import { clusterOf, marks, type State } from '../words.ts';

const shown: readonly State[] = ['failed', 'degraded', 'progressing'];
/** More than anybody scrolls through: they all stand below. */
const most = 24;

export function shortcutsTemplate(
  cards: readonly Card[],
  worst: readonly Finding[],
  onOpen: (key: string) => void,
): TemplateResult {
  return html`<nav class="shortcuts" aria-label="What asks for attention">
    <div class="states">${shown.map((state) => rowTemplate(state, cards, onOpen))}</div>
    ${worst.length === 0 ? nothing : html`<ol class="worst" aria-label="Worst findings">${worst.map(worstTemplate)}</ol>`}
  </nav>`;
}

function worstTemplate({ severity, sentence, resource }: Finding): TemplateResult {
  const hash = printState({ ...start, view: 'around', id: resource, focus: resource });
  // Sentences name things as their own cluster does: several clusters may have the same.
  const cluster = clusterOf(resource);
  const said = cluster === '' ? sentence : `${cluster}: ${sentence}`;
  return html`<li class="sev-${severity}"><a href=${hash} title=${said}><span class="sev"><span aria-hidden="true">${severityMarks[severity] ?? '?'}</span> ${severity}</span> ${said}</a></li>`;
}

function rowTemplate(state: State, cards: readonly Card[], onOpen: (key: string) => void): TemplateResult {
  const found = cards.filter((card) => countOf(card, state) > 0 && card.state === state);
  const sorted = found.toSorted((a, b) => countOf(b, state) - countOf(a, state) || (a.order < b.order ? -1 : 1));
  return html`<div class="shortcut">
    <h2><span class="state s-${state}"><span aria-hidden="true">${marks[state]}</span> ${state}</span> <span class="count">${found.length}</span></h2>
    ${
      sorted.length === 0
        ? html`<p>none</p>`
        : html`<ul tabindex="-1">${sorted
            .slice(0, most)
            .map(
              (card) =>
                html`<li><button type="button" @click=${() => onOpen(card.key)}>${card.title} <b>${countOf(card, state)}</b></button></li>`,
            )}${sorted.length > most ? html`<li class="note">${sorted.length - most} more below</li>` : nothing}</ul>`
    }
  </div>`;
}

function countOf({ bar }: Card, state: State): number {
  return bar?.get(state) ?? 0;
}
