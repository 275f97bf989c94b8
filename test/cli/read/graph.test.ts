import { Readable } from 'node:stream';
import { describe, expect, test } from 'vitest';
import { documentsIn, graphOfDocuments } from '../../../cli/read/graph.ts';
import { silentLogger } from '../../../src/logger.ts';
import { graphOf } from '../../support/random-cluster.ts';

async function read(text: string, namespace = 'default') {
  const warned: string[] = [];
  const options = {
    paths: ['-'],
    namespace,
    input: Readable.from([Buffer.from(text)]),
    version: '0.0.0',
    logger: silentLogger,
    warn: (line: string) => void warned.push(line),
  };
  const graph = await graphOfDocuments(await documentsIn(options), options);
  const { resources, relations } = graphOf(graph.engine);
  const of = (id: string) => resources.find((each) => each.id === id);
  const held = (id: string) => relations.find(({ type, target }) => type === 'contains' && target === id);
  return { of, held, relations, warned };
}

describe('an object of a kind of unknown scope', () => {
  test.each([
    ['acme.io', 'Widget', 'default'],
    ['dc.example.org', 'Rack', 'shop'],
    ['forest.example.net', 'Tree', 'web'],
  ])('%s/%s is shown where -n says, and that this is a guess', async (group, kind, namespace) => {
    const id = `${kind}.${group}:${namespace}/a`;
    const { of, held, warned } = await read(`{apiVersion: ${group}/v1, kind: ${kind}, metadata: {name: a}}`, namespace);
    expect(of(id)?.annotations).toMatchObject({ scope: 'unknown' });
    expect(held(id)).toMatchObject({ source: `Namespace:${namespace}`, annotations: { guess: true } });
    expect(warned).toEqual([expect.stringContaining(`${kind}.${group} (1): nothing says whether`)]);
  });

  test('is no guess where it names its namespace, or its definition is given, or an API server has said it', async () => {
    const { of, held, warned } = await read(`
{apiVersion: acme.io/v1, kind: Widget, metadata: {name: a, namespace: shop}}
---
{apiVersion: acme.io/v1, kind: Rack, metadata: {name: a}}
---
apiVersion: apiextensions.k8s.io/v1
kind: CustomResourceDefinition
metadata: {name: racks.acme.io}
spec: {group: acme.io, scope: Namespaced, names: {kind: Rack, plural: racks}}
---
{apiVersion: acme.io/v1, kind: Tree, metadata: {name: a, uid: "1"}}
`);
    for (const id of ['Widget.acme.io:shop/a', 'Rack.acme.io:default/a', 'Tree.acme.io:a']) {
      expect(of(id)?.annotations['scope'], id).toBeUndefined();
      expect(held(id)?.annotations, id).not.toHaveProperty('guess');
    }
    expect(warned).toEqual([]);
  });
});

describe('namespaces of which no object is among the files', () => {
  test.each([
    ['{}', ['Pod:one/web', 'Pod:two/web']],
    ['{matchLabels: {}}', ['Pod:one/web', 'Pod:two/web']],
    ['{matchLabels: {kubernetes.io/metadata.name: one}}', ['Pod:one/web']],
    ['{matchLabels: {team: a}}', []],
  ])('are chosen by the selector %s as far as it asks for nothing but names', async (selector, ids) => {
    const pods = ['one', 'two'].map((name) => `{apiVersion: v1, kind: Pod, metadata: {name: web, namespace: ${name}}}`);
    const policy = `apiVersion: networking.k8s.io/v1
kind: NetworkPolicy
metadata: {name: p, namespace: three}
spec: {podSelector: {}, ingress: [{from: [{namespaceSelector: ${selector}, podSelector: {}}]}]}`;
    const { relations } = await read([...pods, policy].join('\n---\n'));
    const allowed = relations.filter(({ type }) => type === 'allowsFrom').map(({ target }) => target);
    expect(allowed).toEqual(ids);
  });
});
