// Filters of a picture, which are its legend as well.
import { html, nothing, type TemplateResult } from 'lit-html';
import { type Family, families, familyWords } from '../families.ts';
import { start } from '../state/view-state.ts';
import { marks, type State, states } from '../words.ts';
import type { ShellContext } from './shell.ts';

export function filterTemplate({ state, kinds, go }: ShellContext): TemplateResult {
  const isWall = state.view === 'wall';
  const toggled = <T>(list: readonly T[], each: T) =>
    list.includes(each) ? list.filter((other) => other !== each) : [...list, each];
  return html`<form class="filters" id="filters" aria-label="Filters and legend" @submit=${(event: Event) => event.preventDefault()}>
    <fieldset><legend>Text and labels</legend>
      <label>Name contains <input name="text" type="search" .value=${state.text} @input=${(event: Event) => go({ text: valueOf(event) })}></label>
      ${isWall ? nothing : html`<label>Labels <input name="label" type="search" placeholder="app=web,!canary" .value=${state.label} @change=${(event: Event) => go({ label: valueOf(event) })}></label>`}
      ${isWall ? nothing : html`<label class="check"><input type="checkbox" .checked=${state.infrastructure} @change=${() => go({ infrastructure: !state.infrastructure })}> Infrastructure: nodes, volumes, images <kbd>x</kbd></label>`}
      <button type="button" @click=${() => go({ kinds: [], health: [], namespaces: [], label: '', text: '', families: start.families, infrastructure: false })}>All again</button>
    </fieldset>
    <fieldset><legend>State</legend>${states.filter((each) => each !== 'none').map((each: State) => html`<label class="check"><input type="checkbox" .checked=${state.health.includes(each)} @change=${() => go({ health: toggled(state.health, each) })}> <span class="state s-${each}"><span aria-hidden="true">${marks[each]}</span> ${each}</span></label>`)}</fieldset>
    ${
      isWall
        ? nothing
        : html`<fieldset><legend>Relations</legend>${families.map(
            (
              family: Family,
            ) => html`<label class="check"><input type="checkbox" .checked=${state.families.includes(family)} @change=${() => go({ families: families.filter((each) => toggled(state.families, family).includes(each)) })}>
        <svg class="sample" viewBox="0 0 34 8" aria-hidden="true"><path class="line ${family}" d="M1 4H33"></path></svg> ${family}: <span class="note">${familyWords[family]}</span></label>`,
          )}</fieldset>
    <fieldset class="kinds"><legend>Kinds</legend>${kinds.map((kind) => html`<label class="check"><input type="checkbox" .checked=${state.kinds.includes(kind)} @change=${() => go({ kinds: toggled(state.kinds, kind) })}> ${kind}</label>`)}</fieldset>`
    }
  </form>`;
}

function valueOf(event: Event): string {
  return (event.target as HTMLInputElement).value;
}
