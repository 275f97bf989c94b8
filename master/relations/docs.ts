// Generates the page of relations from the registry.
import { rules } from './index.ts';
import type { Rule } from './relation.ts';
import { virtualTypes } from './virtual.ts';

const suffering = { source: 'the source', target: 'the target', none: 'neither' } as const;

const opening = `# Relations

Generated from the rules in \`master/relations/\` by \`npm run docs\`; a test checks that it is current. \`/rules\` serves the same list. To
add relations for your own kinds, see [rules](rules.md).

Each relation has \`annotations.rule\`, the rule that made it, and \`annotations.field\`, the field that says so, exact to the
array index. If several fields say the same, there is one relation with all of them in \`annotations.reasons\`.

**Kinds.** A kind outside of the built-in groups is written with its group: \`HTTPRoute.gateway.networking.k8s.io\`. \`*\` is any kind.

**Fields.** For rules that read Pods and Pod templates, the table shows the field of a Pod. In a template it is below \`spec.template\` (CronJob:
\`spec.jobTemplate.spec.template\`, PodTemplate: \`template\`), and the relation has \`annotations.template: true\`, because the Pods
repeat it. \`spec.containers[]\` includes init and ephemeral containers unless they are listed separately.

**Annotations** that qualify a relation:

| annotation | meaning |
|---|---|
| \`optional: true\` | the reference is marked optional |
| \`absent\` | the target does not exist and is not required: \`expected\` if only some clusters have it, \`pending\` if a controller has yet to create it ([more](queries.md#missing-or-absent)) |
| \`defaulted: true\` | the object does not say it; the API server would fill it in |
| \`guess: true\` | inferred from a convention of names or labels |
| \`wanted: true\` | only one end asserts a relation that both must assert, or it is only wished for |
| \`granted\` | whether a ReferenceGrant allows the reference into another namespace; refused references are not followed |
| \`needsReferenceGrant: true\` | it needs a grant, and grants cannot be read |
| \`terminating: true\` | the endpoint is shutting down |
| \`depends\` | the end that suffers, if it differs from the rule: \`source\`, \`target\`, \`both\` or \`none\` |

**Depends** is the end that suffers when the other goes. Optional references, weights of 0 and finished Pods carry no dependence.

**Sets** contain what their controller counts: finished Pods belong to none. If a Service has EndpointSlices, they decide what it load
balances; otherwise its selector does.

**States.** A rule of \`states\` makes no relation. It records a key by which other objects refer to an object, or a fact about it. If a key
matches several objects but may mean only one, no relation is made, and \`annotations.ambiguous\` of the referring object lists
the candidates by field.
`;

/** The whole text of `docs/relations.md`. */
export function relationsPage(): string {
  const types = [...new Set(rules.map(({ relation }) => relation))].sort();
  const sections = types.map((type) =>
    sectionOf(
      type,
      rules.filter(({ relation }) => relation === type),
    ),
  );
  return [opening, virtualSection(), summary(types), ...sections].join('\n');
}

function summary(types: readonly string[]): string {
  const links = types.map((type) => `[${type}](#${type.toLowerCase()})`).join(', ');
  return `${rules.length} rules make ${types.length} relations: ${links}.\n`;
}

function sectionOf(type: string, making: readonly Rule[]): string {
  const rows = making.map(
    (rule) =>
      `| \`${rule.name}\` | ${list(rule.source)} | ${list(rule.target)} | ${list(rule.fields)} | ` +
      `${suffering[rule.dependence]} | ${cell(rule.sentence)} |`,
  );
  const head = '| rule | source | target | fields | depends | in words |\n|---|---|---|---|---|---|';
  return `## ${type}\n\n${head}\n${rows.join('\n')}\n`;
}

function virtualSection(): string {
  const rows = Object.entries(virtualTypes).map(([type, sentence]) => `| ${type} | ${cell(sentence)} |`);
  return `Types that no API lists exist by being named:\n\n| type | what it is |\n|---|---|\n${rows.join('\n')}\n`;
}

function list(items: readonly string[]): string {
  return items.map((item) => `\`${cell(item)}\``).join(', ');
}

/** In a table a bar would end the cell, and `<` would start a tag. */
function cell(text: string): string {
  return text.replaceAll('|', '\\|').replaceAll('<', '&lt;');
}
