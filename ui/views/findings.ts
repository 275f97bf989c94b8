// What is wrong: the findings, at any moment. A list, no picture: what is drawn is in lists/findings.ts.
import type { ViewState } from '../state/view-state.ts';
import { counted } from '../words.ts';
import { query, type View } from './view.ts';

/** More are counted, not shown. */
const most = 500;

export const findings = {
  name: 'findings',
  rows: true,
  title: ({ namespaces }) => `what is wrong${namespaces.length > 0 ? ` in ${namespaces.join(', ')}` : ''}`,
  question: (state) =>
    `cluster/findings?${query({
      class: state.classes.join() || 'broken,risk',
      severity: state.severities.join(),
      name: state.finding,
      namespace: state.namespaces.join(),
      type: state.kinds.join(),
      accepted: state.accepted,
      limit: String(most),
    })}`,
  async load(state, ask) {
    const answer = await ask(findings.question(state));
    return { ...answer, resources: [] };
  },
  command: commandOf,
  scene(model) {
    const remaining = Number(model.rest['remaining'] ?? 0);
    const leftOut = remaining > 0 ? [`${counted(remaining, 'finding')}: narrow by severity, namespace or kind`] : [];
    return { scene: { form: 'list', lanes: [], cards: [], lines: [], leftOut }, memory: {} };
  },
} as const satisfies View;

/** Undefined if the command cannot say it. */
function commandOf({ classes, severities, namespaces, kinds, finding, accepted }: ViewState): string[] | undefined {
  if (namespaces.length > 1 || kinds.length > 0 || accepted !== '') return undefined;
  return [
    'findings',
    ...(finding === '' ? [] : [finding]),
    ...(namespaces.length === 1 ? ['-n', ...namespaces] : ['-A']),
    ...(classes.length > 0 ? ['--class', classes.join()] : []),
    ...(severities.length > 0 ? ['--severity', severities.join()] : []),
  ];
}
