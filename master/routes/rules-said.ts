// Rules in public form: what they read and mean, without code.
import type { FindingBook } from '../findings/book.ts';
import type { GraphReader } from '../graph/engine/engine.ts';
import type { Rule } from '../relations/relation.ts';
import { unreadOf } from '../rules-unread.ts';

type Told = Pick<GraphReader, 'rules' | 'sources'>;

export function rulesSaid(graph: Told) {
  return graph.rules.map((rule) => ruleSaid(rule, graph));
}

export function findingRulesSaid({ rules, own }: Pick<FindingBook, 'rules' | 'own'>) {
  return rules.map((rule) => {
    const { name, group, class: kind, severity, sentence, remedy, link } = rule;
    const declared = own.includes(rule) ? { declared: true as const } : {};
    return { name, group, class: kind, severity, sentence, remedy, link, ...declared };
  });
}

function ruleSaid(rule: Rule, graph: Told) {
  const { name, relation, reads, source, target, fields, dependence, sentence, declared } = rule;
  const unread = declared ? unreadOf(reads, graph) : [];
  return {
    name,
    relation,
    reads: [...reads],
    source: [...source],
    target: [...target],
    fields: [...fields],
    ...(declared ? { declared } : {}),
    ...(unread.length > 0 ? { unread } : {}),
    dependence,
    sentence,
  };
}
