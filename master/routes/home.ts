// GET /: the page for browsers. GET /help, and GET / for other clients: all endpoints with working links. The table is
// generated from the routes.
import type { FastifyReply, FastifyRequest, RouteOptions } from 'fastify';
import { counted } from '../../src/counted.ts';
import { varyBy } from '../../src/http/vary.ts';
import { sendFile, wantsPage } from '../ui/send-file.ts';
import type { Route } from './route.ts';
import { answers, inForm, noQuery } from './schemas.ts';

interface Described {
  readonly url: string;
  readonly summary: string;
}

/** Links for paths with parameters. */
const examples: { readonly [url: string]: string } = {
  '/cluster/resources/:type': '/cluster/resources/pods',
  '/cluster/groups': '/cluster/groups?by=namespace',
  '/debug': '/debug?format=svg',
};

/** Paths that need parameters. */
const unlinked = new Set(['/cluster/impact', '/cluster/path']);

const style = `
  body { font: 16px/1.5 system-ui, sans-serif; max-width: 56rem; margin: 2rem auto; padding: 0 1rem; color: #1d2733; background: #fff }
  h1 { font-size: 1.6rem; margin-bottom: .2rem } h2 { font-size: 1.1rem; margin-top: 2rem }
  table { border-collapse: collapse; width: 100% } td { padding: .35rem .75rem .35rem 0; vertical-align: top; border-top: 1px solid #e3e8ee }
  code, pre { font: 14px/1.5 ui-monospace, monospace } pre { background: #f4f6f8; padding: .75rem 1rem; border-radius: 6px; overflow-x: auto }
  a { color: #0b62c4; text-decoration: none } a:hover { text-decoration: underline } .state { color: #54616f }
  .demo { background: #fff3cd; color: #4d3800; padding: .5rem 1rem; border-radius: 6px }
  @media (prefers-color-scheme: dark) { body { color: #dbe3ec; background: #14191f } pre { background: #1d242c } td { border-color: #2b343e } a { color: #6db3ff } }
`;

export const home = {
  name: 'home',
  register(app, { graph, build, demo, page }) {
    const routes: Described[] = [];
    app.addHook('onRoute', ({ url, method, schema }: RouteOptions) => {
      const { summary } = (schema ?? {}) as { summary?: string };
      if ([method].flat().includes('GET') && summary !== undefined) routes.push({ url, summary });
    });
    const schema = (summary: string) => ({
      summary,
      tags: ['service'],
      querystring: noQuery,
      ...answers(inForm('text/html', 'A page')),
    });
    const help = ({ host, protocol }: Pick<FastifyRequest, 'host' | 'protocol'>, reply: FastifyReply) => {
      const { kinds, complete } = JSON.parse(graph.completeness('full')) as { kinds: object; complete: boolean };
      const state =
        `${counted(graph.order.size, 'resource')}, ${counted(graph.relations, 'relation')}, revision ${graph.revision}` +
        (complete ? '' : `; not complete: see <a href="/cluster/completeness">completeness</a>`);
      varyBy(reply, 'accept');
      return reply
        .type('text/html; charset=utf-8')
        .header('cache-control', 'no-cache')
        .send(
          helpText(routes, {
            cluster: graph.clusterName,
            version: build.version,
            state: `${state}, ${counted(Object.keys(kinds).length, 'kind')} known`,
            demo: demo === true,
            origin: `${protocol}://${/^[\w.:[\]-]+$/.test(host) ? host : 'localhost:5555'}`,
          }),
        );
    };
    // The page reveals nothing about the cluster; the help does.
    const open = (request: Pick<FastifyRequest, 'headers'>) => page !== undefined && wantsPage(request);
    const config = { linkable: true };
    app.get('/', { schema: schema('The live page, for browsers'), config: { ...config, open } }, (request, reply) =>
      page && wantsPage(request) ? sendFile(request, reply, page.page) : help(request, reply),
    );
    app.get('/help', { schema: schema('Returns this help message'), config }, (request, reply) => help(request, reply));
  },
} as const satisfies Route;

interface HelpFacts {
  readonly cluster: string;
  readonly version: string;
  readonly state: string;
  readonly demo: boolean;
  /** Under which it is asked, so that examples can be copied. */
  readonly origin: string;
}

const banner =
  '<p class="demo" role="status">This is the <b>demo</b> cluster: its objects are made up. ' +
  'Name a cluster by a kubeconfig to see it here.</p>';

function helpText(routes: readonly Described[], { cluster, version, state, demo, origin }: HelpFacts): string {
  const rows = routes
    .toSorted((a, b) => (a.url < b.url ? -1 : 1))
    .map(row)
    .join('\n');
  return `<!doctype html>
<html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1">
<title>Cluster Insight: ${escape(cluster)}</title><style>${style}</style></head><body>
<h1>Cluster Insight</h1>
${demo ? banner : ''}
<p>The cluster <b>${escape(cluster)}</b> as a live, queryable, timestamped graph. <span class="state">${state}.</span></p>
<h2>Endpoints</h2>
<table>
${rows}
</table>
<p>Look at the cluster at <a href="/">/</a>, try these at <a href="/docs">/docs</a>.</p>
<h2>From a shell</h2>
<pre>curl -s ${origin}/cluster | jq '.relations | map(.type) | unique'
curl -s ${origin}/cluster/resources/pods | jq -r '.resources[].id'
curl -s ${origin}/debug | dot -Tsvg > cluster.svg
curl -sN ${origin}/cluster/watch</pre>
<h2>For assistants</h2>
<pre>claude mcp add --transport http cluster-insight ${origin}/mcp
codex mcp add cluster-insight --url ${origin}/mcp
{ "mcpServers": { "cluster-insight": { "url": "${origin}/mcp" } } }</pre>
<p class="state">cluster-insight ${escape(version)}</p>
</body></html>
`;
}

function row({ url, summary }: Described): string {
  const link = examples[url] ?? (url.includes(':') || unlinked.has(url) ? undefined : url);
  const shown = `<code>${escape(url)}</code>`;
  return `<tr><td>${link === undefined ? shown : `<a href="${link}">${shown}</a>`}</td><td>${escape(summary)}</td></tr>`;
}

function escape(text: string): string {
  return text.replace(/[&<>"']/g, (character) => `&#${character.charCodeAt(0)};`);
}
