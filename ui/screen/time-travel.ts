// State of the time bar: timeline, range, playback.

import { nothing, type TemplateResult } from 'lit-html';
import { late } from '../late.ts';
import { ApiError } from '../live/api.ts';
import { clock, nextChange, type Timeline } from '../state/timeline.ts';
import { query } from '../views/view.ts';
import { namespaceOf } from '../words.ts';
import type { Screen } from './screen.ts';
import type { TimeBarContext } from './time-bar.ts';

const buckets = 120;
/** Interval of reloads of the timeline. */
const refresh = 15_000;
const pace = 1_200;

export class TimeTravel {
  readonly #screen: Screen;
  #timeline: Timeline | undefined;
  /** Loaded with the first timeline. */
  #draw: ((context: TimeBarContext) => TemplateResult) | undefined;
  #span = '1h';
  #timer = 0;
  #playing = 0;

  constructor(screen: Screen) {
    this.#screen = screen;
  }

  /** Called if the master has history. */
  start(): void {
    if (!this.#screen.known.serves('/cluster/timeline')) return;
    void this.#ask();
  }

  stop(): void {
    this.#screen.options.window.clearTimeout(this.#playing);
    this.#playing = 0;
  }

  template(): TemplateResult | typeof nothing {
    if (!this.#timeline || !this.#draw) return nothing;
    return this.#draw({
      timeline: this.#timeline,
      state: this.#screen.state,
      span: this.#span,
      playing: this.#playing !== 0,
      go: (change) => this.#screen.go(change),
      onSpan: (span) => {
        this.#span = span;
        void this.#ask();
      },
      step: (step) => this.step(step),
      play: () => this.play(),
      mark: (which) => this.mark(which),
      diff: () => this.diff(),
    });
  }

  step(step: 1 | -1): void {
    if (!this.#timeline) return;
    const at = nextChange(this.#timeline, this.#screen.state.at, step);
    if (at !== undefined) this.#screen.go({ at });
    else if (step > 0) this.#screen.go({ at: '' });
    this.#screen.say(at === undefined ? (step > 0 ? 'Now' : 'No earlier change is shown') : `At ${clock(at)}`);
  }

  mark(which: 'since' | 'until'): void {
    const moment = this.#screen.state.at || new Date().toISOString();
    this.#screen.go({ [which]: moment });
    this.#screen.say(`Difference ${which === 'since' ? 'from' : 'to'} ${clock(moment)}`);
  }

  diff(): void {
    const { since, until, namespace, id } = this.#screen.state;
    const place = namespace || namespaceOf(id);
    if (since === '') return this.#screen.say('Mark where the difference begins first: [');
    if (place === '') return this.#screen.say('A difference is of a namespace: open one first');
    this.#screen.go({ view: 'changes', namespace: place, since, until: until || new Date().toISOString(), at: '' });
  }

  play(): void {
    if (this.#playing !== 0) {
      this.stop();
      return this.#screen.draw();
    }
    const next = () => {
      if (!this.#timeline) return;
      const at = nextChange(this.#timeline, this.#screen.state.at || this.#timeline.from, 1);
      this.#screen.go({ at: at ?? '' });
      if (at === undefined) this.stop();
      else this.#playing = this.#screen.options.window.setTimeout(next, pace);
    };
    this.#playing = this.#screen.options.window.setTimeout(next, 0);
  }

  async #ask(): Promise<void> {
    const { api, window } = this.#screen.options;
    window.clearTimeout(this.#timer);
    const { namespace } = this.#screen.state;
    const path = `cluster/timeline?${query({ from: `-${this.#span}`, buckets: String(buckets), namespace })}`;
    // Without history there is no bar: that it is disabled is no failure.
    const isOff = (error: unknown) => error instanceof ApiError && error.status === 404;
    const answer = window.document.hidden
      ? undefined
      : await api.ask<Timeline>(path).catch((error: unknown) => (isOff(error) ? 'off' : undefined));
    if (answer === 'off') return;
    if (answer) {
      this.#draw = (await late('time-bar', () => import('./time-bar.ts'))).timeBarTemplate;
      this.#timeline = answer.body;
    }
    this.#timer = window.setTimeout(() => void this.#ask(), refresh);
    this.#screen.draw();
  }
}
