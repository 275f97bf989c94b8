// Loaded when somebody asks: the keys, and the saved views.
import { html, type TemplateResult } from 'lit-html';
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
