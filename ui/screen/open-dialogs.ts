// The open dialog and its data.

import { html, nothing, type TemplateResult } from 'lit-html';
import type { Resource } from '../../src/model.ts';
import { keys } from '../keys.ts';
import { late } from '../late.ts';
import { ApiError } from '../live/api.ts';
import type { Answer } from '../model.ts';
import { query } from '../views/view.ts';
import { searchTemplate } from './dialogs.ts';
import type * as help from './help.ts';
import type { Screen } from './screen.ts';

type Help = typeof help;

type Open =
  | { readonly name: 'search'; readonly pathFrom: string }
  | { readonly name: 'help' }
  | { readonly name: 'saved' }
  | { readonly name: 'signIn'; readonly words: string };

/** Milliseconds between two key strokes. */
const pause = 120;
const most = 20;

export class Dialogs {
  readonly #screen: Screen;
  #open: Open | undefined;
  #text = '';
  #found: readonly Resource[] = [];
  #chosen = 0;
  #words = '';
  #asking: AbortController | undefined;
  #returnTo: HTMLElement | undefined;
  #help: Help | undefined;

  constructor(screen: Screen) {
    this.#screen = screen;
  }

  get isOpen(): boolean {
    return this.#open !== undefined;
  }

  /** With an id: searches the other end of a path. */
  search(pathFrom: string): void {
    this.#text = '';
    this.#found = [];
    this.#words = 'Names, kinds, parts of them';
    this.#show({ name: 'search', pathFrom });
  }

  help(): void {
    this.#show({ name: 'help' });
  }

  saved(): void {
    this.#show({ name: 'saved' });
  }

  signIn(words: string): void {
    // Shown when it is loaded, so that the token's field has the focus.
    void this.#loaded().then(() => {
      if (this.#open?.name !== 'signIn') this.#show({ name: 'signIn', words });
    });
  }

  close(): void {
    if (!this.#open) return;
    this.#open = undefined;
    this.#asking?.abort();
    // While it is open nothing outside can be focused.
    this.#element()?.close();
    this.#screen.drawNow();
    this.#returnTo?.focus();
  }

  #show(open: Open): void {
    const { activeElement } = this.#screen.options.window.document;
    if (!this.#open && activeElement instanceof HTMLElement) this.#returnTo = activeElement;
    this.#open = open;
    this.#screen.drawNow();
  }

  template(): TemplateResult | typeof nothing {
    if (!this.#open) return nothing;
    const { name } = this.#open;
    const label = { search: 'Search', help: 'Keys', saved: 'Saved views', signIn: 'Sign in' }[name];
    return html`<dialog class=${name} aria-label=${label} @close=${(event: Event) => this.#onClosed(event)} @click=${(event: Event) => this.#onBackdrop(event)}>
      <div class="inside">${this.#content(this.#open)}${name === 'search' ? nothing : html`<p><button type="button" class="close" @click=${() => this.close()}>Close</button></p>`}</div>
    </dialog>`;
  }

  #element(): HTMLDialogElement | null {
    return this.#screen.options.window.document.querySelector('dialog');
  }

  /** Opens the dialog once it is rendered. */
  afterPaint(): void {
    const dialog = this.#open && this.#element();
    if (!dialog || dialog.open) return;
    dialog.showModal();
    dialog.querySelector<HTMLElement>('input, a, button')?.focus();
  }

  /** The event arrives late: another dialog may be open. */
  #onClosed({ target }: Event): void {
    if (target instanceof HTMLDialogElement && target.isConnected && !target.open) this.close();
  }

  #onBackdrop(event: Event): void {
    if (event.target === event.currentTarget) this.close();
  }

  #content(open: Open): TemplateResult {
    if (open.name !== 'search') return this.#looked(open);
    return searchTemplate({
      text: this.#text,
      found: this.#found,
      chosen: this.#chosen,
      words: this.#words,
      pathFrom: open.pathFrom,
      onInput: (text) => this.#look(text),
      onChoose: (resource) => this.#choose(resource, open.pathFrom),
      onMove: (step) => {
        this.#chosen = Math.min(Math.max(this.#chosen + step, 0), Math.max(0, this.#found.length - 1));
        this.#screen.draw();
      },
    });
  }

  async #loaded(): Promise<void> {
    this.#help = await late('help', () => import('./help.ts'));
  }

  #looked(open: Exclude<Open, { readonly name: 'search' }>): TemplateResult {
    const { options, desk } = this.#screen;
    const { store } = options;
    if (!this.#help) {
      void this.#loaded().then(() => this.#screen.draw());
      return html`<p>Loading</p>`;
    }
    if (open.name === 'signIn') return this.#help.signInTemplate(open.words, (token) => this.#signedIn(token));
    if (open.name === 'help') {
      const here = keys.filter(({ only }) => !only || desk);
      return this.#help.helpTemplate(here, store.singleKeys, (on) => {
        store.singleKeys = on;
        this.#screen.draw();
      });
    }
    return this.#help.savedTemplate(store.saved, (hash) => {
      store.saved = store.saved.filter((each) => each.hash !== hash);
      this.#screen.draw();
    });
  }

  #signedIn(token: string): void {
    this.#screen.options.store.token = token;
    this.#open = undefined;
    this.#screen.draw();
    this.#screen.restart();
  }

  #choose({ id }: Resource, pathFrom: string): void {
    this.close();
    this.#screen.go(
      pathFrom === '' ? { view: 'around', id, focus: id } : { view: 'path', id: pathFrom, to: id, focus: pathFrom },
    );
  }

  #look(text: string): void {
    this.#text = text;
    this.#asking?.abort();
    const asking = new AbortController();
    this.#asking = asking;
    this.#screen.draw();
    if (text.trim() === '') {
      this.#found = [];
      return;
    }
    this.#screen.options.window.setTimeout(() => void this.#ask(text.trim(), asking.signal), pause);
  }

  async #ask(text: string, signal: AbortSignal): Promise<void> {
    if (signal.aborted) return;
    const { api } = this.#screen.options;
    const path = this.#screen.known.serves('/cluster/search')
      ? `cluster/search?${query({ q: text, limit: String(most) })}`
      : `cluster/resources?${query({ q: text, limit: String(most), properties: 'false' })}`;
    try {
      const answer = await api.ask<Answer>(path, { signal });
      this.#found = (answer?.body.resources ?? []).map(asResource);
      this.#chosen = 0;
      this.#words =
        this.#found.length === 0
          ? 'Nothing is called so'
          : `${this.#found.length}${this.#found.length === most ? ' or more' : ''} found; Enter opens`;
    } catch (error) {
      if (signal.aborted) return;
      this.#found = [];
      this.#words = error instanceof ApiError ? error.message : String(error);
    }
    this.#screen.draw();
  }
}

/** Search hits are flat; resources have annotations. */
function asResource(
  found: Resource & { readonly label?: string; readonly health?: { state: string; reason: string } },
): Resource {
  if (found.annotations) return found;
  const { id, type, label = id, health } = found;
  const annotations = { label, ...(health ? { health: { ...health, field: '' } as never } : {}) };
  return { id, type, timestamp: '', properties: {}, annotations };
}
