import { describe, expect, it, test } from 'vitest';
import type { Declaration } from '../../../../master/relations/declared/declaration.ts';
import { sentenceOf } from '../../../../master/relations/declared/words.ts';
import { rules } from '../../../../master/relations/index.ts';

const from = 'Widget.example.com';

describe('the sentence of a declared rule', () => {
  it.each<[string, string, Declaration]>([
    ['A Widget uses the Secret named in spec.secretName.', 'uses', { from, name: 'spec.secretName', to: 'Secret' }],
    [
      'A Widget uses the Secrets named in spec.a and spec.b.',
      'uses',
      { from, name: ['spec.a', 'spec.b'], to: 'Secret' },
    ],
    ['A Widget uses the Policies named in spec.p[].', 'uses', { from, name: 'spec.p[]', to: 'Policy.example.com' }],
    [
      'A Widget uses the IngressClasses named in a and 2 other fields.',
      'uses',
      { from, name: ['a', 'b', 'c'], to: 'IngressClass' },
    ],
    ['A Widget refers to the object named in spec.ref.', 'refersTo', { from, ref: 'spec.ref' }],
    [
      'A Widget routes to the Services that spec.refs[] refers to.',
      'routesTo',
      { from, ref: 'spec.refs[]', to: 'Service', relation: 'routesTo' },
    ],
    ['A Widget selects the Pods that the selector in spec.s matches.', 'selects', { from, selector: 'spec.s' }],
    [
      'A Widget restricts the Nodes that the selectors in a and b match.',
      'restricts',
      { from, selector: ['a', 'b'], to: 'Node' },
    ],
    ['A Widget is attached to the Service or host named in spec.host.', 'attachedTo', { from, host: 'spec.host' }],
    ['A Widget serves the hosts named in spec.hosts[].', 'serves', { from, host: 'spec.hosts[]', served: true }],
    ['A Widget is backed by the Disk named in d.', 'backedBy', { from, name: 'd', to: 'Disk.example.com' }],
    ['A Widget contains the Pods whose label w names it.', 'contains', { from: 'Pod', label: 'w', to: from }],
    [
      'A Widget owns the Pods and Jobs whose annotation w names it.',
      'owns',
      { from: ['Pod', 'Job'], annotation: 'w', to: from },
    ],
    [
      'The Widget that a Job names in spec.widget contains it.',
      'contains',
      { from: 'Job', name: 'spec.widget', to: from, reverse: true },
    ],
    [
      'An HTTPProxy, Foo or UDPRoute uses the Secret named in s.',
      'uses',
      { from: ['HTTPProxy.a', 'Foo.a', 'Foo.b', 'UDPRoute.a'], name: 's', to: 'Secret' },
    ],
    [
      'A Widget uses the Secret named in s, if kind is Secret and spec.x is not set.',
      'uses',
      {
        from,
        name: 's',
        to: 'Secret',
        when: [
          { field: '..kind', equals: 'Secret' },
          { field: 'spec.x', exists: false },
        ],
      },
    ],
    ['Structural rules for references and names skip Widgets.', 'states', { from, without: ['references', 'names'] }],
    ['What the author wrote.', 'uses', { from, name: 's', to: 'Secret', sentence: 'What the author wrote.' }],
  ])('%s', (sentence, relation, declaration) => {
    expect(sentenceOf(declaration, relation)).toBe(sentence);
  });
});

test('every rule has sentences that begin with a capital, end with a full stop and say nothing twice', () => {
  for (const { name, sentence } of rules) {
    expect(sentence, name).toMatch(/^[A-Z][^]*[.]$/);
    expect(sentence, name).not.toMatch(/\b(\w+) \1\b|\b(\w+) or \2\b|;|\ba (?:[aeio]|[FHLMNRSX][A-Z]{2})/);
    expect(sentence, name).not.toMatch(/\b(?:whoever|nobody|whatever|anew|so many)\b| is no | is none\b| are none\b/);
  }
});
