// The page: holds the state, hands keys to the commands, draws at most once per frame.

import { html, nothing, render, type TemplateResult } from 'lit-html';
import { keyOfEvent } from '../keys.ts';
import { late } from '../late.ts';
import type { ActionDesk } from '../live/action-desk.ts';
import type { Session } from '../live/session.ts';
import { nodeOf, questionsOf, type Usage } from '../live/usage.ts';
import { gapsOf } from '../state/timeline.ts';
import { parseState, pictureOf, printState, start, subjectOf, type ViewState } from '../state/view-state.ts';
import { viewNamed } from '../views/index.ts';
import { momentOf, query } from '../views/view.ts';
import { counted, kindOf } from '../words.ts';
import { Body } from './body.ts';
import { Commands } from './commands.ts';
import { Known } from './known.ts';
import { Dialogs } from './open-dialogs.ts';
import { Panel } from './panel.ts';
import { type Picture, Pictures } from './picture.ts';
import type { PageOptions, Screen } from './screen.ts';
import { bannerTemplate, headerTemplate, type ShellContext } from './shell.ts';
import { Speech } from './speech.ts';
import { TimeTravel } from './time-travel.ts';

/** Browsers reject a hundred history changes within seconds. */
const scrollPause = 250;
/** Live pictures take at most a fifth of the time. */
const share = 4;
/** Milliseconds. */
const longestWait = 1000;
/** Beside a wall, with a scroll bar. */
const margins = 55;
/** Where paddings are smaller: see app.css. */
const narrow = 600;
const narrowMargins = 22;

export class Page implements Screen {
  readonly options: PageOptions;
  readonly session: Session;
  readonly known: Known;
  readonly usage: Usage;
  desk: ActionDesk | undefined;
  readonly #pictures = new Pictures();
  readonly #dialogs: Dialogs;
  readonly #time: TimeTravel;
  readonly #panel: Panel;
  readonly #body: Body;
  readonly #commands: Commands;
  readonly #speech: Speech;
  #state: ViewState;
  #picture: Picture | undefined;
  #filterOpen = false;
  /** Loaded after the first view. */
  #filters: ((shell: ShellContext) => TemplateResult) | undefined;
  #asked = false;
  #learns = false;
  #moveFocus = false;
  #waiting = false;
  /** Milliseconds. */
  #drawnAt = 0;
  #cost = 0;
  #scrollTo: { readonly x: number; readonly y: number } | undefined;
  #scrollTimer = 0;

