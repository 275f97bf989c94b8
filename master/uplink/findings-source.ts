// Sends the findings of this master to a gateway: first all of them, then those that began, changed or ended. A gateway cannot
// compute them itself, since it knows neither the cluster's settings nor earlier observations.
import type { FindingsBody } from '../../src/gateway-protocol/findings-body.ts';
import type { Received } from '../../src/gateway-protocol/messages.ts';
import type { Logger } from '../../src/logger.ts';
import type { Publisher, UplinkSource } from '../../src/uplink/source.ts';
import type { Finding, FindingChange, FindingsReader } from '../findings/contract.ts';

export interface FindingsSourceOptions {
  readonly publisher: Publisher;
  readonly findings: Pick<FindingsReader, 'current' | 'undecided' | 'affectedBy' | 'subscribe' | 'settled'>;
  /** Never rejects; ends early when the signal aborts. */
  readonly sleep: (ms: number, signal: AbortSignal) => Promise<void>;
  readonly logger: Pick<Logger, 'error'>;
}

/** Maximum findings of one record, and maximum ids of affected resources besides those in the findings. */
const mostFound = 500;
const mostAffected = 50_000;
/** Milliseconds between two records: changes in between are sent together. */
const period = 1_000;

type Told = Omit<FindingsBody, 'found'> & { readonly found: readonly Finding[] };

interface Page {
  readonly found: Finding[];
  readonly affected: [id: string, affected: string[]][];
}

export class FindingsSource implements UplinkSource {
  readonly name = 'findings';
  readonly #options: FindingsSourceOptions;
  readonly #ending = new AbortController();
  readonly #unsubscribe: () => void;
  readonly #running: Promise<void>;
  /** Changes that were not sent yet, by finding. */
  readonly #open = new Map<string, FindingChange>();
  #undecided = '';
  /** A connected gateway needs everything. */
  #wantsAll = false;
  #told = false;
  #lost = 0;

  constructor(options: FindingsSourceOptions) {
    this.#options = options;
    this.#unsubscribe = options.findings.subscribe((changes) => {
      for (const change of changes) this.#open.set(change.finding.id, change);
    });
    this.#running = this.#run();
  }

  authorised({ findings: received }: Received): void {
    if (!this.#told || received === undefined || this.#lostSome()) this.#wantsAll = true;
  }

  resync(): void {
    this.#wantsAll = true;
  }

  async close(): Promise<void> {
    this.#ending.abort();
    await this.#running;
    this.#unsubscribe();
    await this.#tellChanges().catch(() => undefined);
  }

  async #run(): Promise<void> {
    const { sleep, logger } = this.#options;
    const { signal } = this.#ending;
    while (!signal.aborted) {
      await this.#look().catch((err: unknown) => logger.error({ err }, 'findings could not be told to the gateway'));
      await sleep(period, signal);
    }
  }

  async #look(): Promise<void> {
    if (this.#told && this.#lostSome()) this.#wantsAll = true;
    if (this.#wantsAll && this.#options.findings.settled) await this.#tellAll();
    else await this.#tellChanges();
  }

  #lostSome(): boolean {
    return this.#options.publisher.lost('findings') > this.#lost;
  }

  /** Changes that come meanwhile are sent after it. */
  async #tellAll(): Promise<void> {
    const { findings, publisher } = this.#options;
    this.#wantsAll = false;
    this.#told = true;
    this.#lost = publisher.lost('findings');
    this.#open.clear();
    this.#undecided = '';
    const pages = this.#pagesOf([...findings.current()]);
    const undecided = this.#undecidedAnew();
    for (const [at, page] of pages.entries())
      await publisher.publish('findings', {
        ...(at === 0 ? { begins: true } : {}),
        ...(at === pages.length - 1 ? { whole: true, ...undecided } : {}),
        ...page,
        ended: [],
      } satisfies Told);
  }

  async #tellChanges(): Promise<void> {
    if (!this.#told) return;
    const changes = [...this.#open.values()];
    this.#open.clear();
    const undecided = this.#undecidedAnew();
    if (changes.length === 0 && undecided.undecided === undefined) return;
    const pages = this.#pagesOf(changes.filter(({ kind }) => kind !== 'end').map(({ finding }) => finding));
    const ended = changes.filter(({ kind }) => kind === 'end').map(({ finding }) => finding.id);
    for (const [at, page] of pages.entries())
      await this.#options.publisher.publish('findings', {
        ...page,
        ...(at === 0 ? { ended, ...undecided } : { ended: [] }),
      } satisfies Told);
  }

  /** At least one page. */
  #pagesOf(all: readonly Finding[]): Page[] {
    const pages: Page[] = [];
    let page: Page = { found: [], affected: [] };
    let ids = 0;
    for (const finding of all) {
      page.found.push(finding);
      const { count, first } = finding.affected;
      if (count > first.length) page.affected.push([finding.id, [...this.#options.findings.affectedBy(finding.id)]]);
      ids += count;
      if (page.found.length < mostFound && ids < mostAffected) continue;
      pages.push(page);
      page = { found: [], affected: [] };
      ids = 0;
    }
    if (page.found.length > 0 || pages.length === 0) pages.push(page);
    return pages;
  }

  /** If it differs from what was sent last. */
  #undecidedAnew(): Pick<FindingsBody, 'undecided'> {
    const undecided = [...this.#options.findings.undecided()];
    const text = JSON.stringify(undecided);
    if (text === this.#undecided) return {};
    this.#undecided = text;
    return { undecided };
  }
}
