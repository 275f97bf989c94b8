// Rules that failed on an object: counted, and each rule's first failure logged, since the next object may well be like it.
import type { Logger } from '../../src/logger.ts';
import type { InferProblem } from './infer.ts';

export interface Problems {
  ofRule(problem: InferProblem): void;
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
    count: () => count,
  };
}
