// Dialogs: search and sign-in; keys and saved views are in help.ts. Each is a real <dialog>.
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

export function signInTemplate(words: string, onToken: (token: string) => void): TemplateResult {
  const submit = (event: Event) => {
    event.preventDefault();
    const input = (event.target as HTMLFormElement).elements.namedItem('token') as HTMLInputElement;
    const token = input.value.trim().replace(/^Bearer\s+/i, '');
    input.value = '';
    if (token !== '') onToken(token);
  };
  return html`<form @submit=${submit}><h2>Sign in</h2>
    <p>This master asks who you are. Your token stays in this tab, until it is closed.</p>
    <label>Token <input name="token" type="password" autocomplete="off" required></label>
    ${words === '' ? nothing : html`<p class="error" role="alert">${words}</p>`}
    <p class="hint">For a cluster: <code>kubectl create token ACCOUNT</code></p>
    <p><button type="submit">Sign in</button></p></form>`;
}

export interface SavedView {
  readonly name: string;
  readonly hash: string;
}
