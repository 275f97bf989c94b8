// Dialogs: search, keys, sign-in, saved views. Each is a real <dialog>.
import { html, nothing, type TemplateResult } from 'lit-html';
import type { Resource } from '../../src/model.ts';
import { keys } from '../keys.ts';
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

export function helpTemplate(single: boolean, onSingle: (on: boolean) => void): TemplateResult {
  const groups = Map.groupBy(keys, ({ group }) => group);
  return html`<h2>Keys</h2>
    <div class="keys">${[...groups].map(([group, all]) => html`<section><h3>${group}</h3><dl>${all.map(({ shown, words }) => html`<div><dt><kbd>${shown}</kbd></dt><dd>${words}</dd></div>`)}</dl></section>`)}</div>
    <p><label class="check"><input type="checkbox" .checked=${single} @change=${(event: Event) => onSingle((event.target as HTMLInputElement).checked)}> Keys that are one character work</label></p>
    <p><a href="help">All endpoints</a> · <a href="docs">Try the API</a> · <a href="cluster/completeness">What is read</a></p>`;
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

export function savedTemplate(views: readonly SavedView[], onRemove: (hash: string) => void): TemplateResult {
  return html`<h2>Saved views</h2>${
    views.length === 0
      ? html`<p>None yet: <kbd>s</kbd> saves what is shown, in this browser alone.</p>`
      : html`<ul class="rows">${views.map(({ name, hash }) => html`<li><a href=${hash} autofocus>${name}</a> <button type="button" aria-label="Remove ${name}" @click=${() => onRemove(hash)}>Remove</button></li>`)}</ul>`
  }`;
}
