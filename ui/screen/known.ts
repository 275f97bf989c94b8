// What the page learns of the master beside the graph: its routes and rules, the clusters, how much is wrong.
import type { Resource } from '../../src/model.ts';
import { labelsOf } from '../filter.ts';
import { countOf, type Finding, type FindingCounts, severityMarks } from '../findings.ts';
import type { Api } from '../live/api.ts';
import type { Rule } from '../panel/section.ts';
import { query } from '../views/view.ts';

export interface KnownOptions {
  readonly api: Pick<Api, 'ask'>;
  readonly window: Window & typeof globalThis;
  readonly draw: () => void;
}

/** Interval of questions about the number of findings. */
const refresh = 10_000;
const mostWorst = 3;
const labelled = 'Namespace,Deployment,StatefulSet,DaemonSet,Pod';
/** Some are explained by others, and not shown. */
const question = 'cluster/findings?accepted=false&limit=20';

/** Of what serves several clusters. */
interface Fleet {
  readonly clusters: readonly { readonly name: string; readonly actor?: string }[];
}

interface Told {
  readonly counts: FindingCounts;
  readonly findings: readonly Finding[];
}

export class Known {
  readonly #options: KnownOptions;
  #rules: ReadonlyMap<string, Rule> | undefined;
  #paths = new Set<string>();
  #clusters: readonly string[] = [];
  #acting: string | undefined;
  #demo = false;
  #counts: FindingCounts | undefined;
  #worst: readonly Finding[] = [];
  #etag: string | undefined;
  #timer = 0;
  #labels: readonly string[] | undefined;

  constructor(options: KnownOptions) {
    this.#options = options;
  }

  /** Asked for when first wanted: they are the longest of what is learned. */
  get rules(): ReadonlyMap<string, Rule> {
    if (this.#rules === undefined) void this.#learnRules();
    return this.#rules ?? new Map();
  }

  /** Their names; empty until learned. */
  get clusters(): readonly string[] {
    return this.#clusters;
  }

  /** The cluster that is shown, if it alone is and actions on it are taken here. */
  get acting(): string | undefined {
    return this.#acting;
  }

  get demo(): boolean {
    return this.#demo;
  }

  /** Of broken and risk, as things are now; undefined if unknown. */
  get counts(): FindingCounts | undefined {
    return this.#counts;
  }

  /** The first few of them that are not accepted. */
  get worst(): readonly Finding[] {
    return this.#worst;
  }

  /** Another one when findings may have changed. */
  get version(): string | undefined {
    return this.#etag;
  }

  get wrong(): number | undefined {
    return this.#counts && countOf(this.#counts, 'broken') + countOf(this.#counts, 'risk');
  }

  serves(path: string): boolean {
    return this.#paths.has(path);
  }

  /** Nothing of it is needed at the start: what cannot be had is left out. */
  async learn(): Promise<void> {
    const quietly = <T>(path: string) => this.#quietly<T>(path);
    // Asked for again, for example with a token.
    this.#rules = undefined;
    const own = new URLSearchParams(this.#options.window.location.search).get('cluster');
    const [openapi, version, clusters] = await Promise.all([
      quietly<{ paths?: object }>('openapi.json'),
      quietly<{ demo?: boolean }>('version'),
      quietly<{ resources?: Resource[] }>('cluster/resources?type=Cluster&properties=false'),
    ]);
    this.#paths = new Set(Object.keys(openapi?.paths ?? {}));
    this.#demo = version?.demo === true;
    const fleet = this.serves('/clusters') ? await quietly<Fleet>('clusters') : undefined;
    const several = own === null ? fleet : undefined;
    const one = own ?? clusters?.resources?.[0]?.annotations.label;
    this.#clusters = several?.clusters.map(({ name }) => name) ?? (one === undefined ? [] : [one]);
    const here = this.#clusters.length === 1 ? this.#clusters[0] : undefined;
    this.#acting = fleet?.clusters.find(({ name, actor }) => name === here && actor)?.name;
    void this.#count();
  }

  async #quietly<T>(path: string): Promise<T | undefined> {
    return (await this.#options.api.ask<T>(path).catch(() => undefined))?.body;
  }

  async #learnRules(): Promise<void> {
    this.#rules = new Map();
    const answer = await this.#quietly<{ rules?: Rule[] }>('rules');
    this.#rules = new Map(answer?.rules?.map((rule) => [rule.name, rule]));
    this.#options.draw();
  }

  /** Keys of labels that workloads and namespaces have, the most frequent first. Asked for when first wanted. */
  labels(): readonly string[] {
    if (this.#labels === undefined) {
      this.#labels = [];
      void this.#learnLabels();
    }
    return this.#labels;
  }

  async #learnLabels(): Promise<void> {
    const asked = query({ type: labelled, fields: '/properties/metadata/labels', limit: '1000' });
    const answer = await this.#quietly<{ resources: Resource[] }>(`cluster/resources?${asked}`);
    const counts = new Map<string, number>();
    for (const resource of answer?.resources ?? [])
      for (const key of Object.keys(labelsOf(resource))) counts.set(key, (counts.get(key) ?? 0) + 1);
    this.#labels = [...counts].sort(([a, n], [b, m]) => m - n || (a < b ? -1 : 1)).map(([key]) => key);
    this.#options.draw();
  }

  async #count(): Promise<void> {
    const { api, window, draw } = this.#options;
    window.clearTimeout(this.#timer);
    if (!this.serves('/cluster/findings')) return;
    const asked = window.document.hidden
      ? undefined
      : await api.ask<Told>(question, { etag: this.#etag }).catch(() => undefined);
    if (asked) {
      this.#counts = asked.body.counts;
      const causes = asked.body.findings.filter(({ causedBy }) => causedBy === undefined);
      this.#worst = causes.toSorted((a, b) => urgency(a) - urgency(b)).slice(0, mostWorst);
      this.#etag = asked.etag;
      draw();
    }
    this.#timer = window.setTimeout(() => void this.#count(), refresh);
  }
}

/** Among equally severe ones, what is broken comes before what may break. */
function urgency({ severity, class: its }: Finding): number {
  return 2 * Object.keys(severityMarks).indexOf(severity) + Number(its !== 'broken');
}
