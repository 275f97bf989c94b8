// Creates the configured receivers with their network and disk resources.
import dns from 'node:dns/promises';
import { isIP, type LookupFunction } from 'node:net';
import { join } from 'node:path';
import type { Clock } from '../../../src/clock.ts';
import { isRecord, listOf } from '../../../src/fields.ts';
import { createRequests } from '../../../src/http/client.ts';
import type { Logger } from '../../../src/logger.ts';
import { MountedCredentials } from '../../../src/mounted-credentials.ts';
import { redactText } from '../../../src/redact.ts';
import type { Alert } from '../alert.ts';
import type { Later } from '../later.ts';
import type { AlertmanagerSettings, ReceiverSettings } from '../settings/alert-settings.ts';
import { addressTest } from './addresses.ts';
import { Alertmanager } from './alertmanager.ts';
import type { Send } from './alertmanager-target.ts';
import type { Spool } from './delivery-queue.ts';
import { errorWords } from './error-words.ts';
import { AlertLog } from './log.ts';
import { MemorySpool } from './memory-spool.ts';
import type { Receiver, StoryOf } from './receiver.ts';
import { SpoolFolder } from './spool-folder.ts';
import { retryAfter, Webhook } from './webhook.ts';

export interface ReceiverFactoryParts {
  readonly cluster: string;
  readonly storyOf: StoryOf;
  /** Folder of the queues; undefined for memory. */
  readonly folder: string | undefined;
  readonly clock: Clock;
  readonly later: Later;
  readonly logger: Logger;
  readonly proxyEnv: NodeJS.ProcessEnv;
}

const mounted = new MountedCredentials('alert-credentials');

export class ReceiverFactory {
  readonly #parts: ReceiverFactoryParts;
  /** By receiver: queues survive changed settings. */
  readonly #spools = new Map<string, Spool>();

  constructor(parts: ReceiverFactoryParts) {
    this.#parts = parts;
  }

  async open(settings: ReceiverSettings, firing: Iterable<Alert>): Promise<Receiver> {
    const { storyOf, logger } = this.#parts;
    const { name, match } = settings;
    if (settings.kind === 'log') return new AlertLog({ name, match, storyOf, logger });
    if (settings.kind === 'webhook') {
      const webhook = new Webhook({ ...this.#parts, name, match, settings, spool: this.#spoolOf(name) });
      await webhook.open();
      return webhook;
    }
    const senderOf = (url: string, address: string | undefined) => this.#sender(settings, url, address);
    const alertmanager = new Alertmanager({ ...this.#parts, name, match, settings, senderOf, resolve: addressesOf });
    await alertmanager.open(firing);
    return alertmanager;
  }

  /**
   * Ids of our alerts that a receiver still has, so that a process without stored state does not report wrong ends. Never
   * fails: empty if unavailable.
   */
  async standing(settings: ReceiverSettings): Promise<ReadonlySet<string>> {
    if (settings.kind !== 'alertmanager') return new Set();
    const found = await Promise.all(settings.urls.map((url) => this.#standingAt(settings, url)));
    return new Set(found.flat());
  }

  async #standingAt(settings: AlertmanagerSettings, url: string): Promise<readonly string[]> {
    const { credentials, labels } = settings;
    const { proxyEnv, cluster, logger } = this.#parts;
    const allows = allowedBy(settings);
    try {
      const { caFile } = credentials;
      const ca = caFile === undefined ? undefined : mounted.bytes(caFile);
      const signal = new AbortController().signal;
      const requests = createRequests({ ca, proxyEnv, signal, timeout: patience, longest: longestAnswer, allows });
      const target = new URL(`${url}/api/v2/alerts`);
      target.searchParams.set('filter', `cluster=${JSON.stringify(labels['cluster'] ?? cluster)}`);
      const answer = await requests.send({ method: 'GET', url: target, headers: mounted.authorization(credentials) });
      requests.close();
      return answer.status === 200 ? idsIn(JSON.parse(answer.text)) : [];
    } catch (error) {
      logger.warn(`alerts: what stands at ${redactText(url)} is not known: ${errorWords(error)}`);
      return [];
    }
  }

  #spoolOf(name: string): Spool {
    const known = this.#spools.get(name);
    if (known) return known;
    const { folder } = this.#parts;
    const made = folder === undefined ? new MemorySpool() : new SpoolFolder(join(folder, 'queues', name));
    this.#spools.set(name, made);
    return made;
  }

  #sender(settings: AlertmanagerSettings, url: string, address: string | undefined): Send {
    const { credentials, resend } = settings;
    const { proxyEnv, clock } = this.#parts;
    const allows = allowedBy(settings);
    const { caFile } = credentials;
    return async (body) => {
      const requests = createRequests({
        ca: caFile === undefined ? undefined : mounted.bytes(caFile),
        proxyEnv: address === undefined ? proxyEnv : {},
        signal: new AbortController().signal,
        timeout: Math.min(resend, 10_000),
        allows,
        ...(address === undefined ? {} : { lookup: always(address) }),
      });
      try {
        const headers = { 'content-type': 'application/json', ...mounted.authorization(credentials) };
        const target = new URL(`${url}/api/v2/alerts`);
        const answer = await requests.send({ method: 'POST', url: target, headers, body: Buffer.from(body) });
        return { status: answer.status, text: answer.text, retryAfter: retryAfter(answer, clock()) };
      } catch (error) {
        throw new Error(errorWords(error), { cause: error });
      } finally {
        requests.close();
      }
    };
  }
}

/** Timeout in milliseconds, and maximum bytes: about 50,000 alerts. */
const patience = 5_000;
const longestAnswer = 64 << 20;

/** Alertmanager often runs on the same host. */
function allowedBy({ allowLinkLocal }: AlertmanagerSettings): (address: string) => boolean {
  return addressTest({ loopback: true, linkLocal: allowLinkLocal });
}

function idsIn(answer: unknown): readonly string[] {
  return listOf(answer).flatMap((alert) => {
    const labels = isRecord(alert) ? alert['labels'] : undefined;
    const id = isRecord(labels) ? labels['id'] : undefined;
    return typeof id === 'string' ? [id] : [];
  });
}

/** Resolves every name to that address. */
function always(address: string): LookupFunction {
  return (_hostname, options, callback) => {
    if (options.all) callback(null, [{ address, family: isIP(address) }]);
    else callback(null, address, isIP(address));
  };
}

async function addressesOf(hostname: string): Promise<readonly string[]> {
  const found = await dns.lookup(hostname, { all: true });
  return found.map(({ address }) => address).toSorted();
}
