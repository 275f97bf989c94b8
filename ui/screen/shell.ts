// The frame of the map: location, freshness, incompleteness, filters and legend.
import { html, nothing, type TemplateResult } from 'lit-html';
import { type Family, families, familyWords } from '../families.ts';
import type { Standing } from '../live/session.ts';
import type { CompletenessSummary } from '../model.ts';
import type { ViewState } from '../state/view-state.ts';
import { printState, start } from '../state/view-state.ts';
import { selectionWords } from '../views/selection.ts';
import { labelPrefix } from '../views/wall.ts';
import { kindOf, marks, nameOf, type State, states } from '../words.ts';
import { groupingsOf } from './groupings.ts';

export interface ShellContext {
  readonly state: ViewState;
  readonly cluster: string;
  readonly demo: boolean;
  /** Number of findings that are not accepted; undefined if unknown. */
  readonly wrong: number | undefined;
  readonly tellsFindings: boolean;
  readonly standing: Standing;
  readonly revision: string;
  readonly timestamp: string;
  readonly failure: string | undefined;
  readonly completeness: CompletenessSummary | undefined;
  readonly leftOut: readonly string[];
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
    name: 'findings' | 'search' | 'help' | 'theme' | 'pause' | 'saved' | 'table' | 'filter' | 'out' | 'signIn',
  ) => void;
}

/** Without the choice of a cluster. */
const allClusters = './#/wall?by=cluster';

