// Follows users' rules: checks their files periodically and applies changes at run time. An invalid rule is skipped and
// reported in `completeness`, log and metrics.
import type { Clock } from '../src/clock.ts';
import { timestampOf } from '../src/clock.ts';
import type { Logger } from '../src/logger.ts';
import { type RuleFiles, readRuleFiles } from '../src/rule-files.ts';
import type { Steps } from '../src/steps.ts';
import type { GraphWriter } from './graph/engine/engine.ts';
import type { Declaration } from './relations/declared/declaration.ts';
import { type RuleFault, readRules } from './relations/declared/read.ts';
import { rules } from './relations/index.ts';

/** Family of rules' errors. */
export const ruleFamily = 'rules';

export interface RuleWatchParts {
  readonly paths: readonly string[];
  readonly writer: Pick<GraphWriter, 'transact' | 'setSource'>;
  readonly declare: (declarations: readonly Declaration[]) => Steps<number>;
  readonly run: (steps: Steps<number>) => Promise<number>;
  readonly clock: Clock;
  readonly logger: Pick<Logger, 'info' | 'warn'>;
  readonly read?: (paths: readonly string[]) => RuleFiles;
}

export class RuleWatch {
  readonly #parts: RuleWatchParts;
  #seen: string | undefined;
  #told: readonly string[] = [];
  #count = 0;
  #busy = false;

  constructor(parts: RuleWatchParts) {
    this.#parts = parts;
  }

  get rules(): number {
    return this.#count;
  }

  get faults(): number {
    return this.#told.length;
  }

  /** Checks the files. During a running update it waits for the next call. */
  async look(): Promise<void> {
    if (this.#busy) return;
    const { paths, declare, run, logger, read = readRuleFiles } = this.#parts;
    const files = read(paths);
    const seen = JSON.stringify(files);
    if (seen === this.#seen) return;
    this.#busy = true;
    try {
      this.#seen = seen;
      const { declarations, faults } = readRules(
        files.texts,
        rules.map(({ name }) => name),
      );
      const unread = files.unread.map(({ file, reason }) => ({ file, line: 1, message: reason }));
      this.#tell([...unread, ...faults]);
      this.#count = declarations.length;
      const objects = await run(declare(declarations));
      logger.info(
        `${declarations.length} rules of relations were read from ${paths.join(', ')}: ${objects} objects say something else now`,
      );
    } finally {
      this.#busy = false;
    }
  }

  #tell(faults: readonly RuleFault[]): void {
    const { writer, clock, logger } = this.#parts;
    const named = faults.map((each) => [`${each.file}:${each.line}`, each.message] as const);
    const now: ReadonlySet<string> = new Set(named.map(([name]) => name));
    const since = timestampOf(clock());
    writer.transact(() => {
      for (const name of this.#told) if (!now.has(name)) writer.setSource(ruleFamily, name, undefined);
      for (const [name, reason] of named) writer.setSource(ruleFamily, name, { state: 'unknown', since, reason });
    });
    for (const [name, reason] of named) logger.warn(`a rule of relations is left out: ${name}: ${reason}`);
    this.#told = [...now];
  }
}
