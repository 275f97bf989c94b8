// Graphs with names that break writers: quotes, markup, reserved words, control characters, unpaired surrogates.
import fc from 'fast-check';
import type { View, ViewGraph } from '../../master/views/view.ts';
import type { Resource } from '../../src/model.ts';
import { graphOf, relation } from './shop-graph.ts';

const nasty = [
  ...[
    '"',
    '\\',
    '\\"',
    "'",
    '`',
    '``',
    '<',
    '>',
    '</title><script>alert(1)</script>',
    '&',
    '&lt;',
    '&#60;',
    ']]>',
    '<!--',
  ],
  ...[
    'node',
    'graph',
    'digraph',
    'subgraph',
    'strict',
    'edge',
    'end',
    'style a:b#c;',
    'classDef x',
    'click n0',
    '%%{init: {}}%%',
  ],
  ...[
    '\n',
    '\r\n',
    '\t',
    '\u0000',
    '\u001b',
    '\u007f',
    '\u0085',
    '\u2028',
    '\u202e',
    '\ufffe',
    '\ud800',
    '\udc00',
    '😀',
    'é',
    '漢字',
  ],
  ...[
    '\\N',
    '\\n',
    '\\u0060',
    '\\u0027',
    ';',
    '//',
    '/*',
    '*/',
    '${x}',
    '$',
    '{',
    '}',
    '[',
    ']',
    '|',
    '#35;',
    '#quot;',
    'ﬂ°°60¶ß',
  ],
  ...[
    '..',
    '.',
    '?',
    '#',
    '%2F',
    '__proto__',
    'constructor',
    'NaN',
    'null',
    '0',
    '-1',
    '1e3',
    ' ',
    '',
    '()',
    '➜',
    '\u0301',
  ],
];
const name = fc.oneof(
  fc
    .array(fc.oneof(fc.constantFrom(...nasty), fc.string({ unit: 'binary', maxLength: 4 })), { maxLength: 4 })
    .map((all) => all.join('')),
  fc.constantFrom(...nasty),
);
const type = fc.oneof(
  {
    weight: 4,
    arbitrary: fc.constantFrom(
      'Pod',
      'Secret',
      'Image',
      'Namespace',
      'Service.serving.knative.dev',
      'ClusterRole',
      'node',
    ),
  },
  { weight: 1, arbitrary: fc.constantFrom('`', 'style', "a'b", '\\u0060', 'x y', '<b>') },
);
const id = fc
  .tuple(type, fc.constantFrom('', 'shop/', 'kube-system/', 'node/'), name)
  .map((parts) => `${parts[0]}:${parts[1]}${parts[2]}`);
const annotations = fc.record(
  {
    label: name,
    alternateLabel: name,
    missing: fc.constant(true as const),
    unverified: fc.constant(true as const),
    note: name,
  },
  { requiredKeys: ['label'] },
);

export const hostileGraph: fc.Arbitrary<ViewGraph> = fc
  .uniqueArray(fc.tuple(id, annotations), { minLength: 1, maxLength: 8, selector: ([id]) => id })
  .chain((drawn) => {
    const resources: Resource[] = drawn.map(([id, annotations]) => {
      return {
        id,
        type: id.slice(0, id.indexOf(':')),
        timestamp: '2026-11-20T16:58:32.123Z',
        properties: {},
        annotations,
      };
    });
    const end = fc.constantFrom(...resources.map(({ id }) => id));
    const link = fc.tuple(
      end,
      fc.oneof({ weight: 3, arbitrary: fc.constantFrom('uses', 'contains', 'node') }, { weight: 1, arbitrary: type }),
      end,
      name,
    );
    return fc
      .uniqueArray(link, { maxLength: 8, selector: ([source, type, target]) => JSON.stringify([source, type, target]) })
      .map((links) =>
        graphOf(
          resources,
          links.map(([source, type, target, field]) => relation(source, type, target, { field })),
        ),
      );
  });

/** The whole output of a view. */
export async function textOf(view: View, graph: ViewGraph, baseUrl?: string): Promise<string> {
  let text = '';
  for (const part of await view.write(graph, baseUrl === undefined ? {} : { baseUrl })) text += part ?? '';
  return text;
}
