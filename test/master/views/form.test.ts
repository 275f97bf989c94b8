import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { formAccepted, formNamed } from '../../../master/views/form.ts';
import { checkViews, views } from '../../../master/views/index.ts';
import type { View } from '../../../master/views/view.ts';

const json = { name: 'json', mediaTypes: ['application/json'] };
const ndjson = { name: 'ndjson', mediaTypes: ['application/x-ndjson'] };
const forms = [json, ndjson, ...views];

describe('the form of an answer', () => {
  it.each([
    [undefined, 'json'],
    ['', 'json'],
    ['*/*', 'json'],
    ['application/json', 'json'],
    ['text/html,application/xhtml+xml,application/xml;q=0.9,image/avif,image/webp,*/*;q=0.8', 'json'],
    ['text/vnd.graphviz', 'dot'],
    ['image/svg+xml;charset=utf-8', 'svg'],
    ['image/*', 'svg'],
    ['text/*', 'dot'],
    ['application/graphml+xml, application/gexf+xml;q=0.5', 'graphml'],
    ['application/graphml+xml;q=0.5, application/gexf+xml', 'gexf'],
    ['application/json;q=0, application/x-ndjson', 'ndjson'],
    ['application/json;q=0.1, text/x-cypher;q=0.2', 'cypher'],
    ['*/*;q=0.1, application/vnd.cytoscape+json', 'cytoscape'],
    ['text/vnd.mermaid', 'mermaid'],
    ['text/html', undefined],
    ['application/json;q=0', undefined],
    ['nonsense', undefined],
  ])('for Accept %j is %j', (accept, name) => {
    expect(formAccepted(forms, accept)?.name).toBe(name);
  });

  it('is found by its name in any case, and its absence lists the names', () => {
    expect(formNamed(forms, 'GraphML').name).toBe('graphml');
    expect(() => formNamed(forms, 'pdf')).toThrow(/format.*"pdf" is not one of json, ndjson, dot, svg, mermaid/);
    expect(() => formNamed(forms, 'constructor')).toThrow(/format/);
  });
});

describe('the registry of forms', () => {
  it('has no name, media type or extension twice, and a limit for each', () => {
    for (const values of [
      views.map(({ name }) => name),
      forms.flatMap(({ mediaTypes }) => mediaTypes),
      views.map((v) => v.extension),
    ]) {
      expect(new Set(values).size).toBe(values.length);
    }
    for (const { limit } of views) expect(limit?.resources).toBeGreaterThan(0);
  });

  it('refuses a form that takes the name, extension or media type of another, or that lets nothing through', () => {
    const [first, second] = views as [View, View];
    expect(() => checkViews([first, { ...second, name: first.name }])).toThrow(`shares the name ${first.name}`);
    expect(() => checkViews([first, { ...second, extension: first.extension }])).toThrow('shares the extension');
    expect(() => checkViews([first, { ...second, mediaTypes: first.mediaTypes }])).toThrow('shares the media type');
    expect(() => checkViews([{ ...first, limit: { resources: 0, relations: 1 } }])).toThrow('lets nothing through');
    expect(() => checkViews([{ ...first, mediaTypes: [] }])).toThrow('has no media type');
  });

  it('has the cases that every form must stand, with a reader of its own', () => {
    const untested = views.filter(({ name }) => {
      const text = readFileSync(new URL(`${name}.test.ts`, import.meta.url), 'utf8');
      return !text.includes(`viewCases(${name}, {`);
    });
    expect(untested).toEqual([]);
  });
});
