// The page: holds the state, handles keys and pointers, draws at most once per frame.
import { html, nothing, render, type TemplateResult } from 'lit-html';
import type { Resource } from '../../src/model.ts';
import { type Actions, keyOfEvent } from '../keys.ts';
import { type Api, ApiError } from '../live/api.ts';
import type { Session } from '../live/session.ts';
import { sections } from '../panel/index.ts';
import type { Fetched, PanelContext, Rule, Section } from '../panel/section.ts';
import type { Card } from '../rollup/card.ts';
import { type Direction, firstOf, neighbourOf, outOf } from '../state/navigate.ts';
import { parseState, pictureOf, printState, start, subjectOf, type ViewState } from '../state/view-state.ts';
import { viewNamed } from '../views/index.ts';
import { momentOf } from '../views/view.ts';
import { counted, kindOf, nameOf } from '../words.ts';
import { mapTemplate } from './map.ts';
import { Dialogs } from './open-dialogs.ts';
import { type Picture, Pictures } from './picture.ts';
import { bannerTemplate, filterTemplate, headerTemplate, type ShellContext } from './shell.ts';
import { shortcutsTemplate } from './shortcuts.ts';
import type { BrowserStore } from './store.ts';
import { type Column, type TableContext, tableTemplate } from './table.ts';
import { TimeTravel } from './time-travel.ts';

export interface PageOptions {
  readonly window: Window & typeof globalThis;
  readonly api: Api;
  readonly session: (onUpdate: () => void) => Session;
  readonly store: BrowserStore;
  readonly base: string;
}

const groupings = ['namespace', 'node', 'zone', 'type', 'application', 'cluster'];
const sizes = ['full', 'name', 'dot'] as const;
const fetchedMost = 30;

export class Page implements Actions {
  readonly #options: PageOptions;
  readonly #session: Session;
  readonly #pictures = new Pictures();
  readonly #dialogs: Dialogs;
  readonly #rules = new Map<string, Rule>();
  readonly #fetched = new Map<string, Fetched>();
  #paths = new Set<string>();
  #state: ViewState;
  #picture: Picture | undefined;
  #sort: TableContext['sort'] = { column: 'State', down: false };
  #cluster = '';
  #demo = false;
  #filterOpen = false;
  /** Opened sections of the panel. */
  readonly #unfolded = new Set<string>();
  readonly #time: TimeTravel;
  #edge = -1;
  #asked = false;
  #moveFocus = false;
  #scrollTo: { readonly x: number; readonly y: number } | undefined;
  #lastSaid = 0;
  #scrollTimer = 0;

