// Loaded when it is needed: the keys, the saved views, and sign-in.
import { html, nothing, type TemplateResult } from 'lit-html';
import type { Key } from '../keys.ts';
import type { SavedView } from './dialogs.ts';

export function helpTemplate(keys: readonly Key[], single: boolean, onSingle: (on: boolean) => void): TemplateResult {
  const groups = Map.groupBy(keys, ({ group }) => group);
  return html`<h2>Keys</h2>
    <div class="keys">${[...groups].map(([group, all]) => html`<section><h3>${group}</h3><dl>${all.map(({ keys: [first], shown = first, words }) => html`<div><dt><kbd>${shown}</kbd></dt><dd>${words}</dd></div>`)}</dl></section>`)}</div>
    <p><label class="check"><input type="checkbox" .checked=${single} @change=${(event: Event) => onSingle((event.target as HTMLInputElement).checked)}> Keys that are one character work</label></p>
    <p><a href="help">All endpoints</a> · <a href="docs">Try the API</a> · <a href="cluster/completeness">What is read</a></p>`;
}

export function savedTemplate(views: readonly SavedView[], onRemove: (hash: string) => void): TemplateResult {
  return html`<h2>Saved views</h2>${
    views.length === 0
      ? html`<p>None yet: <kbd>s</kbd> saves what is shown, in this browser alone.</p>`
      : html`<ul class="rows">${views.map(({ name, hash }) => html`<li><a href=${hash} autofocus>${name}</a> <button type="button" aria-label="Remove ${name}" @click=${() => onRemove(hash)}>Remove</button></li>`)}</ul>`
  }`;
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
