// Follows users' rules: checks their files periodically and applies changes at run time. An invalid rule affects only itself and
// is reported in `completeness`, the log and the metrics. Rules that could not be applied are tried again.
import type { Clock } from '../src/clock.ts';
import { timestampOf } from '../src/clock.ts';
import { counted } from '../src/counted.ts';
import type { Logger } from '../src/logger.ts';
import { namesSecret } from '../src/redact.ts';
import { type RuleFiles, readRuleFiles } from '../src/rule-files.ts';
import type { Steps } from '../src/steps.ts';
import type { GraphReader, GraphWriter } from './graph/engine/engine.ts';
import { isAsked } from './ingest/rules-of-type.ts';
import type { Declaration } from './relations/declared/declaration.ts';
import { readRules } from './relations/declared/read.ts';
import { rules } from './relations/index.ts';
import { unreadOf } from './rules-unread.ts';

/** Family of rules' errors. */
export const ruleFamily = 'rules';
/** Under this name a failure to apply rules is reported, beside those of single rules. */
const takeOver = 'taking over';

export interface RuleWatchParts {
  readonly paths: readonly string[];
  readonly graph: Pick<GraphReader, 'sources' | 'rules'>;
  readonly writer: Pick<GraphWriter, 'transact' | 'setSource'>;
  readonly declare: (declarations: readonly Declaration[]) => Steps<number>;
  readonly run: (steps: Steps<number>) => Promise<number>;
  /** Lists these types again, because other texts of theirs are names now and must not be redacted, or no longer are. */
  readonly relist: (types: ReadonlySet<string>) => void;
  /** Whether all that is served is known: before, a kind that is not read may still be. */
  readonly isWhole: () => boolean;
  /** After its abort nothing is reported any more. */
  readonly signal: AbortSignal;
  readonly clock: Clock;
  readonly logger: Pick<Logger, 'info' | 'warn'>;
  readonly read?: (paths: readonly string[]) => RuleFiles;
}

interface Fault {
  readonly name: string;
  readonly reason: string;
}

export class RuleWatch {
  readonly #parts: RuleWatchParts;
  /** As they were taken over, or are now. */
  #seen: string | undefined;
  #told: readonly Fault[] = [];
  #unread: readonly string[] = [];
  #declarations: readonly Declaration[] = [];
  #busy = false;
  #open = false;

  constructor(parts: RuleWatchParts) {
    this.#parts = parts;
  }

  get rules(): number {
    return this.#declarations.length;
  }

  get faults(): number {
    return this.#told.length;
  }

  /** How many kinds that rules of users read are not read themselves. */
  get unread(): number {
    return this.#unread.length;
  }

  /** Looks at the files. Where one is still being taken over, it is looked at the next time. Never rejects. */
  async look(): Promise<void> {
    if (this.#busy) return;
    const { paths, read = readRuleFiles } = this.#parts;
    const files = read(paths);
    const seen = JSON.stringify(files);
    this.#busy = true;
    try {
      if (seen !== this.#seen) this.#read(files);
      if (seen !== this.#seen || this.#open) await this.#takeOver();
    } finally {
      this.#seen = seen;
      this.#busy = false;
    }
    this.#tellUnread();
  }

  #read(files: RuleFiles): void {
    const { declarations, faults } = readRules(
      files.texts,
      rules.map(({ name }) => name),
    );
    const unread = files.unread.map(({ file, reason }) => ({ name: `${file}:1`, reason }));
    const left = faults.map(({ file, line, message }) => ({ name: `${file}:${line}`, reason: message }));
    this.#tell([...unread, ...left]);
    for (const { name, reason } of this.#told)
      this.#parts.logger.warn(`a rule of relations is left out: ${name}: ${reason}`);
    const types = redactedBy(this.#declarations, declarations);
    this.#declarations = declarations;
    this.#open = true;
    const listed = [...this.#parts.graph.sources('kinds').keys()].filter((type) => isAsked({ reads: types }, type));
    if (listed.length > 0) this.#parts.relist(new Set(listed));
  }

  async #takeOver(): Promise<void> {
    const { paths, declare, run, logger, signal } = this.#parts;
    try {
      const objects = await run(declare(this.#declarations));
      this.#open = false;
      this.#tell(this.#told.filter(({ name }) => name !== takeOver));
      logger.info(
        `${counted(this.rules, 'rule')} of relations read from ${paths.join(', ')}; relations of ${counted(objects, 'object')} changed`,
      );
    } catch (error) {
      if (signal.aborted) return;
      const reason = `rules could not be taken over, and are tried again: ${(error as Error).message}`;
      if (!this.#told.some(({ name }) => name === takeOver)) logger.warn({ err: error }, reason);
      this.#tell([...this.#told.filter(({ name }) => name !== takeOver), { name: takeOver, reason }]);
    }
  }

  #tell(faults: readonly Fault[]): void {
    const { writer, clock } = this.#parts;
    const now: ReadonlySet<string> = new Set(faults.map(({ name }) => name));
    const since = timestampOf(clock());
    writer.transact(() => {
      for (const { name } of this.#told) if (!now.has(name)) writer.setSource(ruleFamily, name, undefined);
      for (const { name, reason } of faults) writer.setSource(ruleFamily, name, { state: 'unknown', since, reason });
    });
    this.#told = faults;
  }

  /** Reports rules that read a kind which may not be listed or is not served: once in the log, and at `/rules` while it lasts. */
  #tellUnread(): void {
    const { graph, isWhole, logger } = this.#parts;
    if (!isWhole()) return;
    const now = graph.rules.flatMap((rule) =>
      rule.declared ? unreadOf(rule.reads, graph).map((each) => `the rule ${rule.name} says nothing of ${each}`) : [],
    );
    for (const each of now) if (!this.#unread.includes(each)) logger.warn(each);
    this.#unread = now;
  }
}

/** Types with texts that are names by new rules but were redacted, or that are kept but no longer names. */
function redactedBy(before: readonly Declaration[], after: readonly Declaration[]): readonly string[] {
  const [old, now] = [before, after].map((all) => new Set(all.flatMap(secretNamesOf)));
  const changed = old && now ? [...old.symmetricDifference(now)] : [];
  return [...new Set(changed.map((each) => each.slice(0, each.indexOf(' '))))];
}

/** `type path` of each field that is called like a secret and holds the name of one. */
function secretNamesOf({ from, name, to }: Declaration): string[] {
  if (name === undefined || to !== 'Secret') return [];
  const paths = [name].flat().filter((path) =>
    namesSecret(
      path
        .split('.')
        .at(-1)
        ?.replace(/[[\]{}?]/g, '') ?? '',
    ),
  );
  // What every kind is asked for keeps nothing.
  const types = [from].flat().filter((type) => type !== '*' && type !== '*.*');
  return types.flatMap((type) => paths.map((path) => `${type} ${path}`));
}
