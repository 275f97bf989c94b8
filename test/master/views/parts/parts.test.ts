import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { displayLabel, titleOf } from '../../../../master/views/parts/display.ts';
import { keysOf } from '../../../../master/views/parts/keys.ts';
import { resourceUrl } from '../../../../master/views/parts/link.ts';
import { namespaceOf } from '../../../../master/views/parts/namespace.ts';
import { colourOf, hexColourOf, relationColourOf } from '../../../../master/views/parts/palette.ts';
import { escapeXml } from '../../../../master/views/parts/xml.ts';
import { printable } from '../../../../src/printable.ts';
import { resource } from '../../../support/shop-graph.ts';
import { finish } from '../../../support/steps.ts';

describe('the label of a drawing', () => {
  it.each([
    [{ label: '4f4f', alternateLabel: 'redis:7' }, 'redis:7'],
    [{ label: 'master/4f4f' }, 'master/4f4f'],
    [{ label: 'redis', alternateLabel: 'abc123' }, 'redis'],
    [{ label: '4f4f', alternateLabel: 'abc123' }, 'abc123'],
    [{ label: '4f4f' }, '4f4f'],
    [{ label: '' }, '<unknown>'],
  ])('of %j is %j, as in 2015', (annotations, label) => {
    expect(displayLabel(annotations)).toBe(label);
    expect(titleOf(resource('Image:x', annotations))).toBe(`Image:${label}`);
  });
});

describe('printable text', () => {
  it('shows control characters as pictures and leaves other text alone', () => {
    expect(printable('a\u0000\n\u007fb')).toBe('a\u2400\u240a\u2421b');
    expect(printable('\u0085\u202e\ud800\ufffe')).toBe('\ufffd'.repeat(4));
    expect(printable('redis-0 é 漢字 😀 <&>')).toBe('redis-0 é 漢字 😀 <&>');
  });

  it('gives every id a printable key of its own, and its own name to what is printable', () => {
    fc.assert(
      fc.property(
        fc.uniqueArray(fc.oneof(fc.string({ unit: 'binary' }), fc.constantFrom('\u0001', '␁', '␁ (2)'))),
        (ids) => {
          const keys = finish(keysOf(ids));
          expect(new Set(keys.values()).size).toBe(ids.length);
          for (const [id, key] of keys) {
            expect(printable(key)).toBe(key);
            if (printable(id) === id) expect(key).toBe(id);
          }
        },
      ),
    );
  });

  it('loses what has a meaning in XML', () => {
    expect(escapeXml(`<a b="c" d='e'>&\u0000</a>`)).toBe(
      '&lt;a b=&quot;c&quot; d=&#39;e&#39;&gt;&amp;\u2400&lt;/a&gt;',
    );
  });
});

describe('the namespace of an id', () => {
  it.each([
    ['Pod:shop/redis-0', 'shop'],
    ['Container:shop/redis-0/redis', 'shop'],
    ['Container:node-1/loose', undefined],
    ['Process:shop/redis-0/redis/17', 'shop'],
    ['Process:node-1/loose/17', undefined],
    ['Service.serving.knative.dev:shop/hello', 'shop'],
    ['Node:node-1', undefined],
    ['Image:sha256:ab', undefined],
    ['CIDR:10.0.0.0/8', undefined],
    ['User:a/b', undefined],
    ['ExternalIdentity:arn:aws:iam::1:role/x', undefined],
    ['Role:Not A Namespace/x', undefined],
    ['', undefined],
  ])('of %j is %j', (id, namespace) => {
    expect(namespaceOf(id)).toBe(namespace);
  });
});

describe('the address of a resource', () => {
  it.each([
    ['Pod:shop/redis-0', '/cluster/resources/Pod/shop/redis-0'],
    ['Image:sha256:ab', '/cluster/resources/Image/sha256%3Aab'],
    ['ClusterRole:system:node', '/cluster/resources/ClusterRole/system%3Anode'],
    ['Role:a/..', '/cluster/resources/Role/a/%2E%2E'],
    ['Role:a/?#%\'"<', '/cluster/resources/Role/a/%3F%23%25%27%22%3C'],
    ['Role:a/\ud800', '/cluster/resources/Role/a/%EF%BF%BD'],
  ])('of %j is %j', (id, url) => {
    expect(resourceUrl(id)).toBe(url);
    expect(resourceUrl(id, 'https://x/y')).toBe(`https://x/y${url}`);
  });

  it('holds the parts of the id when it is taken apart as URLs are', () => {
    fc.assert(
      fc.property(fc.array(fc.string({ unit: 'grapheme', minLength: 1 }), { minLength: 1 }), (names) => {
        fc.pre(names.every((name) => !name.includes('/')));
        const { pathname, search, hash } = new URL(resourceUrl(`Role:${names.join('/')}`), 'http://x');
        const dots = new Set(['.', '..']);
        fc.pre(names.every((name) => !dots.has(name)));
        expect(pathname.split('/').slice(4).map(decodeURIComponent)).toEqual(names);
        expect(search + hash).toBe('');
      }),
    );
  });
});

describe('the palette', () => {
  it('keeps the colours of 2015', () => {
    const types = ['Cluster', 'Node', 'Service', 'ReplicationController', 'Pod', 'Container', 'Process', 'Image'];
    expect(types.map(colourOf)).toEqual(['black', 'red', 'darkgreen', 'purple', 'blue', 'green', 'gold', 'maroon']);
  });

  it('gives any type and relation one colour, always the same, as a value too', () => {
    fc.assert(
      fc.property(fc.oneof(fc.string(), fc.constantFrom('constructor', 'Pod', '__proto__')), (type) => {
        expect(hexColourOf(type)).toMatch(/^#[0-9a-f]{6}$/);
        expect(relationColourOf(type)).toMatch(/^#[0-9a-f]{6}$/);
        expect(colourOf(type)).toBe(colourOf(type));
      }),
    );
  });

  it('gives a kind of another group the colour of its built-in namesake', () => {
    expect(colourOf('Service.serving.knative.dev')).toBe('darkgreen');
    expect(colourOf('HTTPRoute.gateway.networking.k8s.io')).toBe(colourOf('Ingress'));
  });
});
