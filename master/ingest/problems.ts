// Counts rules that failed and unusable objects. Logs only the first of each sort, because the next ones are likely
// similar.
import type { Logger } from '../../src/logger.ts';
import type { InferProblem } from './infer.ts';
import type { Refusal } from './objects-of-kinds.ts';

export interface Problems {
  ofRule(problem: InferProblem): void;
  ofObject(refusal: Refusal): void;
  count(): number;
}

export function createProblems(logger: Logger): Problems {
  const told = new Set<string>();
  let count = 0;
  return {
    ofRule({ rule, type, error }) {
      count++;
      const which = `${rule} ${type}`;
      if (told.has(which)) return;
      told.add(which);
      logger.warn({ err: error }, `rule ${rule} cannot read a ${type}: its relations are left out for that object`);
    },
    ofObject({ type, id, error }) {
      if (told.has(type)) return;
      told.add(type);
      logger.warn({ err: error, id: id?.slice(0, 512) }, `a ${type} cannot be read: it is left out`);
    },
    count: () => count,
  };
}
