// The open dialog and its data.
import { html, nothing, type TemplateResult } from 'lit-html';
import type { Resource } from '../../src/model.ts';
import { ApiError } from '../live/api.ts';
import type { Answer } from '../model.ts';
import type { ViewState } from '../state/view-state.ts';
import { query } from '../views/view.ts';
import { helpTemplate, savedTemplate, searchTemplate, signInTemplate } from './dialogs.ts';
import type { PageOptions } from './page.ts';

export interface DialogActions {
  readonly go: (change: Partial<ViewState>) => void;
  readonly say: (words: string) => void;
  readonly draw: () => void;
  readonly drawNow: () => void;
  readonly serves: (path: string) => boolean;
  /** Called after signing in. */
  readonly again: () => void;
}

type Open =
  | { readonly name: 'search'; readonly pathFrom: string; readonly type: string }
  | { readonly name: 'help' }
  | { readonly name: 'saved' }
  | { readonly name: 'signIn'; readonly words: string };

/** Milliseconds between two key strokes. */
const pause = 120;
const most = 20;

export class Dialogs {
  readonly #options: PageOptions;
  readonly #actions: DialogActions;
  #open: Open | undefined;
  #text = '';
  #found: readonly Resource[] = [];
  #chosen = 0;
  #words = '';
  #asking: AbortController | undefined;
  #returnTo: HTMLElement | undefined;

  constructor(options: PageOptions, actions: DialogActions) {
    this.#options = options;
    this.#actions = actions;
  }

  get isOpen(): boolean {
    return this.#open !== undefined;
  }

  /** With an id: searches the other end of a path. With a type: resources of that type. */
  search(pathFrom: string, type = ''): void {
    this.#text = '';
    this.#found = [];
    this.#words = 'Names, kinds, parts of them';
    this.#show({ name: 'search', pathFrom, type });
    if (type !== '') this.#look('');
  }

  help(): void {
    this.#show({ name: 'help' });
  }

  saved(): void {
    this.#show({ name: 'saved' });
  }

  signIn(words: string): void {
    if (this.#open?.name !== 'signIn') this.#show({ name: 'signIn', words });
  }

  close(): void {
    if (!this.#open) return;
    this.#open = undefined;
    this.#asking?.abort();
    // While it is open nothing outside can be focused.
    this.#options.window.document.querySelector('dialog')?.close();
    this.#actions.drawNow();
    this.#returnTo?.focus();
  }

  #show(open: Open): void {
    const { activeElement } = this.#options.window.document;
    if (!this.#open && activeElement instanceof HTMLElement) this.#returnTo = activeElement;
    this.#open = open;
    this.#actions.drawNow();
  }

  template(): TemplateResult | typeof nothing {
    if (!this.#open) return nothing;
    const { name } = this.#open;
    const label = { search: 'Search', help: 'Keys', saved: 'Saved views', signIn: 'Sign in' }[name];
    return html`<dialog class=${name} aria-label=${label} @close=${(event: Event) => this.#onClosed(event)} @click=${(event: Event) => this.#onBackdrop(event)}>
      <div class="inside">${this.#content(this.#open)}${name === 'search' ? nothing : html`<p><button type="button" class="close" @click=${() => this.close()}>Close</button></p>`}</div>
    </dialog>`;
  }

  /** Opens the dialog once it is rendered. */
  afterPaint(): void {
    const dialog = this.#options.window.document.querySelector('dialog');
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
    const { store } = this.#options;
    if (open.name === 'help')
      return helpTemplate(store.singleKeys, (on) => {
        store.singleKeys = on;
        this.#actions.draw();
      });
    if (open.name === 'saved')
      return savedTemplate(store.saved, (hash) => {
        store.saved = store.saved.filter((each) => each.hash !== hash);
        this.#actions.draw();
      });
    if (open.name === 'signIn') return signInTemplate(open.words, (token) => this.#signedIn(token));
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
        this.#actions.draw();
      },
    });
  }

  #signedIn(token: string): void {
    this.#options.store.token = token;
    this.#open = undefined;
    this.#actions.draw();
    this.#actions.again();
  }

  #choose({ id }: Resource, pathFrom: string): void {
    this.close();
    this.#actions.go(
      pathFrom === '' ? { view: 'around', id, focus: id } : { view: 'path', id: pathFrom, to: id, focus: pathFrom },
    );
  }

  #look(text: string): void {
    this.#text = text;
    this.#asking?.abort();
    const asking = new AbortController();
    this.#asking = asking;
    this.#actions.draw();
    const type = this.#open?.name === 'search' ? this.#open.type : '';
    if (text.trim() === '' && type === '') {
      this.#found = [];
      return;
    }
    this.#options.window.setTimeout(() => void this.#ask(text.trim(), type, asking.signal), pause);
  }

  async #ask(text: string, type: string, signal: AbortSignal): Promise<void> {
    if (signal.aborted) return;
    const { api } = this.#options;
    const path =
      this.#actions.serves('/cluster/search') && type === ''
        ? `cluster/search?${query({ q: text, limit: String(most) })}`
        : `cluster/resources?${query({ q: text, type, limit: String(most), properties: 'false' })}`;
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
    this.#actions.draw();
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
