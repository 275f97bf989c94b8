// The map: cards as real DOM lists, one per lane, over an SVG of lines; scrolled by the browser.
import { html, nothing, svg, type TemplateResult } from 'lit-html';
import { guard } from 'lit-html/directives/guard.js';
import { repeat } from 'lit-html/directives/repeat.js';
import type { Card, Line } from '../rollup/card.ts';
import type { ViewState } from '../state/view-state.ts';
import { marks, type State } from '../words.ts';
import type { Picture } from './picture.ts';

export interface MapContext {
  readonly picture: Picture;
  readonly state: ViewState;
  /** The card reached by Tab. */
  readonly tabStop: string;
  /** Cards related to the focused one, with the relations' words. */
  readonly near: ReadonlyMap<string, string>;
  /** What its members use, as `kubectl top` has it; empty if unknown. */
  readonly usage: (card: Card) => string;
  readonly onCard: (key: string, open: boolean) => void;
}

const headingHeight = 38;

export function mapTemplate(context: MapContext): TemplateResult {
  const { picture, state } = context;
  const { scene, width, height } = picture;
  const size = `width:${width}px;height:${height + headingHeight}px`;
  const byLane = Map.groupBy(scene.cards, ({ lane }) => lane);
  const lanes = [...picture.lanes.keys()].sort((a, b) => a - b).filter((lane) => byLane.has(lane));
  return html`<div class="canvas ${scene.form} ${state.size}" .style=${size}>
    ${scene.form === 'grid' ? nothing : linesTemplate(context)}
    ${lanes.map((lane) => laneTemplate(context, lane, byLane.get(lane) ?? []))}
  </div>`;
}

function linesTemplate({ picture, state }: MapContext): TemplateResult {
  const { scene, width, height, path } = picture;
  const isOn = ({ source, target }: Line) => source === state.focus || target === state.focus;
  const lines = scene.lines.filter(
    (line) => isOn(line) || state.families.includes(line.family) || scene.form === 'list',
  );
  const classes = (line: Line) =>
    `line ${line.family}${isOn(line) ? ' on' : ''}${line.missing ? ' missing' : ''}${line.count > 1 ? ' several' : ''}`;
  return html`<svg class=${`lines${lines.some(isOn) ? ' lit' : ''}`} width=${width + 60} height=${height + headingHeight} aria-hidden="true">
    <g transform="translate(0 ${headingHeight})">
      ${repeat(
        lines,
        ({ key }) => key,
        (line) => svg`<path class=${classes(line)} d=${path(line)} marker-end="url(#arrow)"></path>`,
      )}
    </g>
  </svg>`;
}

function laneTemplate(context: MapContext, lane: number, cards: readonly Card[]): TemplateResult {
  const { picture } = context;
  const { spots, lanes, scene } = picture;
  const title = scene.lanes[lane] ?? '';
  const sorted = cards.toSorted((a, b) => {
    const [p, q] = [spots.get(a.key), spots.get(b.key)];
    return (p?.y ?? 0) - (q?.y ?? 0) || (p?.x ?? 0) - (q?.x ?? 0);
  });
  return html`<section aria-labelledby="lane-${lane}">
    <h2 id="lane-${lane}" class="lane" .style=${`transform:translateX(${lanes.get(lane) ?? 0}px)`}>
      ${title} <span class="count">${cards.length}</span>
    </h2>
    <ul>
      ${repeat(
        sorted,
        ({ key }) => key,
        (card) => guard(lookOf(context, card), () => cardTemplate(context, card)),
      )}
    </ul>
  </section>`;
}

/** All that a card's look depends on: of many cards few change at a time. */
function lookOf({ picture, state, tabStop, near, usage }: MapContext, card: Card): unknown[] {
  const { x, y } = picture.spots.get(card.key) ?? {};
  const { key } = card;
  const own = [key === state.focus, key === tabStop, near.get(key), usage(card)];
  return [card, x, y, picture.sizes.width, picture.scene.form, state.size, ...own];
}

