// Generates the page of health from the registries.
import { derivedHealthRules } from './derived/index.ts';
import { healthRules } from './index.ts';

const opening = `# Health

Printed from the rules in \`master/health/\` by \`npm run docs\`; a test fails when it is old.

A resource for which it means something has \`annotations.health\`:

| field | what it says |
|---|---|
| \`state\` | \`ok\` is as it is wanted; \`progressing\` on its way there; \`degraded\` works in part, or not as wanted; \`failed\` does not work and will not by waiting; \`done\` has ended well; \`idle\` does nothing, and is meant to; \`unknown\` cannot be told by what is known |
| \`reason\` | a word or two: of Pods, Nodes, claims, volumes, Namespaces and Jobs what \`kubectl get\` prints as STATUS |
| \`field\` | the path of the field that says so, exact to the array index; of the relation's field where \`from\` is given |
| \`ready\` | ready and wanted, \`2/3\`, of what has several Pods or containers |
| \`from\` | the id of the resource that it owes this to |

\`health=failed,degraded\` or \`health=!ok,!done\` narrows every query of the graph; what has no health is left out by it. A resource
without the annotation says nothing of its health, or it means nothing for it. Health changes when an object does, or what it rests on,
and that is a revision like any other; \`timestamp\` stays that of the object. A restart more is no other health.
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
    'Whatever is being deleted is `progressing`, `Terminating`, unless its rule says more. `*` is every other type.';
  return `## By its own word\n\n${words}\n\n${head}\n${rows.join('\n')}\n`;
}

function derivedSection(): string {
  const rows = derivedHealthRules.map(
    ({ name, types, over, sentence }) => `| \`${name}\` | ${list(types)} | ${list(over)} | ${cell(sentence)} |`,
  );
  const head = '| rule | type | over the relations | in words |\n|---|---|---|---|';
  const words = 'What these find counts where it asks for more attention than what is known already.';
  return `## By what it is related to\n\n${words}\n\n${head}\n${rows.join('\n')}\n`;
}

function list(items: readonly string[]): string {
  return items.map((item) => `\`${cell(item)}\``).join(', ');
}

/** In a table a bar would end the cell, and `<` would start a tag. */
function cell(text: string): string {
  return text.replaceAll('|', '\\|').replaceAll('<', '&lt;');
}
