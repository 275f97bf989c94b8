// The graph as a Mermaid flowchart (https://mermaid.js.org/syntax/flowchart.html), which Markdown on GitHub and many wikis
// renders. The limit is Mermaid's own: 500 edges or 50,000 characters.
import type { Resource } from '../../src/model.ts';
import { printable } from '../../src/printable.ts';
import { titleOf } from './parts/display.ts';
import { healthColours, healthMark } from './parts/health.ts';
import { namespaceOf } from './parts/namespace.ts';
import { hexColourOf } from './parts/palette.ts';
import type { View, ViewGraph } from './view.ts';

const longestLabel = 80;

export const mermaid = {
  name: 'mermaid',
  preference: 3,
  mediaTypes: ['text/vnd.mermaid'],
  extension: 'mmd',
  limit: { resources: 250, relations: 500 },
  *write({ resources, relations, note }: ViewGraph): Iterable<string> {
    const numbers = new Map(resources.map(({ id }, i) => [id, `n${i}`]));
    yield 'flowchart LR\n';
    if (note) yield `%% ${note}\n`;
    const byNamespace = Map.groupBy(resources, ({ id }) => namespaceOf(id));
    for (const resource of byNamespace.get(undefined) ?? []) yield nodeOf(resource, numbers);
    const namespaces = [...byNamespace.keys()].filter((name) => name !== undefined).sort();
    for (const [i, namespace] of namespaces.entries()) {
      yield `subgraph s${i}["${text(namespace)}"]\n`;
      for (const resource of byNamespace.get(namespace) ?? []) yield nodeOf(resource, numbers);
      yield 'end\n';
    }
    for (const { source, target, type, annotations } of relations) {
      const arrow = annotations.missing || annotations.unverified ? '-.->' : '-->';
      yield `${numbers.get(source)} ${arrow}|"${text(type)}"| ${numbers.get(target)}\n`;
    }
    yield* stylesOf(resources, numbers);
  },
} as const satisfies View;

function nodeOf(resource: Resource, numbers: ReadonlyMap<string, string>): string {
  const health = healthMark(resource);
  const title = text(titleOf(resource));
  return `${numbers.get(resource.id)}["${health ? `${title}<br/>${text(health.word)}` : title}"]\n`;
}

function* stylesOf(resources: readonly Resource[], numbers: ReadonlyMap<string, string>): Iterable<string> {
  const byType = Map.groupBy(resources, ({ type }) => type);
  for (const [i, type] of [...byType.keys()].sort().entries()) {
    const nodes = (byType.get(type) ?? []).map(({ id }) => numbers.get(id));
    yield `classDef t${i} stroke:${hexColourOf(type)},stroke-width:2px\nclass ${nodes.join(',')} t${i}\n`;
  }
  const byHealth = Map.groupBy(resources, (resource) => healthMark(resource)?.state);
  for (const state of Object.keys(healthColours) as (keyof typeof healthColours)[]) {
    const nodes = (byHealth.get(state) ?? []).map(({ id }) => numbers.get(id));
    const { tint, colour } = healthColours[state];
    if (nodes.length > 0) yield `classDef ${state} fill:${tint},color:${colour}\nclass ${nodes.join(',')} ${state}\n`;
  }
  const dashed = resources.filter(
    ({ annotations: { missing, absent, unverified } }) => missing || absent || unverified,
  );
  if (dashed.length === 0) return;
  yield `classDef dashed stroke-dasharray:5 3\nclass ${dashed.map(({ id }) => numbers.get(id)).join(',')} dashed\n`;
}

// ASCII special characters become entities, as do the four characters that Mermaid uses to mark entities. Mermaid also
// interprets `style …:…#…;` and `classDef …` anywhere, so these words are broken up.
function text(value: string): string {
  const characters = [...printable(value)];
  const cut =
    characters.length > longestLabel ? `${characters.slice(0, longestLabel - 1).join('')}…` : characters.join('');
  return cut.replace(/[!-,;-@[-`{-~ﬂ°¶ß]|[sc](?=tyle|lassDef)/gi, entity) || ' ';
}

function entity(character: string): string {
  return `#${character.codePointAt(0)};`;
}
