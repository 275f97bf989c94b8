// State of the time bar: timeline, range, playback.
import { nothing, type TemplateResult } from 'lit-html';
import { clock, nextChange, type Timeline } from '../state/timeline.ts';
import type { ViewState } from '../state/view-state.ts';
import { query } from '../views/view.ts';
import { namespaceOf } from '../words.ts';
import type { PageOptions } from './page.ts';
import { timeBarTemplate } from './time-bar.ts';

export interface TimeActions {
  readonly state: () => ViewState;
  readonly go: (change: Partial<ViewState>) => void;
  readonly say: (words: string) => void;
  readonly draw: () => void;
  readonly serves: (path: string) => boolean;
}

const buckets = 120;
/** Interval of reloads of the timeline. */
const refresh = 15_000;
const pace = 1_200;

export class TimeTravel {
  readonly #options: PageOptions;
  readonly #actions: TimeActions;
  #timeline: Timeline | undefined;
  #span = '1h';
  #timer = 0;
  #playing = 0;

  constructor(options: PageOptions, actions: TimeActions) {
    this.#options = options;
    this.#actions = actions;
  }

  /** Called if the master has history. */
  start(): void {
    if (!this.#actions.serves('/cluster/timeline')) return;
    void this.#ask();
  }

  stop(): void {
    this.#options.window.clearTimeout(this.#playing);
    this.#playing = 0;
  }

  template(): TemplateResult | typeof nothing {
    if (!this.#timeline) return nothing;
    const { go, state } = this.#actions;
    return timeBarTemplate({
      timeline: this.#timeline,
      state: state(),
      span: this.#span,
      playing: this.#playing !== 0,
      go,
      onSpan: (span) => {
        this.#span = span;
        void this.#ask();
      },
      step: (step) => this.step(step),
      play: () => this.#play(),
      mark: (which) => this.mark(which),
      diff: () => this.diff(),
    });
  }

  step(step: 1 | -1): void {
    if (!this.#timeline) return;
    const { go, say, state } = this.#actions;
    const at = nextChange(this.#timeline, state().at, step);
    if (at !== undefined) go({ at });
    else if (step > 0) go({ at: '' });
    say(at === undefined ? (step > 0 ? 'Now' : 'No earlier change is shown') : `At ${clock(at)}`);
  }

  mark(which: 'since' | 'until'): void {
    const { go, say, state } = this.#actions;
    const moment = state().at || new Date().toISOString();
    go({ [which]: moment });
    say(`Difference ${which === 'since' ? 'from' : 'to'} ${clock(moment)}`);
  }

  diff(): void {
    const { go, say, state } = this.#actions;
    const { since, until, namespace, id } = state();
    const place = namespace || namespaceOf(id);
    if (since === '') return say('Mark where the difference begins first: [');
    if (place === '') return say('A difference is of a namespace: open one first');
    go({ view: 'changes', namespace: place, since, until: until || new Date().toISOString(), at: '' });
  }

  #play(): void {
    if (this.#playing !== 0) {
      this.stop();
      return this.#actions.draw();
    }
    const next = () => {
      if (!this.#timeline) return;
      const { go, state } = this.#actions;
      const at = nextChange(this.#timeline, state().at || this.#timeline.from, 1);
      go({ at: at ?? '' });
      if (at === undefined) this.stop();
      else this.#playing = this.#options.window.setTimeout(next, pace);
    };
    this.#playing = this.#options.window.setTimeout(next, 0);
  }

  async #ask(): Promise<void> {
    const { api, window } = this.#options;
    window.clearTimeout(this.#timer);
    const { namespace } = this.#actions.state();
    const path = `cluster/timeline?${query({ from: `-${this.#span}`, buckets: String(buckets), namespace })}`;
    // Without history there is no bar: that it is disabled is no failure.
    const answer = window.document.hidden ? undefined : await api.ask<Timeline>(path).catch(() => undefined);
    if (answer) this.#timeline = answer.body;
    this.#timer = window.setTimeout(() => void this.#ask(), refresh);
    this.#actions.draw();
  }
}
