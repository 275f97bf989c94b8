// The panel: all about the card in focus, a section after the other.

import { html, nothing, type TemplateResult } from 'lit-html';
import type { Resource } from '../../src/model.ts';
import { late } from '../late.ts';
import type { PanelContext, Section } from '../panel/section.ts';
import type { Card } from '../rollup/card.ts';
import { viewNamed } from '../views/index.ts';
import { momentOf } from '../views/view.ts';
import { kindOf, nameOf } from '../words.ts';
import type { FetchedAnswers } from './fetched-answers.ts';
import type { Screen } from './screen.ts';
import { focusedCard, selectedResource } from './selected.ts';

/** What its buttons do, which keys do as well. */
export interface PanelActions {
  open(): void;
  around(): void;
  impact(): void;
  path(): void;
  copyLink(): void;
}

export class Panel {
  readonly #screen: Screen;
  readonly #actions: PanelActions;
  readonly #unfolded = new Set<string>();
  /** Loaded when the first card is looked at. */
  #sections: readonly Section[] | undefined;
  #fetched: FetchedAnswers | undefined;

  constructor(screen: Screen, actions: PanelActions) {
    this.#screen = screen;
    this.#actions = actions;
  }

  forget(): void {
    this.#fetched?.clear();
  }

  /** Undefined if no card is in focus. */
  template(): TemplateResult | undefined {
    const card = focusedCard(this.#screen);
    if (!card) return undefined;
    const { state, session } = this.#screen;
    const isApplication = card.key.startsWith('application ');
    const resource = isApplication ? undefined : selectedResource(this.#screen, session.model);
    const isGroup = resource === undefined || resource.type === 'ResourceGroup';
    const context = this.#context(card, resource);
    return html`<aside id="panel" aria-label="About ${card.title}" tabindex="-1">
      <div class="panel-head">
        <h2>${resource && card.members.length > 1 && state.member !== '' ? nameOf(resource.id) : card.title}</h2>
        <button type="button" class="close" aria-label="Close the panel" @click=${() => this.#screen.go({ focus: '', member: '' })}>✕</button>
      </div>
      <p class="what">${resource && !isGroup ? html`${kindOf(resource.type)} <code class="id">${resource.id}</code>` : card.note}</p>
      ${this.#buttons(isGroup)}
      ${this.#loaded().map((section) => this.#section(section, context))}
    </aside>`;
  }

  #loaded(): readonly Section[] {
    if (this.#sections) return this.#sections;
    const screen = this.#screen;
    void late('panel', () => Promise.all([import('../panel/index.ts'), import('./fetched-answers.ts')])).then(
      ([loaded, answers]) => {
        this.#fetched ??= new answers.FetchedAnswers(screen.options.api, () => screen.draw());
        this.#sections = loaded.sections;
        screen.draw();
      },
    );
    return [];
  }

  #buttons(isGroup: boolean): TemplateResult {
    const { open, around, impact, path, copyLink } = this.#actions;
    return html`<p class="acts">
      <button type="button" @click=${open}>Open <kbd>Enter</kbd></button>
      ${
        isGroup
          ? nothing
          : html`<button type="button" @click=${around}>Around <kbd>n</kbd></button>
        <button type="button" @click=${impact}>Impact <kbd>i</kbd></button>
        <button type="button" @click=${path}>Path <kbd>p</kbd></button>
        ${this.#screen.known.serves('/cluster/history/{type}/{id}') ? html`<button type="button" @click=${() => this.unfold('history')}>History <kbd>h</kbd></button>` : nothing}`
      }
      <button type="button" @click=${copyLink}>Link <kbd>c</kbd></button>
    </p>`;
  }

  #section(section: Section, context: PanelContext): TemplateResult | typeof nothing {
    const { name, title, folded } = section;
    const isOpen = folded === undefined || this.#unfolded.has(name);
    if (folded && (context.resource === undefined || context.resource.type === 'ResourceGroup')) return nothing;
    const content = isOpen ? section.render(context) : nothing;
    if (!folded)
      return content === nothing ? nothing : html`<section class="s-${name}"><h3>${title}</h3>${content}</section>`;
    return html`<section class="s-${name}"><h3><button type="button" aria-expanded=${isOpen ? 'true' : 'false'} @click=${() => this.unfold(name)}>${title} <kbd>${folded}</kbd></button></h3>${content}</section>`;
  }

  /** Opens or closes a folded section, and scrolls to it. */
  unfold(name: string): void {
    if (this.#unfolded.has(name)) this.#unfolded.delete(name);
    else this.#unfolded.add(name);
    this.#screen.drawNow();
    if (!this.#unfolded.has(name)) return;
    const { document } = this.#screen.options.window;
    // Within the panel: the page itself never scrolls.
    const top = document.querySelector<HTMLElement>(`#panel .s-${name}`)?.offsetTop ?? 0;
    document.getElementById('panel')?.scrollTo({ top });
  }

  #context(card: Card, resource: Resource | undefined): PanelContext {
    const screen = this.#screen;
    const { options, state, known, session, desk } = screen;
    const { api, base, store, window } = options;
    return {
      card,
      resource,
      model: session.model,
      state,
      view: viewNamed(state.view),
      rules: known.rules,
      base,
      now: Date.now(),
      token: store.token !== undefined,
      desk,
      serves: (path) => known.serves(path),
      fetched: (name, path) =>
        this.#fetched?.of(
          name === 'object' ? momentOf(path, state.at) : path,
          `${resource?.timestamp} ${this.#versionOf(name)}`,
          name === 'object',
        ),
      go: (change) => screen.go(change),
      copy: (text, what) => screen.copy(text, what),
      download: (path, accept, name) =>
        void import('./download.ts')
          .then(({ download }) => download(api, window, { path, accept, name }))
          .catch((error: unknown) => screen.say(String(error))),
    };
  }

  /** Of what changes though the resource does not: numbers come once a minute, findings rest on others, too. */
  #versionOf(section: string): string {
    if (section === 'metrics' || section === 'sizing') return String(Math.floor(Date.now() / 60_000));
    return section === 'findings' ? (this.#screen.known.version ?? '') : '';
  }
}
