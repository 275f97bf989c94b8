// The past, below the map: changes over time, a slider, two marks, and playback. Gaps are shown.
import { html, nothing, svg, type TemplateResult } from 'lit-html';
import { guard } from 'lit-html/directives/guard.js';
import { clock, type Gap, gapsOf, type Timeline, totalOf } from '../state/timeline.ts';
import type { ViewState } from '../state/view-state.ts';

export interface TimeBarContext {
  readonly timeline: Timeline;
  readonly state: ViewState;
  readonly span: string;
  readonly playing: boolean;
  readonly go: (change: Partial<ViewState>) => void;
  readonly onSpan: (span: string) => void;
  readonly step: (step: 1 | -1) => void;
  readonly play: () => void;
  readonly mark: (which: 'since' | 'until') => void;
  readonly diff: () => void;
}

const steps = 1000;
const day = 86_400_000;
export const spans = ['15m', '1h', '6h', '1d', '7d'];

export function timeBarTemplate(context: TimeBarContext): TemplateResult {
  const { timeline, state, span, playing, go, onSpan, step, play, mark, diff } = context;
  const [from, to] = [Date.parse(timeline.from), Date.parse(timeline.to)];
  const placeOf = (text: string) => ((Date.parse(text) - from) / Math.max(1, to - from)) * steps;
  const at = state.at === '' ? steps : Math.round(placeOf(state.at));
  const isGap = state.at !== '' && gapsOf(timeline.gaps, state.at).length > 0;
  const moment = state.at === '' ? 'now' : `${clock(state.at)}${isGap ? ', not observed' : ''}`;
  const moved = (event: Event) => {
    const value = Number((event.target as HTMLInputElement).value);
    const time = new Date(from + ((to - from) * value) / steps).toISOString();
    go({ at: value >= steps ? '' : time });
  };
  return html`<footer class="time" aria-label="Time">
    <button type="button" aria-label="The change before" title="The change before" @click=${() => step(-1)}>◂ <kbd>,</kbd></button>
    <button type="button" aria-pressed=${playing ? 'true' : 'false'} title="Play from change to change" @click=${play}><span aria-hidden="true">${playing ? '❚❚' : '▶'}</span><span class="visually-hidden">Play</span> <kbd>m</kbd></button>
    <button type="button" aria-label="The next change" title="The next change" @click=${() => step(1)}>▸ <kbd>.</kbd></button>
    <time class="since" datetime=${timeline.from} title="Here begins what is drawn: ${clock(timeline.from)}">${to - from > day ? timeline.from.slice(5, 10) : timeline.from.slice(11, 16)}</time>
    <div class="track">
      <svg viewBox="0 0 ${steps} 30" preserveAspectRatio="none" aria-hidden="true">${guard([timeline], () => svg`${bars(timeline, placeOf)}${timeline.gaps.map((gap) => gapTemplate(gap, placeOf))}`)}
        ${[state.since, state.until]
          .filter((each) => !Number.isNaN(placeOf(each)))
          .map((each) => svg`<rect class="mark" x=${placeOf(each) - 1} y="0" width="2" height="30"></rect>`)}</svg>
      <input type="range" min="0" max=${steps} .value=${String(Math.min(Math.max(at, 0), steps))} aria-label="Moment" aria-valuetext=${moment} @change=${moved}>
    </div>
    <output>${moment}</output>
    ${state.at === '' ? nothing : html`<button type="button" @click=${() => go({ at: '' })}>Now</button>`}
    <label>last <select @change=${(event: Event) => onSpan((event.target as HTMLSelectElement).value)}>${spans.map((each) => html`<option value=${each} ?selected=${each === span}>${each}</option>`)}</select></label>
    <button type="button" title="Marks where a difference begins: the moment that is shown" @click=${() => mark('since')}>From <kbd>[</kbd></button>
    <button type="button" title="Marks where a difference ends; now if left out" @click=${() => mark('until')}>To <kbd>]</kbd></button>
    <button type="button" ?disabled=${state.since === ''} title="What is new, gone and changed between the two" @click=${diff}>Difference <kbd>d</kbd></button>
  </footer>`;
}

function bars({ buckets }: Timeline, placeOf: (text: string) => number) {
  const most = Math.max(1, ...buckets.map(totalOf));
  return buckets.map((bucket) => {
    const total = totalOf(bucket);
    if (total === 0) return nothing;
    // A single change among thousands is visible too.
    const height = 3 + (Math.log1p(total) / Math.log1p(most)) * 27;
    const x = placeOf(bucket.from);
    return svg`<rect class="bucket" x=${x} width=${Math.max(1, placeOf(bucket.to) - x - 0.5)} y=${30 - height} height=${height}></rect>`;
  });
}

function gapTemplate({ from, to }: Gap, placeOf: (text: string) => number) {
  const [left, right] = [Math.max(0, placeOf(from)), Math.min(steps, placeOf(to))];
  return right <= 0 || left >= steps
    ? nothing
    : svg`<rect class="gap" x=${left} width=${Math.max(2, right - left)} y="0" height="30"></rect>`;
}
