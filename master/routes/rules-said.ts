// The rules as they are told to others: what they read and say, without what they do.
import type { GraphReader } from '../graph/engine/engine.ts';

export function rulesSaid({ rules }: Pick<GraphReader, 'rules'>) {
  return rules.map(({ name, relation, reads, source, target, fields, dependence, sentence }) => ({
    name,
    relation,
    reads: [...reads],
    source: [...source],
    target: [...target],
    fields: [...fields],
    dependence,
    sentence,
  }));
}
