// A matching change in the form of a finding.
import type { ProofStep } from '../../findings/contract.ts';
import type { Subject } from '../alert.ts';
import type { ChangeAlertRule } from '../settings/alert-settings.ts';
import type { Matched } from './watch.ts';

const mostSteps = 10;
const mostNamed = 10;

/** `matched`: what one rule found at one resource, at least one. */
export function subjectOf(rule: ChangeAlertRule, matched: readonly Matched[], id: string, at: string): Subject {
  const last = matched.at(-1) as Matched;
  const { on, field } = last;
  const path = matched.flatMap((each) => each.path ?? []).slice(0, mostSteps);
  const affected = [...new Set(matched.flatMap((each) => each.affected ?? []))].toSorted();
  const words = last.words ?? '';
  const said = rule.sentence ?? usualSentence(rule, on.id, words, path);
  return {
    id,
    name: rule.name,
    rule: rule.name,
    class: 'change',
    severity: rule.severity,
    resource: on.id,
    type: on.type,
    ...(on.namespace === '' ? {} : { namespace: on.namespace }),
    sentence: filled(said, { resource: on.id, type: on.type, namespace: on.namespace, change: words }),
    remedy: rule.remedy ?? 'See whether this was meant.',
    ...(rule.link === undefined ? {} : { link: rule.link }),
    ...(field === undefined ? {} : { field }),
    path,
    affected: { count: affected.length, first: affected.slice(0, mostNamed) },
    since: at,
  };
}

function usualSentence({ said, change }: ChangeAlertRule, resource: string, words: string, path: readonly ProofStep[]) {
  const [first] = path;
  switch (change.what) {
    case 'relation':
      return first
        ? `${first.from} ${first.type} ${first.to}: ${change.turn === 'added' ? 'added' : 'removed'}.`
        : `${said}: ${resource}.`;
    case 'resource':
      return `${resource} was ${change.turn}.`;
    case 'health':
      return `The health of ${resource} became ${words}.`;
    case 'field':
      return `${change.field} of ${resource} changed: ${words}.`;
    case 'path':
      return `${resource} leads to ${change.to} now, and did not before.`;
  }
}

function filled(sentence: string, values: { readonly [name: string]: string }): string {
  return sentence.replaceAll(/\{(\w+)\}/g, (hole, name: string) =>
    Object.hasOwn(values, name) ? (values[name] ?? '') : hole,
  );
}
