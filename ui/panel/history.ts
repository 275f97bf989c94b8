// The life of a resource: versions with their changes, relations added and removed, and gaps.
import { html, nothing, type TemplateResult } from 'lit-html';
import { clock, type Gap } from '../state/timeline.ts';
import { nameOf } from '../words.ts';
import { objectPath } from './object.ts';
import type { PanelContext, Section } from './section.ts';

interface Version {
  readonly change: string;
  readonly timestamp: string;
  readonly observed?: string;
  readonly paths?: readonly PathChange[];
  /** Number of further paths. */
  readonly more?: number;
}

interface PathChange {
  readonly path: string;
  readonly from?: unknown;
  readonly to?: unknown;
  /** The values are too long and left out. */
}

interface RelationChange {
  readonly change: string;
  readonly timestamp: string;
  readonly type: string;
  readonly source: string;
  readonly target: string;
}

interface Life {
  readonly versions: readonly Version[];
  readonly relations: readonly RelationChange[];
  readonly gaps: readonly Gap[];
  readonly remaining: number;
}

const most = 30;
const mostPaths = 8;

export const history = {
  name: 'history',
  title: 'History',
  folded: 'h',
  render(context) {
    const { resource, serves, fetched } = context;
    if (!resource || resource.type === 'ResourceGroup' || !serves('/cluster/history/{type}/{id}')) return nothing;
    const path = objectPath(resource.type, resource.id).replace('cluster/resources/', 'cluster/history/');
    const answer = fetched('history', `${path}?limit=${most}`);
    if (!answer) return html`<p>Loading</p>`;
    if (answer.error !== undefined) return html`<p class="hint">${answer.error}</p>`;
    return lifeTemplate(context, answer.body as Life);
  },
} as const satisfies Section;

function lifeTemplate({ resource, go }: PanelContext, { versions, relations, gaps, remaining }: Life): TemplateResult {
  const told = [
    ...versions.map((each) => ({ at: each.timestamp, row: versionTemplate(each) })),
    ...relations.map((each) => ({ at: each.timestamp, row: relationTemplate(each, resource?.id ?? '') })),
    ...gaps.map((each) => ({
      at: each.from,
      row: html`<span class="warn">nothing is known until ${clock(each.to)}${each.reason ? `: ${each.reason}` : ''}</span>`,
    })),
  ].sort((a, b) => (a.at < b.at ? 1 : -1));
  return html`<ol class="life">${told.map(({ at, row }) => html`<li><button type="button" class="link" @click=${() => go({ at })}><time datetime=${at}>${clock(at)}</time></button> ${row}</li>`)}</ol>
    ${remaining > 0 ? html`<p class="hint">and ${remaining} more</p>` : nothing}`;
}

function versionTemplate({ change, paths = [], more = 0, observed }: Version): TemplateResult {
  const rest = Math.max(0, paths.length - mostPaths) + more;
  return html`<b>${change}</b>${observed && observed !== 'watch' ? html` <span class="note">seen by ${observed}</span>` : nothing}
    ${paths.slice(0, mostPaths).map(({ path, from, to }) => html`<div class="why"><code>${path}</code> ${shown(from)} → ${shown(to)}</div>`)}
    ${rest > 0 ? html`<div class="why">and ${rest} more</div>` : nothing}`;
}

function relationTemplate({ change, type, source, target }: RelationChange, id: string): TemplateResult {
  return html`${source === id ? html`→ ${type} ${nameOf(target)}` : html`← ${type} ${nameOf(source)}`} <b>${change}</b>`;
}

function shown(value: unknown): string {
  if (value === undefined) return 'nothing';
  const text = typeof value === 'string' ? value : JSON.stringify(value);
  return text.length > 80 ? `${text.slice(0, 80)}…` : text;
}