const standings: { readonly [standing in Standing]: readonly [mark: string, words: string] } = {
  loading: ['…', 'loading'],
  live: ['●', 'live'],
  polling: ['◍', 'live, asked every 3 s'],
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
      ${tellsFindings ? html`<button type="button" aria-pressed=${state.view === 'findings' ? 'true' : 'false'} @click=${() => act('findings')}>Findings${wrong === undefined ? nothing : html` <b class=${wrong > 0 ? 'number some' : 'number'}>${wrong}</b>`} <kbd>b</kbd></button>` : nothing}
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

export function isNarrowed(state: ViewState): boolean {
  return (
    state.kinds.length + state.health.length + state.namespaces.length > 0 || state.label !== '' || state.text !== ''
  );
}

function crumbs(context: ShellContext): TemplateResult {
  const { state, cluster } = context;
  const to = (change: Partial<ViewState>) =>
    printState({ ...start, families: state.families, size: state.size, ...change });
  const parts: (TemplateResult | string)[] = [];
  const namespace = state.namespace || (state.view === 'wall' ? '' : namespaceOfId(state.id));
  if (namespace !== '') parts.push(html`<a href=${to({ view: 'namespace', namespace })}>${namespace}</a>`);
  if (state.application !== '')
    parts.push(
      html`<a href=${to({ view: 'lanes', namespace, application: state.application })}>${state.application === '-' ? 'no application' : state.application}</a>`,
    );
  if (state.id !== '')
    parts.push(
      html`<a href=${to({ view: 'around', id: state.id, focus: state.id })}>${kindOf(state.id.split(':', 1)[0] ?? '')} ${nameOf(state.id)}</a>`,
    );
  if (state.view === 'impact') parts.push('impact');
  if (state.view === 'path') parts.push(`path to ${nameOf(state.to)}`);
  if (state.view === 'applications') parts.push('applications');
  if (state.view === 'findings') parts.push('findings');
  if (state.view === 'selection') parts.push(selectionWords(state));
  return html`<ol>
    ${context.isOne ? html`<li><a href=${allClusters}>all clusters</a></li>` : nothing}
    <li><a href=${to({ by: state.by })}>${cluster || 'Cluster'}</a></li>
    ${state.view === 'wall' ? html`<li>${groupingTemplate(context)}</li>` : nothing}
    ${parts.map((part, n) => html`<li aria-current=${n === parts.length - 1 ? 'page' : nothing}>${part}</li>`)}
  </ol>`;
}

function groupingTemplate({ state, clusters, labels, go }: ShellContext): TemplateResult {
  const isLabel = state.by.startsWith(labelPrefix);
  const chosen = (event: Event) => {
    const by = valueOf(event);
    go({ by: by === labelPrefix ? `${labelPrefix}${labels()[0] ?? 'app'}` : by, focus: '' });
  };
  const labelled = (event: Event) => {
    const key = valueOf(event).trim();
    if (key !== '') go({ by: `${labelPrefix}${key}`, focus: '' });
  };
  return html`<label>by <select @change=${chosen} @focus=${() => labels()}>${groupingsOf(clusters).map((by) => html`<option value=${by} .selected=${by === state.by}>${by}</option>`)}<option value=${labelPrefix} .selected=${isLabel}>label</option></select></label>
    ${isLabel ? html` <label><span class="visually-hidden">Key of the label</span><input class="label-key" list="label-keys" .value=${state.by.slice(labelPrefix.length)} @change=${labelled}></label><datalist id="label-keys">${labels().map((key) => html`<option value=${key}></option>`)}</datalist>` : nothing}`;
}

function namespaceOfId(id: string): string {
  const rest = id.slice(id.indexOf(':') + 1);
  return rest.includes('/') && !id.startsWith('Image:') ? rest.slice(0, rest.indexOf('/')) : '';
}

export function bannerTemplate(context: ShellContext): TemplateResult | typeof nothing {
  const { completeness, demo, failure, leftOut, standing, state, act } = context;
  const rows: TemplateResult[] = [];
  if (failure !== undefined)
    rows.push(html`<p class="bad"><b>${standing === 'offline' ? 'Offline' : 'Not answered'}:</b> ${failure}${standing === 'offline' ? '; what is shown is as last seen' : ''}
      ${standing === 'refused' ? html`<button type="button" @click=${() => act('signIn')}>Sign in</button> <button type="button" @click=${() => act('out')}>Out</button>` : nothing}</p>`);
  if (completeness && !completeness.complete)
    rows.push(
      html`<p class="warn"><b>Not complete:</b> ${completeness.reason ?? 'some of it is not read'}. <a href="cluster/completeness">What is read</a></p>`,
    );
  for (const each of leftOut) rows.push(html`<p class="warn"><b>Not shown:</b> ${each}</p>`);
  if (demo && state.view === 'wall')
    rows.push(html`<p class="demo"><b>Demo:</b> a recorded cluster with a little life in it, not yours</p>`);
  return rows.length === 0 ? nothing : html`${rows}`;
}

export function filterTemplate({ state, kinds, go }: ShellContext): TemplateResult {
  const isWall = state.view === 'wall';
  const toggled = <T>(list: readonly T[], each: T) =>
    list.includes(each) ? list.filter((other) => other !== each) : [...list, each];
  return html`<form class="filters" id="filters" aria-label="Filters and legend" @submit=${(event: Event) => event.preventDefault()}>
    <fieldset><legend>Text and labels</legend>
      <label>Name contains <input name="text" type="search" .value=${state.text} @input=${(event: Event) => go({ text: valueOf(event) })}></label>
      ${isWall ? nothing : html`<label>Labels <input name="label" type="search" placeholder="app=web,!canary" .value=${state.label} @change=${(event: Event) => go({ label: valueOf(event) })}></label>`}
      ${isWall ? nothing : html`<label class="check"><input type="checkbox" .checked=${state.infrastructure} @change=${() => go({ infrastructure: !state.infrastructure })}> Infrastructure: nodes, volumes, images <kbd>x</kbd></label>`}
    </fieldset>
    <fieldset><legend>State</legend>${states.filter((each) => each !== 'none').map((each: State) => html`<label class="check"><input type="checkbox" .checked=${state.health.includes(each)} @change=${() => go({ health: toggled(state.health, each) })}> <span class="state s-${each}"><span aria-hidden="true">${marks[each]}</span> ${each}</span></label>`)}</fieldset>
    ${
      isWall
        ? nothing
        : html`<fieldset><legend>Relations</legend>${families.map(
            (
              family: Family,
            ) => html`<label class="check"><input type="checkbox" .checked=${state.families.includes(family)} @change=${() => go({ families: families.filter((each) => toggled(state.families, family).includes(each)) })}>
        <svg class="sample" viewBox="0 0 34 8" aria-hidden="true"><path class="line ${family}" d="M1 4H33"></path></svg> ${family}: <span class="note">${familyWords[family]}</span></label>`,
          )}</fieldset>
    <fieldset class="kinds"><legend>Kinds</legend>${kinds.map((kind) => html`<label class="check"><input type="checkbox" .checked=${state.kinds.includes(kind)} @change=${() => go({ kinds: toggled(state.kinds, kind) })}> ${kind}</label>`)}</fieldset>`
    }
    <button type="button" @click=${() => go({ kinds: [], health: [], namespaces: [], label: '', text: '', families: start.families, infrastructure: false })}>All again</button>
  </form>`;
}

function valueOf(event: Event): string {
  return (event.target as HTMLInputElement).value;
}
