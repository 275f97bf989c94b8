// All rules of findings with their settings: the built-in ones, and those of users, which may change at run time.
import type { PastUseReader } from '../series/past-use.ts';
import type { SeriesReader } from '../series/series.ts';
import type { FindingRule } from './finding-rule.ts';
import { type FindingSettings, noSettings } from './finding-settings.ts';
import { registryUnknown, registryUnknownByDefault } from './images.ts';
import { findingRules } from './index.ts';
import { resourcesMissized, resourcesMissizedByDefault } from './sizing.ts';

export class FindingBook {
  readonly #built: readonly FindingRule[];
  readonly #followers = new Set<() => void>();
  readonly #declared = new Map<string, readonly FindingRule[]>();
  #own: readonly FindingRule[] = [];
  #settings: FindingSettings = noSettings;

  /** `series`: measured metrics, if there are any; `past`: the usage of weeks, if a Prometheus has it. */
  constructor(built: readonly FindingRule[] = findingRules, series?: SeriesReader, past?: PastUseReader) {
    this.#built = series ? built.map((rule) => withNumbers(rule, series, past)) : built;
  }

  get rules(): readonly FindingRule[] {
    const { registries } = this.#settings;
    const built = registries.length === 0 ? this.#built : this.#built.map((rule) => withRegistries(rule, registries));
    return [...built, ...this.#own];
  }

  get settings(): FindingSettings {
    return this.#settings;
  }

  /** Names that user-defined rules cannot have, including former names. */
  builtInNames(): readonly string[] {
    return this.#built.flatMap(({ name, aliases = [] }) => [name, ...aliases]);
  }

  named(name: string): FindingRule | undefined {
    return this.rules.find((rule) => rule.name === name || rule.aliases?.includes(name));
  }

  /** Replaces the user-defined rules of a source. The first of equal names wins. */
  declare(own: readonly FindingRule[], source: 'rules' | 'alerts' = 'rules'): void {
    this.#declared.set(source, own);
    const seen = new Set(this.builtInNames());
    this.#own = [...this.#declared.values()].flat().filter(({ name }) => !seen.has(name) && seen.add(name));
    this.#tell();
  }

  /** The user-defined rules. */
  get own(): readonly FindingRule[] {
    return this.#own;
  }

  set(settings: FindingSettings): void {
    this.#settings = settings;
    this.#tell();
  }

  /** Calls `listener` after each change. Returns a function that stops it. */
  follow(listener: () => void): () => void {
    this.#followers.add(listener);
    return () => this.#followers.delete(listener);
  }

  #tell(): void {
    for (const listener of this.#followers) listener();
  }
}

function withRegistries(rule: FindingRule, registries: readonly string[]): FindingRule {
  return rule.name === registryUnknownByDefault.name ? registryUnknown(registries) : rule;
}

function withNumbers(rule: FindingRule, series: SeriesReader, past: PastUseReader | undefined): FindingRule {
  return rule.name === resourcesMissizedByDefault.name ? resourcesMissized(series, past) : rule;
}
