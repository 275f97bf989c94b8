// Generates the page of health from the registries.
import { derivedHealthRules } from './derived/index.ts';
import { healthRules } from './index.ts';

const opening = `# Health

Generated from the rules in \`master/health/\` by \`npm run docs\`; a test checks that it is current.

Resources that can be healthy or not have \`annotations.health\`:

| field | meaning |
|---|---|
| \`state\` | \`ok\`: as wanted; \`progressing\`: on its way there; \`degraded\`: works partly; \`failed\`: does not work, and waiting will not help; \`done\`: finished successfully; \`idle\`: does nothing on purpose; \`unknown\`: cannot be decided |
| \`reason\` | a word or two; for Pods, Nodes, claims, volumes, Namespaces and Jobs what \`kubectl get\` prints as STATUS |
| \`field\` | the field that decides, exact to the array index; with \`from\`, the field of the relation |
| \`ready\` | ready and wanted Pods or containers, such as \`2/3\` |
| \`from\` | the id of the resource that causes it |

Filter any query by health: \`health=failed,degraded\` or \`health=!ok,!done\`. Resources without health are then left out. A change of
health is a revision of the graph, but the resource's \`timestamp\` stays that of the object. Another restart alone does not change health.
`;

/** The whole text of `docs/health.md`. */
export function healthPage(): string {
  return [opening, ownSection(), derivedSection()].join('\n');
}

function ownSection(): string {
  const rows = healthRules.map(
    ({ types, fields, sentence }) => `| ${list(types)} | ${list(fields)} | ${cell(sentence)} |`,
  );
  const head = '| type | fields | in words |\n|---|---|---|';
  const words =
    'Objects that are being deleted are `progressing`, `Terminating`, unless their rule says more. `*` is every other type.';
  return `## From its own status\n\n${words}\n\n${head}\n${rows.join('\n')}\n`;
}

function derivedSection(): string {
  const rows = derivedHealthRules.map(
    ({ name, types, over, sentence }) => `| \`${name}\` | ${list(types)} | ${list(over)} | ${cell(sentence)} |`,
  );
  const head = '| rule | type | over the relations | in words |\n|---|---|---|---|';
  const words = "These apply if they find a worse state than the resource's own.";
  return `## From related resources\n\n${words}\n\n${head}\n${rows.join('\n')}\n`;
}

function list(items: readonly string[]): string {
  return items.map((item) => `\`${cell(item)}\``).join(', ');
}

/** In a table a bar would end the cell, and `<` would start a tag. */
function cell(text: string): string {
  return text.replaceAll('|', '\\|').replaceAll('<', '&lt;');
}
