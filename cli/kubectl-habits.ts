// Commands and options of kubectl that people type here too, and what to use instead.

const commandsInstead: ReadonlyMap<string, string> = new Map([
  ['describe', 'get TYPE/NAME shows what it is related to, and -o yaml its fields'],
  ['list', 'use get'],
  ['ls', 'use get'],
  ['show', 'use get'],
  ['watch', 'use get TYPE -w'],
  ['graph', 'use get -o dot, or -o svg'],
  ['search', 'use get -A, or /cluster/search of a master'],
  ['deps', 'use tree, or impact for what depends on it'],
  ['why', 'use path, which shows how two resources are connected'],
  ['events', 'findings -A shows what is wrong; use kubectl for events'],
  ['api-resources', 'use kubectl, or GET /rules of a master for the kinds that relations lead to'],
  ...'annotate api-versions apply attach auth autoscale certificate cluster-info config cordon cp create debug delete drain'
    .concat(
      ' edit exec explain expose kustomize label logs patch port-forward proxy replace rollout run scale set taint top',
    )
    .concat(' uncordon wait')
    .split(' ')
    .map((verb) => [verb, `use kubectl ${verb}; kubectl insight only reads the graph`] as const),
]);

const optionsInstead: ReadonlyMap<string, string> = new Map([
  ['--sort-by', 'lists are in the order of ids; pipe them through sort'],
  ['--show-labels', '-o yaml shows labels, and -l selects by them'],
  ['--limit', 'pipe the list through head'],
  ['--chunk-size', 'lists come whole'],
  ['--template', 'use -o json with jq, or -o custom-columns'],
  ['--all', 'use -A for every namespace'],
  ['--watch-only', 'use -w'],
]);

/** The end of a sentence about an unknown command; empty if kubectl has no such command either. */
export function insteadOfCommand(name: string): string {
  return hint(commandsInstead.get(name.toLowerCase()));
}

/** The end of a sentence about an unknown option. */
export function insteadOfOption(option: string): string {
  return hint(optionsInstead.get(option));
}

function hint(text: string | undefined): string {
  return text === undefined ? '' : `; ${text}`;
}
