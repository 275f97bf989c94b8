// The search; other dialogs are in help.ts. Each is a real <dialog>.
import { html, nothing, type TemplateResult } from 'lit-html';
import type { Resource } from '../../src/model.ts';
import { kindOf, namespaceOf, stateOf } from '../words.ts';
import { stateTemplate } from './map.ts';

export interface SearchContext {
  readonly text: string;
  readonly found: readonly Resource[];
  readonly chosen: number;
  /** A message instead of results. */
  readonly words: string;
  /** Start of a path, while the other end is searched. */
  readonly pathFrom: string;
  readonly onInput: (text: string) => void;
  readonly onChoose: (resource: Resource) => void;
  readonly onMove: (step: number) => void;
}

export function searchTemplate({
  text,
  found,
  chosen,
  words,
  pathFrom,
  onInput,
  onChoose,
  onMove,
}: SearchContext): TemplateResult {
  const pressed = (event: KeyboardEvent) => {
    const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
    const resource = found[chosen];
    if (step !== undefined) onMove(step);
    else if (event.key === 'Enter' && resource) onChoose(resource);
    else return;
    event.preventDefault();
    event.stopPropagation();
  };
  return html`<label for="search">${pathFrom === '' ? 'Search names, kinds, labels' : `Path from ${pathFrom} to`}</label>
    <input id="search" type="search" role="combobox" aria-expanded=${found.length > 0 ? 'true' : 'false'} aria-controls="found" aria-autocomplete="list"
      aria-activedescendant=${found.length > 0 ? `found-${chosen}` : nothing} autocomplete="off" spellcheck="false" .value=${text}
      @input=${(event: Event) => onInput((event.target as HTMLInputElement).value)} @keydown=${pressed}>
    <ul id="found" role="listbox" aria-label="Found">${found.map(
      (
        resource,
        n,
      ) => html`<li id="found-${n}" role="option" aria-selected=${n === chosen ? 'true' : 'false'} @click=${() => onChoose(resource)}>
        <b>${resource.annotations.label}</b> <span class="note">${kindOf(resource.type)}${namespaceOf(resource.id) === '' ? '' : ` in ${namespaceOf(resource.id)}`}</span> ${stateTemplate(stateOf(resource))}</li>`,
    )}</ul>
    <p class="hint" role="status">${words}</p>`;
}

export interface SavedView {
  readonly name: string;
  readonly hash: string;
}
