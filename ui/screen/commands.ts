// What the keys do, and the buttons that do the same.
import type { Actions } from '../keys.ts';
import type { Card } from '../rollup/card.ts';
import { type Direction, firstOf, neighbourOf, outOf } from '../state/navigate.ts';
import { printState, start, type ViewState } from '../state/view-state.ts';
import { viewNamed } from '../views/index.ts';
import { groupingsOf } from './groupings.ts';
import type { Dialogs } from './open-dialogs.ts';
import type { Panel } from './panel.ts';
import type { Screen } from './screen.ts';
import { focusedCard, selectedResource } from './selected.ts';
import type { TimeTravel } from './time-travel.ts';

export interface CommandParts {
  readonly dialogs: Dialogs;
  readonly time: TimeTravel;
  readonly panel: Panel;
  /** Whether the filters are shown. */
  readonly filters: { readonly isOpen: boolean; show(open: boolean): void };
  readonly layOut: () => void;
  readonly applyTheme: () => void;
}

const sizes = ['full', 'name', 'dot'] as const;

export class Commands implements Actions {
  readonly #screen: Screen;
  readonly #parts: CommandParts;
  /** Of the relations in the panel. */
  #relation = -1;

  constructor(screen: Screen, parts: CommandParts) {
    this.#screen = screen;
    this.#parts = parts;
  }

  /** Another card: its relations are read from the first. */
  forgetRelation(): void {
    this.#relation = -1;
  }

  search(): void {
    this.#parts.dialogs.search('');
  }

  move(direction: Direction): void {
    const { picture, state } = this.#screen;
    if (viewNamed(state.view).rows) return this.#moveInList(direction);
    if (picture && !state.table) this.#focus(neighbourOf(picture, state.focus, direction));
  }

