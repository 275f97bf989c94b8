// The frame of the map: the header with freshness, and what is not complete.
import { html, nothing, type TemplateResult } from 'lit-html';
import { isNarrowed } from '../filter.ts';
import type { Standing } from '../live/session.ts';
import type { CompletenessSummary } from '../model.ts';
import { clock, type Gap } from '../state/timeline.ts';
import type { ViewState } from '../state/view-state.ts';
import { crumbs } from './crumbs.ts';

export interface ShellContext {
  readonly state: ViewState;
  readonly cluster: string;
  readonly demo: boolean;
  /** Number of findings that are not accepted; undefined if unknown. */
  readonly wrong: number | undefined;
  readonly tellsFindings: boolean;
  readonly takesActions: boolean;
  readonly standing: Standing;
  readonly revision: string;
  readonly timestamp: string;
  readonly failure: string | undefined;
  readonly completeness: CompletenessSummary | undefined;
  readonly leftOut: readonly string[];
  /** What else is to be said of the picture. */
  readonly remark: string | undefined;
  /** The moment that is shown lies in these: nothing was observed then. */
  readonly gaps: readonly Gap[];
  readonly counts: string;
  /** Kinds in the loaded data. */
  readonly kinds: readonly string[];
  /** Keys of labels to group by. */
  readonly labels: () => readonly string[];
  /** How many there are. */
  readonly clusters: number;
  /** One of several clusters. */
  readonly isOne: boolean;
  /** A list has its own filters. */
  readonly isList: boolean;
  readonly open: boolean;
  readonly go: (change: Partial<ViewState>) => void;
  readonly act: (
    name:
      | 'findings'
      | 'actions'
      | 'search'
      | 'help'
      | 'theme'
      | 'pause'
      | 'saved'
      | 'table'
      | 'filter'
      | 'out'
      | 'signIn',
  ) => void;
}

const standings: { readonly [standing in Standing]: readonly [mark: string, words: string] } = {
  loading: ['…', 'loading'],
  live: ['●', 'live'],
  polling: ['◍', 'live, every 3 s'],
  paused: ['❚❚', 'paused'],
  behind: ['◔', 'behind'],
  offline: ['✕', 'offline'],
  past: ['◷', 'past'],
  refused: ['✕', 'refused'],
};

export function headerTemplate(context: ShellContext): TemplateResult {
  const { act, demo, state, standing, timestamp, revision, counts, tellsFindings, wrong, isList } = context;
  const [mark, words] = standings[standing];
  const isFiltered = isNarrowed(state);
  const time = timestamp.slice(11, 19);
  return html`<a class="skip" href="#map" @click=${(event: Event) => skip(event)}>To the map</a>
    <div class="brand"><svg class="logo" viewBox="0 0 24 24" aria-hidden="true"><circle cx="5" cy="12" r="3"></circle><circle cx="18" cy="5" r="3"></circle><circle cx="18" cy="19" r="3"></circle><path d="M7.6 10.6 15.4 6.4M7.6 13.4l7.8 4.2"></path></svg><h1>Cluster Insight</h1>${demo ? html`<span class="chip-demo" title="A recorded cluster with a little life in it, not yours">demo</span>` : nothing}</div>
    <nav aria-label="Where you are" class="crumbs">${crumbs(context)}</nav>
    <span class="counts">${counts}</span>
    <div class="tools">
      ${tellsFindings ? html`<button type="button" aria-pressed=${state.view === 'findings' ? 'true' : 'false'} @click=${() => act('findings')}>Findings${wrong === undefined ? nothing : html` <b class=${wrong > 0 ? 'how-many some' : 'how-many'}>${wrong}</b>`} <kbd>b</kbd></button>` : nothing}
      ${context.takesActions ? html`<button type="button" aria-pressed=${state.view === 'actions' ? 'true' : 'false'} @click=${() => act('actions')}>Actions <kbd>u</kbd></button>` : nothing}
      <button type="button" @click=${() => act('search')}>Search <kbd>/</kbd></button>
      ${isList ? nothing : html`<button type="button" aria-pressed=${state.table ? 'true' : 'false'} @click=${() => act('table')}>Table <kbd>t</kbd></button>`}
      <button type="button" aria-expanded=${context.open ? 'true' : 'false'} class=${isFiltered ? 'on' : ''} @click=${() => act('filter')}>Filter${isFiltered ? ' ●' : ''} <kbd>f</kbd></button>
      <button type="button" class="badge b-${standing}" title="Revision ${revision}, ${timestamp}" @click=${() => act('pause')}>
        <span aria-hidden="true">${mark}</span> ${words}${time === '' || standing === 'loading' ? nothing : html` <time>${time}</time>`}<span class="visually-hidden">, ${standing === 'paused' ? 'go on' : 'pause'}</span></button>
      <button type="button" @click=${() => act('help')} aria-label="Keys and help">?</button>
    </div>`;
}

function skip(event: Event): void {
  event.preventDefault();
  document.querySelector<HTMLElement>('#map [tabindex="0"]')?.focus();
}

export function bannerTemplate(context: ShellContext): TemplateResult | typeof nothing {
  const { completeness, demo, failure, gaps, leftOut, remark, standing, state, act } = context;
  const rows: TemplateResult[] = [];
  if (failure !== undefined)
    rows.push(html`<p class="bad"><b>${standing === 'offline' ? 'Offline' : 'Not answered'}:</b> ${failure}${standing === 'offline' ? '; what is shown is as last seen' : ''}
      ${standing === 'refused' ? html`<button type="button" @click=${() => act('signIn')}>Sign in</button> <button type="button" @click=${() => act('out')}>Out</button>` : nothing}</p>`);
  if (completeness && !completeness.complete)
    rows.push(
      html`<p class="warn"><b>Not complete:</b> ${completeness.reason ?? 'some of it is not read'}. <a href="cluster/completeness">What is read</a></p>`,
    );
  for (const { from, to, reason } of gaps)
    rows.push(
      html`<p class="warn"><b>Not observed:</b> from ${clock(from)} to ${clock(to)}${reason === undefined ? '' : ` (${reason})`}; what is shown is the state before it</p>`,
    );
  if (remark !== undefined) rows.push(html`<p>${remark}</p>`);
  for (const each of leftOut) rows.push(html`<p class="warn"><b>Not shown:</b> ${each}</p>`);
  if (demo && state.view === 'wall')
    rows.push(html`<p class="demo"><b>Demo:</b> a recorded cluster with a little life in it, not yours</p>`);
  return rows.length === 0 ? nothing : html`${rows}`;
}
