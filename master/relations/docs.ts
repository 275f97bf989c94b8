// Generates the page of relations from the registry.
import { rules } from './index.ts';
import type { Rule } from './relation.ts';
import { virtualTypes } from './virtual.ts';

const suffering = { source: 'the source', target: 'the target', none: 'neither' } as const;

const opening = `# Relations

Printed from the rules in \`master/relations/\` by \`npm run docs\`; a test fails when it is old. \`/rules\` serves the same list.

Every relation says in \`annotations.rule\` which rule made it, and in \`annotations.field\` which field said so, exact to
the array index. When several fields say the same, the relation is one and \`annotations.reasons\` lists them all.

- A kind whose group the API server does not build in carries its group: \`HTTPRoute.gateway.networking.k8s.io\`. \`*\` is any kind.
- Where a rule reads Pods and the kinds that carry a template of one, the fields are those of a Pod. In a template they stand
  below \`spec.template\` (CronJob: \`spec.jobTemplate.spec.template\`, PodTemplate: \`template\`), and the relation has
  \`annotations.template: true\`, because the Pods made from it say it again. \`spec.containers[]\` stands for the init and
  ephemeral containers too, unless they are listed.
- A reference that its author marked optional has \`annotations.optional: true\`; one to what is not there has \`absent: expected\` or
  \`pending\` where only some set-ups of a cluster have it, or a controller is still to make it (see queries.md).
- \`defaulted: true\`: the object does not say it; the API server fills it in so. \`guess: true\`: it is said by a convention
  of names or labels. \`wanted: true\`: a relation that both ends must assert is asserted by one alone, or only wished for.
- \`granted\`: whether a ReferenceGrant allows a reference into another namespace; \`needsReferenceGrant: true\` where grants
  cannot be read. What is refused is not followed. \`terminating: true\`: an endpoint that is on its way out.
- A rule of \`states\` makes no relation: it says what an object is found by, or that something holds, for references of other
  objects. Where such a key stands for several objects and may mean only one, there is no relation, and
  \`annotations.ambiguous\` of the object that names it lists what it might have meant, by field.
- A set is what its controller takes: Pods that have finished are in none; where a Service has EndpointSlices they say what
  it load balances, and its selector says it only where there are none.
- "Depends" is the end that suffers when the other goes. A reference may know better than its rule: an optional one, one of
  weight 0, that of a finished Pod. Its relation then says so in \`annotations.depends\`: \`source\`, \`target\`, \`both\` or \`none\`.
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