  #moveInList(direction: Direction): void {
    const { document } = this.#window;
    const rows = [...document.querySelectorAll<HTMLElement>('#map [tabindex="-1"]')];
    const at = rows.findIndex((row) => row.contains(document.activeElement));
    const next = rows[direction === 'down' ? at + 1 : direction === 'up' ? Math.max(at, 1) - 1 : -1];
    next?.focus();
  }

  first(last: boolean): void {
    const { picture, state } = this.#screen;
    if (viewNamed(state.view).rows) {
      const rows = [...this.#window.document.querySelectorAll<HTMLElement>('#map [tabindex="-1"]')];
      return rows.at(last ? -1 : 0)?.focus();
    }
    if (picture) this.#focus(firstOf(picture, last));
  }

  #focus(key: string | undefined): void {
    if (key === undefined) return;
    this.#screen.moveFocus();
    this.#screen.go({ focus: key, member: '' });
  }

  open(): void {
    const { state } = this.#screen;
    const { document } = this.#window;
    if (viewNamed(state.view).rows) return document.activeElement?.querySelector<HTMLElement>('a')?.click();
    const card = focusedCard(this.#screen);
    if (!card) return this.first(false);
    if (card.opens) return this.#opened(card.opens);
    const [first] = card.members;
    if (state.member === '' && card.bar) {
      document.querySelector<HTMLElement>('#panel .s-members button')?.focus();
      return;
    }
    const id = state.member || first;
    if (id !== undefined && !(state.view === 'around' && state.id === id))
      this.#screen.go({ view: 'around', id, focus: id });
  }

  #opened(opens: NonNullable<Card['opens']>): void {
    const { cluster, ...change } = opens as Partial<ViewState> & { readonly cluster?: string };
    if (cluster === undefined) return this.#screen.go(change);
    // Another cluster is another page with its own data.
    const { location } = this.#window;
    location.assign(`?cluster=${encodeURIComponent(cluster)}${printState({ ...start, ...change })}`);
  }

  out(): void {
    const { state } = this.#screen;
    if (state.view === 'wall') return this.#outOfCluster();
    const { view, ...change } = outOf(state);
    this.#screen.go({ view, ...change });
  }

  /** Among several clusters, to the wall of all. */
  #outOfCluster(): void {
    const { location } = this.#window;
    if (new URLSearchParams(location.search).has('cluster'))
      location.assign(`${location.pathname}${printState({ ...start, by: 'cluster' })}`);
  }

  clear(): void {
    const { dialogs, filters } = this.#parts;
    if (dialogs.isOpen) return dialogs.close();
    if (filters.isOpen) return filters.show(false);
    this.#window.document.querySelector<HTMLElement>('#map .card[tabindex="0"]')?.focus();
    this.#screen.go({ focus: '', member: '' });
  }

  around(): void {
    const id = this.#resourceId();
    if (id !== undefined) this.#screen.go({ view: 'around', id, focus: id });
  }

  impact(): void {
    const id = this.#resourceId();
    if (id !== undefined) this.#screen.go({ view: 'impact', id, focus: id });
  }

  path(): void {
    const id = this.#resourceId();
    if (id !== undefined) this.#parts.dialogs.search(id);
  }

  /** Undefined for groups. */
  #resourceId(): string | undefined {
    const resource = selectedResource(this.#screen, this.#screen.session.model);
    return resource?.type === 'ResourceGroup' ? undefined : resource?.id;
  }

  /** Of the namespace that is shown, if any. */
  findings(): void {
    const { state, known } = this.#screen;
    if (!known.serves('/cluster/findings')) return this.#screen.say('This master tells no findings');
    const { namespace } = state;
    this.#screen.go({ view: 'findings', namespaces: namespace === '' ? [] : [namespace] });
  }

  actions(): void {
    this.#screen.go({ view: 'actions' });
  }

  table(): void {
    const { state } = this.#screen;
    if (viewNamed(state.view).rows) return;
    this.#screen.moveFocus();
    this.#screen.go({ table: !state.table });
  }

  relation(): void {
    const rows = this.#window.document.querySelectorAll<HTMLElement>('#panel .reason');
    if (rows.length === 0) return;
    this.#relation = (this.#relation + 1) % rows.length;
    rows[this.#relation]?.focus();
  }

  group(): void {
    const { by } = this.#screen.state;
    const groupings = groupingsOf(this.#screen.known.clusters.length);
    const next = groupings[(groupings.indexOf(by) + 1) % groupings.length] ?? 'namespace';
    this.#screen.go({ view: 'wall', by: next });
    this.#screen.say(`Grouped by ${next}`);
  }

  filter(): void {
    this.#toggleFilters('#filters input');
  }

  legend(): void {
    this.#toggleFilters('#filters input[type="checkbox"]');
  }

  #toggleFilters(first: string): void {
    const { filters } = this.#parts;
    if (!viewNamed(this.#screen.state.view).rows) filters.show(!filters.isOpen);
    this.#window.document.querySelector<HTMLElement>(first)?.focus();
  }

  infrastructure(): void {
    this.#screen.go({ infrastructure: !this.#screen.state.infrastructure });
    this.#screen.say(`Infrastructure ${this.#screen.state.infrastructure ? 'shown' : 'hidden'}`);
  }

  layOut(): void {
    this.#parts.layOut();
    this.#screen.draw();
    this.#screen.say('Laid out again');
  }

  fit(): void {
    const { document, innerWidth } = this.#window;
    const { width = 0 } = this.#screen.picture ?? {};
    const available = document.getElementById('map')?.clientWidth ?? innerWidth;
    const size = this.#screen.state.size !== 'full' || width <= available ? 'full' : 'name';
    this.#screen.go({ size, x: 0, y: 0 });
    document.getElementById('map')?.scrollTo(0, 0);
  }

  size(step: 1 | -1): void {
    const next = sizes[sizes.indexOf(this.#screen.state.size) - step];
    if (next) this.#screen.go({ size: next });
  }

  pause(): void {
    const { session } = this.#screen;
    if (session.paused) session.resume();
    else session.pause();
    this.#screen.say(session.paused ? 'Paused' : 'Live again');
  }

  object(): void {
    this.#parts.panel.unfold('object');
  }

  history(): void {
    this.#parts.panel.unfold('history');
  }

  step(step: 1 | -1): void {
    this.#parts.time.step(step);
  }

  play(): void {
    this.#parts.time.play();
  }

  mark(which: 'since' | 'until'): void {
    this.#parts.time.mark(which);
  }

  diff(): void {
    this.#parts.time.diff();
  }

  now(): void {
    this.#parts.time.stop();
    this.#screen.go({ at: '' });
  }

  copyLink(): void {
    const { options, state } = this.#screen;
    const { search } = options.window.location;
    this.#screen.copy(new URL(`${search}${printState(state)}`, options.base).href, 'the link');
  }

  save(): void {
    const { options, state } = this.#screen;
    const { store } = options;
    const hash = printState(state);
    const name = viewNamed(state.view).title(state);
    store.saved = [...store.saved.filter((each) => each.hash !== hash), { name, hash }];
    this.#screen.say(`Saved: ${name}`);
  }

  saved(): void {
    this.#parts.dialogs.saved();
  }

  theme(): void {
    const { store } = this.#screen.options;
    store.theme = { system: 'light', light: 'dark', dark: 'system' }[store.theme] ?? 'system';
    this.#parts.applyTheme();
    this.#screen.say(`Appearance: ${store.theme}`);
  }

  panel(): void {
    const { document } = this.#window;
    const isThere = document.activeElement?.closest('#panel');
    document.querySelector<HTMLElement>(isThere ? '#map .card[tabindex="0"]' : '#panel')?.focus();
  }

  help(): void {
    this.#parts.dialogs.help();
  }

  get #window(): Window & typeof globalThis {
    return this.#screen.options.window;
  }
}
