// All rules of findings and what the settings say of them: those of the registry, and those of users, which come and go.
import type { SeriesReader } from '../series/series.ts';
import type { FindingRule } from './finding-rule.ts';
import { registryUnknown, registryUnknownByDefault } from './images.ts';
import { findingRules } from './index.ts';
import { type FindingSettings, noSettings } from './kept/findings.ts';
import { resourcesMissized, resourcesMissizedByDefault } from './sizing.ts';

export class FindingBook {
  readonly #built: readonly FindingRule[];
  readonly #followers = new Set<() => void>();
  readonly #declared = new Map<string, readonly FindingRule[]>();
  #own: readonly FindingRule[] = [];
  #settings: FindingSettings = noSettings;

  /** `series`: numbers that are measured, where some are. */
  constructor(built: readonly FindingRule[] = findingRules, series?: SeriesReader) {
    this.#built = series ? built.map((rule) => withNumbers(rule, series)) : built;
  }

  get rules(): readonly FindingRule[] {
    const { registries } = this.#settings;
    const built = registries.length === 0 ? this.#built : this.#built.map((rule) => withRegistries(rule, registries));
    return [...built, ...this.#own];
  }

  get settings(): FindingSettings {
    return this.#settings;
  }

  /** Names that rules of users cannot have, those that rules had before included. */
  builtInNames(): readonly string[] {
    return this.#built.flatMap(({ name, aliases = [] }) => [name, ...aliases]);
  }

  named(name: string): FindingRule | undefined {
    return this.rules.find((rule) => rule.name === name || rule.aliases?.includes(name));
  }

  /** Rules of users in place of those that were said there before. Of two of one name the first is taken. */
  declare(own: readonly FindingRule[], source: 'rules' | 'alerts' = 'rules'): void {
    this.#declared.set(source, own);
    const seen = new Set(this.builtInNames());
    this.#own = [...this.#declared.values()].flat().filter(({ name }) => !seen.has(name) && seen.add(name));
    this.#tell();
  }

  /** Those of users. */
  get own(): readonly FindingRule[] {
    return this.#own;
  }

  set(settings: FindingSettings): void {
    this.#settings = settings;
    this.#tell();
  }

  /** Has `listener` called after each change, until the function returned is called. */
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

function withNumbers(rule: FindingRule, series: SeriesReader): FindingRule {
  return rule.name === resourcesMissizedByDefault.name ? resourcesMissized(series) : rule;
}