  constructor(options: PageOptions) {
    this.#options = options;
    this.#session = options.session(() => this.draw());
    this.#state = parseState(options.window.location.hash);
    this.#time = new TimeTravel(options, {
      state: () => this.#state,
      go: (change) => this.go(change),
      say: (words) => this.say(words),
      draw: () => this.draw(),
      serves: (path) => this.#paths.has(path),
    });
    this.#dialogs = new Dialogs(options, {
      go: (change) => this.go(change),
      say: (words) => this.say(words),
      draw: () => this.draw(),
      drawNow: () => this.#drawNow(),
      serves: (path) => this.#paths.has(path),
      again: () => this.#restart(),
    });
  }

  start(): void {
    const { window } = this.#options;
    this.#applyTheme();
    window.addEventListener('hashchange', () => this.#followHash());
    window.addEventListener('keydown', (event) => this.#pressed(event));
    window.addEventListener('resize', () => this.draw());
    window.addEventListener('online', () => this.#session.again());
    this.#scrollTo = { x: this.#state.x, y: this.#state.y };
    this.#session.show(viewNamed(this.#state.view), this.#state);
    void this.#learn();
    this.draw();
  }

  get session(): Session {
    return this.#session;
  }

  /** Loads everything again, for example after signing in. */
  #restart(): void {
    this.#fetched.clear();
    this.#session.again();
    void this.#learn();
  }

  unauthorized(): void {
    this.#dialogs.signIn(
      this.#options.store.token === undefined ? '' : 'The token was not accepted: it may have run out.',
    );
  }

  /** Changes the state. The same subject replaces the history entry. */
  go(change: Partial<ViewState>): void {
    const before = this.#state;
    const { families, infrastructure, size, by, at, since, until } = before;
    const isMove = change.view !== undefined;
    this.#state = isMove
      ? { ...start, families, infrastructure, size, by, at, since, until, ...change }
      : { ...before, ...change };
    const isOther = subjectOf(before) !== subjectOf(this.#state);
    const { history } = this.#options.window;
    history[isOther ? 'pushState' : 'replaceState'](null, '', printState(this.#state));
    this.#changed(before);
  }

  #followHash(): void {
    const before = this.#state;
    this.#state = parseState(this.#options.window.location.hash);
    this.#changed(before);
  }

  #changed(before: ViewState): void {
    if (before.focus !== this.#state.focus || before.member !== this.#state.member) this.#edge = -1;
    if (subjectOf(before) !== subjectOf(this.#state)) {
      // Another moment of the same picture takes its place card by card.
      if (pictureOf(before) !== pictureOf(this.#state)) this.#picture = undefined;
      this.#scrollTo = { x: this.#state.x, y: this.#state.y };
      this.#moveFocus = true;
      this.#session.show(viewNamed(this.#state.view), this.#state);
      this.#dialogs.close();
    }
    this.draw();
  }

  /** At the next frame. */
  draw(): void {
    if (this.#asked) return;
    this.#asked = true;
    const { window } = this.#options;
    const paint = () => {
      if (!this.#asked) return;
      this.#asked = false;
      this.#session.flush();
      this.#paint();
    };
    // A hidden tab gets no frames and must not fall behind.
    window.setTimeout(paint, 250);
    window.requestAnimationFrame(paint);
  }

  /** The next input goes to what opens now. */
  #drawNow(): void {
    this.#asked = false;
    this.#session.flush();
    this.#paint();
  }

  #paint(): void {
    const { window } = this.#options;
    const root = window.document.getElementById('page');
    if (!root) return;
    if (this.#session.hasLoaded) {
      const available = (window.document.getElementById('map')?.clientWidth ?? window.innerWidth) - 40;
      this.#picture = this.#pictures.of(viewNamed(this.#state.view), this.#session.model, this.#state, available);
    }
    const shell = this.#shell();
    const isPanel = this.#focusedCard() !== undefined;
    render(
      html`<header>${headerTemplate(shell)}</header>
        <section class="banner" aria-label="Notices">${bannerTemplate(shell)}</section>
        ${this.#filterOpen ? filterTemplate(shell) : nothing}
        <div class=${isPanel ? 'body with-panel' : 'body'}>
          <main id="map" aria-label=${viewNamed(this.#state.view).title(this.#state)} @scroll=${() => this.#scrolled()}>${this.#mainTemplate()}</main>
          ${isPanel ? this.#panelTemplate() : nothing}
        </div>
        ${this.#time.template()} ${this.#dialogs.template()}`,
      root,
    );
    this.#afterPaint();
  }

  #afterPaint(): void {
    const { window } = this.#options;
    const { document } = window;
    document.title = `${viewNamed(this.#state.view).title(this.#state)} · ${this.#cluster || 'Cluster Insight'}`;
    this.#dialogs.afterPaint();
    if (!this.#session.hasLoaded) return;
    const map = document.getElementById('map');
    if (this.#scrollTo && map) {
      map.scrollTo(this.#scrollTo.x, this.#scrollTo.y);
      this.#scrollTo = undefined;
    }
    if (!this.#moveFocus) return;
    this.#moveFocus = false;
    if (document.querySelector('dialog[open]')) return;
    const card = document.querySelector<HTMLElement>('#map .card[tabindex="0"]');
    card?.focus({ preventScroll: true });
    card?.scrollIntoView({ block: 'nearest', inline: 'nearest' });
  }

  #shell(): ShellContext {
    const { model, failure, standing, since } = this.#session;
    const { scene } = this.#picture ?? {};
    const counts = scene
      ? `${counted(scene.cards.length, 'card')}${scene.form === 'grid' ? '' : `, ${counted(scene.lines.length, 'relation')}`}`
      : '';
    const kinds = this.#filterOpen ? [...new Set(model.resources().map(({ type }) => kindOf(type)))].sort() : [];
    return {
      state: this.#state,
      cluster: this.#cluster,
      demo: this.#demo,
      standing,
      since,
      revision: String(model.revision),
      timestamp: model.timestamp,
      failure: failure?.message,
      completeness: model.completeness,
      leftOut: scene?.leftOut ?? [],
      counts,
      kinds,
      groupings,
      open: this.#filterOpen,
      go: (change) => this.go(change),
      act: (name) => (name === 'signIn' ? this.unauthorized() : this[name]()),
    };
  }

  #mainTemplate(): TemplateResult {
    const picture = this.#picture;
    if (!picture) return html`<p class="empty">${this.#session.failure ? 'There is nothing to show.' : 'Loading'}</p>`;
    if (this.#state.table) return this.#tableTemplate(picture);
    if (picture.scene.cards.length === 0)
      return html`<p class="empty">Nothing here${this.#state.kinds.length + this.#state.health.length > 0 || this.#state.text !== '' ? ' passes the filter' : ''}.</p>`;
    const tabStop = picture.spots.has(this.#state.focus) ? this.#state.focus : firstOf(picture, false);
    return html`${this.#state.view === 'wall' ? shortcutsTemplate(picture.scene.cards, (key) => this.#onCard(key, true)) : nothing}
      ${mapTemplate({ picture, state: this.#state, tabStop: tabStop ?? '', near: this.#near(picture), onCard: (key, open) => this.#onCard(key, open) })}`;
  }

  #tableTemplate({ scene }: Picture): TemplateResult {
    const { model } = this.#session;
    const ids = new Set(scene.cards.flatMap(({ members }) => members));
    return tableTemplate({
      resources: [...ids].flatMap((id) => model.resource(id) ?? []),
      relationsOf: (id) => (model.graph.hasNode(id) ? model.graph.degree(id) : 0),
      focused: this.#resource()?.id ?? '',
      sort: this.#sort,
      onSort: (column: Column) => {
        this.#sort = { column, down: this.#sort.column === column && !this.#sort.down };
        this.draw();
      },
      onRow: (id) => {
        const card = scene.cards.find(({ members }) => members.includes(id));
        this.go({ focus: card?.key ?? id, member: card?.key === id ? '' : id });
      },
    });
  }

  /** Related cards, with the relations' words. */
  #near({ scene }: Picture): Map<string, string> {
    const near = new Map<string, string>();
    const { focus } = this.#state;
    // In a list every card is related and tells how.
    if (focus === '' || scene.form === 'list') return near;
    for (const { source, target, type, count } of scene.lines) {
      if (source !== focus && target !== focus) continue;
      const other = source === focus ? target : source;
      const words = scene.form === 'grid' ? counted(count, 'relation') : `${source === focus ? '→ ' : '← '}${type}`;
      near.set(other, near.get(other) && words !== '' ? `${near.get(other)}, ${type}` : words);
    }
    return near;
  }

  #onCard(key: string, open: boolean): void {
    if (key !== this.#state.focus || this.#state.member !== '') this.go({ focus: key, member: '' });
    this.#moveFocus = true;
    if (open) this.open();
  }

  #focusedCard(): Card | undefined {
    return this.#picture?.scene.cards.find(({ key }) => key === this.#state.focus);
  }

  /** The resource of keys and panel. */
  #resource(): Resource | undefined {
    const card = this.#focusedCard();
    const { model } = this.#session;
    const member = card?.members.includes(this.#state.member) ? this.#state.member : undefined;
    const [first] = card?.members ?? [];
    return model.resource(member ?? first ?? this.#state.id);
  }

  #panelTemplate(): TemplateResult {
    const card = this.#focusedCard();
    if (!card) return html``;
    const resource = card.key.startsWith('application ') ? undefined : this.#resource();
    const context = this.#panelContext(card, resource);
    const isGroup = resource === undefined || resource.type === 'ResourceGroup';
    return html`<aside id="panel" aria-label="About ${card.title}" tabindex="-1">
      <h2>${resource && card.members.length > 1 && this.#state.member !== '' ? nameOf(resource.id) : card.title}</h2>
      <p class="what">${resource && !isGroup ? html`${kindOf(resource.type)} <code class="id">${resource.id}</code>` : card.note}</p>
      <p class="acts">
        <button type="button" @click=${() => this.open()}>Open <kbd>Enter</kbd></button>
        ${
          isGroup
            ? nothing
            : html`<button type="button" @click=${() => this.around()}>Around <kbd>n</kbd></button>
          <button type="button" @click=${() => this.impact()}>Impact <kbd>i</kbd></button>
          <button type="button" @click=${() => this.path()}>Path <kbd>p</kbd></button>`
        }
        <button type="button" @click=${() => this.copyLink()}>Link <kbd>c</kbd></button>
        <button type="button" aria-label="Close the panel" @click=${() => this.go({ focus: '', member: '' })}>✕</button>
      </p>
      ${sections.map((section) => this.#sectionTemplate(section, context))}
    </aside>`;
  }

  #sectionTemplate(section: Section, context: PanelContext): TemplateResult | typeof nothing {
    const { name, title, folded } = section;
    const isOpen = folded !== true || this.#unfolded.has(name);
    if (folded && (context.resource === undefined || context.resource.type === 'ResourceGroup')) return nothing;
    const content = isOpen ? section.render(context) : nothing;
    if (!folded)
      return content === nothing ? nothing : html`<section class="s-${name}"><h3>${title}</h3>${content}</section>`;
    return html`<section class="s-${name}"><h3><button type="button" aria-expanded=${isOpen ? 'true' : 'false'} @click=${() => this.#unfold(name)}>${title} <kbd>${name === 'object' ? 'y' : 'h'}</kbd></button></h3>${content}</section>`;
  }

  #unfold(name: string): void {
    if (this.#unfolded.has(name)) this.#unfolded.delete(name);
    else this.#unfolded.add(name);
    this.#drawNow();
    if (!this.#unfolded.has(name)) return;
    const { document } = this.#options.window;
    // Within the panel: the page itself never scrolls.
    const top = document.querySelector<HTMLElement>(`#panel .s-${name}`)?.offsetTop ?? 0;
    document.getElementById('panel')?.scrollTo({ top });
  }

  #panelContext(card: Card, resource: Resource | undefined): PanelContext {
    const { api, base, store, window } = this.#options;
    return {
      card,
      resource,
      model: this.#session.model,
      state: this.#state,
      view: viewNamed(this.#state.view),
      rules: this.#rules,
      base,
      token: store.token !== undefined,
      serves: (path) => this.#paths.has(path),
      fetched: (name, path) => this.#fetch(name, path, `${resource?.timestamp} ${this.#state.at}`),
      go: (change) => this.go(change),
      copy: (text, what) => void this.#copy(text, what),
      download: (path, accept, name) =>
        void download(api, window, { path, accept, name }).catch((error: unknown) => this.say(String(error))),
    };
  }

  /** Fetched again when the resource changes. */
  #fetch(name: string, path: string, version: string): Fetched | undefined {
    const key = `${name} ${path} ${version}`;
    const known = this.#fetched.get(key);
    if (known) return Object.keys(known).length > 0 ? known : undefined;
    if (this.#fetched.size > fetchedMost) this.#fetched.clear();
    this.#fetched.set(key, {});
    void this.#fetchFor(name, path).then((answer) => {
      this.#fetched.set(key, answer);
      this.draw();
    });
    return undefined;
  }

  async #fetchFor(name: string, path: string): Promise<Fetched> {
    try {
      const { api } = this.#options;
      const question = momentOf(path, name === 'object' ? this.#state.at : '');
      const asked = api.ask<{ resource?: Resource; resources?: Resource[] }>(question);
      if (name !== 'object') return { body: (await asked)?.body };
      const [answer, { stringify }] = await Promise.all([asked, import('./yaml.ts')]);
      const resource = answer?.body.resource ?? answer?.body.resources?.find(({ id }) => path.endsWith(pathEnd(id)));
      return { text: stringify(resource?.properties ?? answer?.body) };
    } catch (error) {
      return { error: error instanceof ApiError ? error.message : String(error) };
    }
  }

  /** Loads names for display: rules, endpoints, the cluster's name. Not needed at start. */
  async #learn(): Promise<void> {
    const { api } = this.#options;
    const quietly = async <T>(path: string) => (await api.ask<T>(path).catch(() => undefined))?.body;
    const [openapi, rules, version, clusters] = await Promise.all([
      quietly<{ paths?: object }>('openapi.json'),
      quietly<{ rules?: Rule[] }>('rules'),
      quietly<{ demo?: boolean }>('version'),
      quietly<{ resources?: Resource[] }>('cluster/resources?type=Cluster&properties=false'),
    ]);
    this.#paths = new Set(Object.keys(openapi?.paths ?? {}));
    for (const rule of rules?.rules ?? []) this.#rules.set(rule.name, rule);
    this.#demo = version?.demo === true;
    const known = clusters?.resources ?? [];
    if (known.length > 1) this.#beginWithClusters(known.length);
    else this.#cluster = known[0]?.annotations.label ?? this.#cluster;
    this.#time.start();
    this.draw();
  }

  #scrolled(): void {
    const map = this.#options.window.document.getElementById('map');
    if (!map || this.#scrollTo) return;
    const [x, y] = [Math.round(map.scrollLeft), Math.round(map.scrollTop)];
    if (x === this.#state.x && y === this.#state.y) return;
    this.#state = { ...this.#state, x, y };
    this.#options.window.clearTimeout(this.#scrollTimer);
    // Browsers reject a hundred history changes within seconds.
    this.#scrollTimer = this.#options.window.setTimeout(
      () => this.#options.window.history.replaceState(null, '', printState(this.#state)),
      250,
    );
  }

  #pressed(event: KeyboardEvent): void {
    const target = event.target instanceof HTMLElement ? event.target : undefined;
    const isWriting = target?.matches('input:not([type="checkbox"]), textarea, select') === true;
    const isButton = target?.matches('button:not(.card), a, summary, input[type="checkbox"]') === true;
    const key = keyOfEvent(event, this.#options.store.singleKeys);
    if (!key || event.defaultPrevented || (isWriting && !key.everywhere)) return;
    // These keys press a focused button.
    if (isButton && (event.key === 'Enter' || event.key === ' ')) return;
    if (this.#dialogs.isOpen && !key.everywhere) return;
    if (target?.closest('#panel, header, .filters, table') && /^(Arrow|Home|End)/.test(event.key)) return;
    event.preventDefault();
    key.run(this);
  }

  // Actions of keys.

  search(): void {
    this.#dialogs.search('');
  }

  move(direction: Direction): void {
    if (!this.#picture || this.#state.table) return;
    this.#focus(neighbourOf(this.#picture, this.#state.focus, direction));
  }

  first(last: boolean): void {
    if (this.#picture) this.#focus(firstOf(this.#picture, last));
  }

  #focus(key: string | undefined): void {
    if (key === undefined) return;
    this.#moveFocus = true;
    this.go({ focus: key, member: '' });
  }

  open(): void {
    const card = this.#focusedCard();
    if (!card) return this.first(false);
    if (card.opens) return this.#opened(card);
    const [first] = card.members;
    if (this.#state.member === '' && card.bar) {
      this.#options.window.document.querySelector<HTMLElement>('#panel .s-members button')?.focus();
      return;
    }
    const id = this.#state.member || first;
    if (id !== undefined && !(this.#state.view === 'around' && this.#state.id === id))
      this.go({ view: 'around', id, focus: id });
  }

  #opened({ opens, key }: Card): void {
    if (opens?.['table'] === true && this.#state.by === 'type') {
      const type = key.slice('ResourceGroup:'.length);
      return this.#dialogs.search('', type);
    }
    const { cluster, ...change } = (opens ?? {}) as Partial<ViewState> & { readonly cluster?: string };
    if (cluster !== undefined) return this.#enter(cluster, change);
    this.go(change);
  }

  /** Another cluster is another page with its own data. */
  #enter(cluster: string, change: Partial<ViewState>): void {
    const { location } = this.#options.window;
    location.assign(`?cluster=${encodeURIComponent(cluster)}${printState({ ...start, ...change })}`);
  }

  /** With several clusters the wall starts with these. */
  #beginWithClusters(count: number): void {
    this.#cluster = `${count} clusters`;
    if (this.#options.window.location.hash === '' && this.#state.by === start.by) this.go({ by: 'cluster' });
  }

  out(): void {
    if (this.#state.view === 'wall') return;
    const { view, ...change } = outOf(this.#state);
    this.go({ view, ...change });
  }

  clear(): void {
    if (this.#dialogs.isOpen) return this.#dialogs.close();
    if (this.#filterOpen) {
      this.#filterOpen = false;
      return this.draw();
    }
    this.#options.window.document.querySelector<HTMLElement>('#map .card[tabindex="0"]')?.focus();
    this.go({ focus: '', member: '' });
  }

  impact(): void {
    const id = this.#resource()?.id;
    if (id !== undefined && !this.#isGroup()) this.go({ view: 'impact', id, focus: id });
  }

  path(): void {
    const id = this.#resource()?.id;
    if (id !== undefined && !this.#isGroup()) this.#dialogs.search(id);
  }

  around(): void {
    const id = this.#resource()?.id;
    if (id !== undefined && !this.#isGroup()) this.go({ view: 'around', id, focus: id });
  }

  #isGroup(): boolean {
    return this.#resource()?.type === 'ResourceGroup';
  }

  table(): void {
    this.#moveFocus = true;
    this.go({ table: !this.#state.table });
  }

  relation(): void {
    const rows = this.#options.window.document.querySelectorAll<HTMLElement>('#panel .reason');
    if (rows.length === 0) return;
    this.#edge = (this.#edge + 1) % rows.length;
    rows[this.#edge]?.focus();
  }

  group(): void {
    const next = groupings[(groupings.indexOf(this.#state.by) + 1) % groupings.length] ?? 'namespace';
    this.go({ view: 'wall', by: next });
    this.say(`Grouped by ${next}`);
  }

  filter(): void {
    this.#filterOpen = !this.#filterOpen;
    this.#drawNow();
    if (this.#filterOpen) this.#options.window.document.querySelector<HTMLElement>('#filters input')?.focus();
  }

  legend(): void {
    this.#filterOpen = !this.#filterOpen;
    this.#drawNow();
    if (this.#filterOpen)
      this.#options.window.document.querySelector<HTMLElement>('#filters input[type="checkbox"]')?.focus();
  }

  infrastructure(): void {
    this.go({ infrastructure: !this.#state.infrastructure });
    this.say(`Infrastructure ${this.#state.infrastructure ? 'shown' : 'hidden'}`);
  }

  layOut(): void {
    this.#pictures.forget(this.#state);
    this.draw();
    this.say('Laid out again');
  }

  fit(): void {
    const { window } = this.#options;
    const { width = 0 } = this.#picture ?? {};
    const available = window.document.getElementById('map')?.clientWidth ?? window.innerWidth;
    const size = this.#state.size !== 'full' || width <= available ? 'full' : 'name';
    this.go({ size, x: 0, y: 0 });
    window.document.getElementById('map')?.scrollTo(0, 0);
  }

  size(step: 1 | -1): void {
    const next = sizes[sizes.indexOf(this.#state.size) - step];
    if (next) this.go({ size: next });
  }

  pause(): void {
    if (this.#session.paused) this.#session.resume();
    else this.#session.pause();
    this.say(this.#session.paused ? 'Paused' : 'Live again');
  }

  object(): void {
    this.#unfold('object');
  }

  history(): void {
    this.#unfold('history');
  }

  step(step: 1 | -1): void {
    this.#time.step(step);
  }

  mark(which: 'since' | 'until'): void {
    this.#time.mark(which);
  }

  diff(): void {
    this.#time.diff();
  }

  now(): void {
    this.#time.stop();
    this.go({ at: '' });
  }

  copyLink(): void {
    const { location } = this.#options.window;
    void this.#copy(new URL(`${location.search}${printState(this.#state)}`, this.#options.base).href, 'the link');
  }

  save(): void {
    const { store } = this.#options;
    const hash = printState(this.#state);
    const name = viewNamed(this.#state.view).title(this.#state);
    store.saved = [...store.saved.filter((each) => each.hash !== hash), { name, hash }];
    this.say(`Saved: ${name}`);
  }

  saved(): void {
    this.#dialogs.saved();
  }

  theme(): void {
    const { store } = this.#options;
    store.theme = { system: 'light', light: 'dark', dark: 'system' }[store.theme] ?? 'system';
    this.#applyTheme();
    this.say(`Appearance: ${store.theme}`);
  }

  panel(): void {
    const { document } = this.#options.window;
    const isThere = document.activeElement?.closest('#panel');
    document.querySelector<HTMLElement>(isThere ? '#map .card[tabindex="0"]' : '#panel')?.focus();
  }

  help(): void {
    this.#dialogs.help();
  }

  #applyTheme(): void {
    this.#options.window.document.documentElement.dataset['theme'] = this.#options.store.theme;
  }

  async #copy(text: string, what: string): Promise<void> {
    try {
      await this.#options.window.navigator.clipboard.writeText(text);
      this.say(`Copied ${what}`);
    } catch {
      this.say(`The browser does not let this page copy: ${text}`);
    }
  }

  /** Announces it to screen readers and shows it for a moment. */
  say(words: string): void {
    const { document } = this.#options.window;
    const place = document.getElementById('say');
    if (!place) return;
    place.textContent = words;
    place.classList.add('shown');
    const said = ++this.#lastSaid;
    this.#options.window.setTimeout(() => said === this.#lastSaid && place.classList.remove('shown'), 2500);
  }
}

interface Wanted {
  readonly path: string;
  readonly accept: string;
  readonly name: string;
}

/** With fetch, because a link cannot send a token. */
async function download(
  api: Api,
  { document, URL }: Window & typeof globalThis,
  { path, accept, name }: Wanted,
): Promise<void> {
  const response = await api.send(path, { accept });
  const url = URL.createObjectURL(await response.blob());
  const link = document.createElement('a');
  link.href = url;
  link.download = name;
  link.click();
  URL.revokeObjectURL(url);
}

function pathEnd(id: string): string {
  return id
    .slice(id.indexOf(':') + 1)
    .split('/')
    .map(encodeURIComponent)
    .join('/');
}