  constructor(options: PageOptions) {
    this.options = options;
    this.session = options.session(() => this.#drawSoon());
    this.usage = options.usage(() => this.draw());
    this.#state = parseState(options.window.location.hash);
    this.known = new Known({ api: options.api, window: options.window, draw: () => this.draw() });
    this.#speech = new Speech(options.window);
    this.#time = new TimeTravel(this);
    this.#dialogs = new Dialogs(this);
    this.#panel = new Panel(this, {
      open: () => this.#commands.open(),
      around: () => this.#commands.around(),
      impact: () => this.#commands.impact(),
      path: () => this.#commands.path(),
      copyLink: () => this.#commands.copyLink(),
    });
    this.#body = new Body(this, () => this.#commands.open());
    this.#commands = this.#commandsOf();
  }

  #commandsOf(): Commands {
    const isOpen = () => this.#filterOpen;
    return new Commands(this, {
      dialogs: this.#dialogs,
      time: this.#time,
      panel: this.#panel,
      filters: {
        get isOpen() {
          return isOpen();
        },
        show: (open) => {
          this.#filterOpen = open;
          this.drawNow();
        },
      },
      layOut: () => this.#pictures.forget(this.#state),
      applyTheme: () => this.#applyTheme(),
    });
  }

  start(): void {
    const { window } = this.options;
    this.#applyTheme();
    window.addEventListener('hashchange', () => this.#followHash());
    window.addEventListener('keydown', (event) => this.#pressed(event));
    window.addEventListener('resize', () => this.draw());
    window.addEventListener('online', () => this.session.again());
    this.#scrollTo = { x: this.#state.x, y: this.#state.y };
    this.session.show(viewNamed(this.#state.view), this.#state);
    this.draw();
  }

  get state(): ViewState {
    return this.#state;
  }

  get picture(): Picture | undefined {
    return this.#picture;
  }

  restart(): void {
    this.#panel.forget();
    this.#learns = false;
    this.session.again();
  }

  /** What surrounds the picture comes after it. */
  async #learn(): Promise<void> {
    const { hasLoaded, standing } = this.session;
    if (this.#learns || !(hasLoaded || standing === 'refused')) return;
    this.#learns = true;
    await this.known.learn();
    this.#filters = (await late('filters', () => import('./filters.ts'))).filterTemplate;
    const { acting } = this.known;
    if (acting !== undefined) this.desk ??= (await late('desk', () => import('./open-desk.ts'))).openDesk(this, acting);
    // With several clusters the wall starts with these.
    const isPlain = this.options.window.location.hash === '' && this.#state.by === start.by;
    if (this.known.clusters.length > 1 && isPlain) this.go({ by: 'cluster' });
    this.#time.start();
    this.#followUsage();
    this.draw();
  }

  /** Of the namespace or the nodes that are shown; other views have too much for cards. */
  #followUsage(): void {
    const { namespace, at, view } = this.#state;
    const isOfNodes = view === 'wall' && this.#state.by === 'node' && this.session.hasLoaded;
    const isOfNamespace = namespace !== '' && view !== 'changes';
    const questions = isOfNodes ? questionsOf(this.session.model.resources().map(nodeOf)) : [query({ namespace })];
    const isTold = (isOfNodes || isOfNamespace) && this.known.serves('/cluster/metrics');
    this.usage.follow(isTold ? questions.map((each) => momentOf(`cluster/metrics?${each}`, at)) : []);
  }

  unauthorized(): void {
    this.#dialogs.signIn(
      this.options.store.token === undefined ? '' : 'The token was not accepted: it may have run out.',
    );
  }

  go(change: Partial<ViewState>): void {
    const before = this.#state;
    const { families, infrastructure, size, by, at, since, until } = before;
    const isMove = change.view !== undefined;
    this.#state = isMove
      ? { ...start, families, infrastructure, size, by, at, since, until, ...change }
      : { ...before, ...change };
    const isOther = subjectOf(before) !== subjectOf(this.#state);
    const { history } = this.options.window;
    history[isOther ? 'pushState' : 'replaceState'](null, '', printState(this.#state));
    this.#changed(before);
  }

  #followHash(): void {
    const before = this.#state;
    this.#state = parseState(this.options.window.location.hash);
    this.#changed(before);
  }

  #changed(before: ViewState): void {
    if (before.focus !== this.#state.focus || before.member !== this.#state.member) this.#commands.forgetRelation();
    if (subjectOf(before) !== subjectOf(this.#state)) {
      // Another moment of the same picture takes its place card by card.
      if (pictureOf(before) !== pictureOf(this.#state)) this.#picture = undefined;
      this.#scrollTo = { x: this.#state.x, y: this.#state.y };
      this.#moveFocus = true;
      this.session.show(viewNamed(this.#state.view), this.#state);
      this.#followUsage();
      this.#dialogs.close();
    }
    this.draw();
  }

  moveFocus(): void {
    this.#moveFocus = true;
  }

  draw(): void {
    if (this.#asked) return;
    this.#asked = true;
    const { window } = this.options;
    const paint = () => {
      if (this.#asked) this.drawNow();
    };
    // A hidden tab gets no frames and must not fall behind.
    window.setTimeout(paint, 250);
    window.requestAnimationFrame(paint);
  }

  /** A live change waits in proportion to what the last picture cost: input comes first. */
  #drawSoon(): void {
    const { performance } = this.options.window;
    const wait = Math.min(longestWait, this.#drawnAt + share * this.#cost - performance.now());
    if (wait <= 0) return this.draw();
    if (this.#waiting) return;
    this.#waiting = true;
    this.options.window.setTimeout(() => {
      this.#waiting = false;
      this.draw();
    }, wait);
  }

  drawNow(): void {
    const { performance } = this.options.window;
    const begin = performance.now();
    this.#asked = false;
    this.session.flush();
    this.#paint();
    void this.#learn();
    this.#drawnAt = performance.now();
    this.#cost = this.#drawnAt - begin;
  }

  #paint(): void {
    const { window } = this.options;
    const root = window.document.getElementById('page');
    if (!root) return;
    if (this.session.hasLoaded) {
      // Which nodes there are is known only now.
      if (this.#state.by === 'node') this.#followUsage();
      // Of the whole page: a wall stays as it is when the panel opens.
      const width = root.clientWidth || window.innerWidth;
      const available = width - (width > narrow ? margins : narrowMargins);
      this.#picture = this.#pictures.of(viewNamed(this.#state.view), this.session.model, this.#state, available);
    }
    const shell = this.#shell();
    const panel = this.#panel.template();
    render(
      html`<header>${headerTemplate(shell)}</header>
        <section class="banner" aria-label="Notices">${bannerTemplate(shell)}</section>
        ${this.#filterOpen && !viewNamed(this.#state.view).rows ? (this.#filters?.(shell) ?? nothing) : nothing}
        <div class=${panel ? 'body with-panel' : 'body'}>
          <main id="map" aria-label=${viewNamed(this.#state.view).title(this.#state)} @scroll=${() => this.#scrolled()}>${this.#body.template()}</main>
          ${panel ?? nothing}
        </div>
        ${this.#time.template()} ${this.#dialogs.template()}`,
      root,
    );
    this.#followActions(panel !== undefined);
    this.#afterPaint();
  }

  #followActions(beside: boolean): void {
    const { view, at } = this.#state;
    const isStill = this.session.paused || at !== '';
    this.desk?.follow(isStill ? 'none' : view === 'actions' ? 'all' : beside ? 'own' : 'none');
  }

  #afterPaint(): void {
    const { document } = this.options.window;
    document.title = `${viewNamed(this.#state.view).title(this.#state)} · ${this.#clusterName() || 'Cluster Insight'}`;
    this.#dialogs.afterPaint();
    if (!this.session.hasLoaded) return;
    const map = document.getElementById('map');
    if (this.#scrollTo && map) {
      map.scrollTo(this.#scrollTo.x, this.#scrollTo.y);
      this.#scrollTo = undefined;
    }
    if (!this.#moveFocus) return;
    this.#moveFocus = false;
    if (document.querySelector('dialog[open]') || document.activeElement?.closest('#filters')) return;
    const card = document.querySelector<HTMLElement>('#map .card[tabindex="0"]');
    card?.focus({ preventScroll: true });
    card?.scrollIntoView({ block: 'nearest', inline: 'nearest' });
  }

  #clusterName(): string {
    const { clusters } = this.known;
    return clusters.length > 1 ? `${clusters.length} clusters` : (clusters[0] ?? '');
  }

  #shell(): ShellContext {
    const { model, failure, standing } = this.session;
    const { scene } = this.#picture ?? {};
    const isList = viewNamed(this.#state.view).rows === true;
    const counts =
      scene && !isList
        ? `${counted(scene.cards.length, 'card')}${scene.form === 'grid' ? '' : `, ${counted(scene.lines.length, 'relation')}`}`
        : '';
    const kinds = this.#filterOpen ? [...new Set(model.resources().map(({ type }) => kindOf(type)))].sort() : [];
    return {
      state: this.#state,
      cluster: this.#clusterName(),
      demo: this.known.demo,
      wrong: this.#state.at === '' ? this.known.wrong : undefined,
      takesActions: this.desk !== undefined,
      tellsFindings: this.known.serves('/cluster/findings'),
      standing,
      revision: String(model.revision),
      timestamp: model.timestamp,
      failure: failure?.message,
      completeness: model.completeness,
      leftOut: scene?.leftOut ?? [],
      remark: scene?.remark,
      gaps: this.#state.at === '' ? [] : gapsOf(model.rest['gaps'], this.#state.at),
      counts,
      kinds,
      labels: () => this.known.labels(),
      clusters: this.known.clusters.length,
      isOne: new URLSearchParams(this.options.window.location.search).has('cluster'),
      isList,
      open: this.#filterOpen,
      go: (change) => this.go(change),
      act: (name) => (name === 'signIn' ? this.unauthorized() : this.#commands[name]()),
    };
  }

  #scrolled(): void {
    const map = this.options.window.document.getElementById('map');
    if (!map || this.#scrollTo) return;
    const [x, y] = [Math.round(map.scrollLeft), Math.round(map.scrollTop)];
    if (x === this.#state.x && y === this.#state.y) return;
    this.#state = { ...this.#state, x, y };
    this.options.window.clearTimeout(this.#scrollTimer);
    this.#scrollTimer = this.options.window.setTimeout(
      () => this.options.window.history.replaceState(null, '', printState(this.#state)),
      scrollPause,
    );
  }

  #pressed(event: KeyboardEvent): void {
    const target = event.target instanceof HTMLElement ? event.target : undefined;
    const isWriting = target?.matches('input:not([type="checkbox"]), textarea, select') === true;
    const isButton = target?.matches('button:not(.card), a, summary, input[type="checkbox"]') === true;
    const key = keyOfEvent(event, this.options.store.singleKeys);
    if (!key || (key.only && !this.desk) || event.defaultPrevented || (isWriting && !key.everywhere)) return;
    // These keys press a focused button.
    if (isButton && (event.key === 'Enter' || event.key === ' ')) return;
    if (this.#dialogs.isOpen && !key.everywhere) return;
    if (target?.closest('#panel, header, .filters, table') && /^(Arrow|Home|End)/.test(event.key)) return;
    event.preventDefault();
    key.run(this.#commands);
  }

  say(words: string): void {
    this.#speech.say(words);
  }

  copy(text: string, what: string): void {
    void this.#speech.copy(text, what);
  }

  #applyTheme(): void {
    this.options.window.document.documentElement.dataset['theme'] = this.options.store.theme;
  }
}