function cardTemplate({ picture, state, tabStop, near, usage, onCard }: MapContext, card: Card): TemplateResult {
  const { x, y } = picture.spots.get(card.key) ?? { x: 0, y: 0 };
  const { scene, sizes } = picture;
  const isFocused = card.key === state.focus;
  const tag = near.get(card.key);
  const used = usage(card);
  const height = state.size === 'full' ? card.height : 30;
  const classes = [
    'card',
    `is-${card.state}`,
    isFocused ? 'focused' : '',
    tag === undefined ? '' : 'near',
    card.outside ? 'outside' : '',
    card.bar && scene.form !== 'grid' ? 'stack' : '',
    card.fate ?? '',
  ];
  const place = `transform:translate(${x}px,${y + headingHeight}px);width:${sizes.width}px;height:${height}px`;
  return html`<li .style=${place} class="place">
    <button
      type="button"
      class=${classes.filter(Boolean).join(' ')}
      data-key=${card.key}
      tabindex=${card.key === tabStop ? 0 : -1}
      aria-label=${state.size === 'full' ? nothing : spoken(card, tag)}
      aria-current=${isFocused ? 'true' : nothing}
      title=${`${card.title}\n${card.kind}${card.note === '' ? '' : ` · ${card.note}`}`}
      @click=${() => onCard(card.key, false)}
      @dblclick=${() => onCard(card.key, true)}
    >
      <span class="head"><span class="name">${card.title}</span>${used === '' ? nothing : html`<span class="usage"><span class="visually-hidden">uses</span> ${used}</span>`}</span>
      ${scene.form === 'grid' && card.bar ? tileLines(card) : cardLines(card)}
      ${state.size === 'dot' ? html`<span class="dot-mark" aria-hidden="true">${marks[card.state]}</span>` : nothing}
      ${card.bar && [...card.bar.keys()].some((each) => each !== 'none') ? barTemplate(card.bar) : nothing}
      ${card.outside ? html`<span class="visually-hidden">elsewhere</span>` : nothing}
      ${tag === undefined || tag === '' ? nothing : html`<span class="tag"><span class="visually-hidden">related by </span>${tag}</span>`}
    </button>
  </li>`;
}

function cardLines({ kind, title, state, note, bar, reason }: Card): TemplateResult {
  const own = html`${kind === title ? nothing : html`<span class="what-kind">${kind}</span> `}${stateTemplate(state)} <span class="note">${note}</span>`;
  return html`<span class=${bar ? 'kind counted' : 'kind'}>${bar ? html`${countsTemplate(bar)} <span class="note">${note}</span>` : own}</span>
    ${reason === undefined ? nothing : html`<code class="reason-line">${reason}</code>`}`;
}

function tileLines({ note, bar }: Card): TemplateResult {
  return html`<span class="kind"><span class="note">${note}</span></span><span class="kind counted">${bar ? countsTemplate(bar) : nothing}</span>`;
}

const mostCounts = 4;

/** The worst has its word; the others have theirs for screen readers and pointers: there is no room for all. */
function countsTemplate(bar: ReadonlyMap<State, number>): TemplateResult[] {
  return [...bar]
    .filter(([state]) => state !== 'none')
    .slice(0, mostCounts)
    .map(
      ([state, count], n) =>
        html`<span class="state marked s-${state}" data-mark=${marks[state]} title=${`${count} ${state}`}>${n === 0 ? `${count} ${state}` : html`${count}<span class="visually-hidden"> ${state}</span>`}</span> `,
    );
}

export function stateTemplate(state: State): TemplateResult | typeof nothing {
  if (state === 'none') return nothing;
  return html`<span class="state s-${state}"><span aria-hidden="true" class="mark">${marks[state]}</span> ${state}</span>`;
}

/** One element with a segment per state, because a wall has hundreds; the counts have the words. */
function barTemplate(bar: ReadonlyMap<State, number>): TemplateResult {
  const total = [...bar.values()].reduce((sum, count) => sum + count, 0);
  let from = 0;
  const segments = [...bar].map(([state, count]) => {
    const to = from + (count / Math.max(1, total)) * 100;
    const segment = `var(--${colours[state] ?? 'quiet'}) ${from}% ${to}%`;
    from = to;
    return segment;
  });
  return html`<span class="bar" .style=${`background:linear-gradient(90deg,${segments.join()})`}></span>`;
}

const colours: { readonly [state in State]?: string } = {
  failed: 'failed',
  missing: 'failed',
  degraded: 'degraded',
  progressing: 'progressing',
  ok: 'ok',
  none: 'edge',
};

/** Screen reader text of a card. */
export function spoken({ title, kind, state, note, bar, outside, reason }: Card, tag?: string): string {
  const counts = bar ? [...bar].filter(([each]) => each !== 'none').map(([each, count]) => `${count} ${each}`) : [];
  const parts = [
    title,
    title.includes(kind) ? '' : kind,
    bar ? '' : state === 'none' ? '' : state,
    ...counts,
    note,
    reason ?? '',
    outside ? 'elsewhere' : '',
    tag === undefined || tag === '' ? '' : `related by ${tag}`,
  ];
  return parts.filter(Boolean).join(', ');
}
