// The content at the place of the map: cards, a table, a list, or why there is nothing.

import { html, nothing, type TemplateResult } from 'lit-html';
import { guard } from 'lit-html/directives/guard.js';
import { isNarrowed } from '../filter.ts';
import { late } from '../late.ts';
import type { List } from '../lists/list.ts';
import { nodeOf } from '../live/usage.ts';
import { shortText, usageOf } from '../numbers.ts';
import type { Card } from '../rollup/card.ts';
import { firstOf } from '../state/navigate.ts';
import type { ViewName } from '../state/view-state.ts';
import { viewNamed } from '../views/index.ts';
import { counted } from '../words.ts';
import { mapTemplate } from './map.ts';
import type { Picture } from './picture.ts';
import type { Screen } from './screen.ts';
import { selectedResource } from './selected.ts';
import { shortcutsTemplate } from './shortcuts.ts';
import type { Column, TableContext } from './table.ts';

export class Body {
  readonly #screen: Screen;
  readonly #open: () => void;
  #lists: ((name: ViewName) => List | undefined) | undefined;
  #tableTemplate: ((context: TableContext) => TemplateResult) | undefined;
  #sort: TableContext['sort'] = { column: 'State', down: false };

  constructor(screen: Screen, open: () => void) {
    this.#screen = screen;
    this.#open = open;
  }

  template(): TemplateResult {
    const { picture, state, session, known } = this.#screen;
    if (!picture) return html`<p class="empty">${session.failure ? 'There is nothing to show.' : 'Loading'}</p>`;
    if (viewNamed(state.view).rows) return this.#list();
    if (state.table) return this.#table(picture);
    if (picture.scene.cards.length === 0) return html`<p class="empty">${this.#emptyWords()}</p>`;
    const tabStop = picture.spots.has(state.focus) ? state.focus : firstOf(picture, false);
    return html`${state.view === 'wall' ? shortcutsTemplate(picture.scene.cards, known.worst, (key) => this.#onCard(key, true)) : nothing}
      ${guard([picture, state.focus, tabStop, state.families, state.size, this.#screen.usage.numbers], () =>
        mapTemplate({
          picture,
          state,
          tabStop: tabStop ?? '',
          near: nearOf(picture, state.focus),
          usage: (card) => this.#usageOf(card),
          onCard: (key, open) => this.#onCard(key, open),
        }),
      )}`;
  }

  /** Loaded when the first list is looked at. */
  #list(): TemplateResult {
    const { state, session, desk } = this.#screen;
    const list = this.#lists?.(state.view);
    if (list)
      return list.render({
        model: session.model,
        state,
        now: Date.now(),
        desk,
        go: (change) => this.#screen.go(change),
      });
    void late('lists', () => import('../lists/index.ts')).then(({ listNamed }) => {
      this.#lists = listNamed;
      this.#screen.draw();
    });
    return html`<p class="empty">Loading</p>`;
  }

  #emptyWords(): string {
    return `Nothing here${isNarrowed(this.#screen.state) ? ' passes the filter' : ''}.`;
  }

  /** Loaded when the first table is looked at. */
  #table({ scene }: Picture): TemplateResult {
    const screen = this.#screen;
    if (!this.#tableTemplate) {
      void late('table', () => import('./table.ts')).then(({ tableTemplate }) => {
        this.#tableTemplate = tableTemplate;
        screen.draw();
      });
      return html`<p class="empty">Loading</p>`;
    }
    const { model } = screen.session;
    const ids = new Set(scene.cards.flatMap(({ members }) => members));
    return this.#tableTemplate({
      resources: [...ids].flatMap((id) => model.resource(id) ?? []),
      relationsOf: (id) => (model.graph.hasNode(id) ? model.graph.degree(id) : 0),
      focused: selectedResource(screen, model)?.id ?? '',
      sort: this.#sort,
      onSort: (column: Column) => {
        this.#sort = { column, down: this.#sort.column === column && !this.#sort.down };
        screen.draw();
      },
      onCsv: (text) => {
        const { window } = screen.options;
        void late('download', () => import('./download.ts')).then(({ save }) =>
          save(window, new Blob([text], { type: 'text/csv' }), 'table.csv'),
        );
      },
      onRow: (id) => {
        const card = scene.cards.find(({ members }) => members.includes(id));
        screen.go({ focus: card?.key ?? id, member: card?.key === id ? '' : id });
      },
    });
  }

  #usageOf({ members, kind }: Card): string {
    const ids = kind === 'node' ? members.map((id) => nodeOf({ id })) : members;
    const used = usageOf(ids, this.#screen.usage.numbers);
    return used ? shortText(used) : '';
  }

  #onCard(key: string, open: boolean): void {
    const { state } = this.#screen;
    if (key !== state.focus || state.member !== '') this.#screen.go({ focus: key, member: '' });
    this.#screen.moveFocus();
    if (open) this.#open();
  }
}

/** Cards related to the focused one, with the relations' words. */
export function nearOf({ scene }: Pick<Picture, 'scene'>, focus: string): Map<string, string> {
  const near = new Map<string, string>();
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
