// A webhook: each notice is a signed POST with an id to recognize repetitions.

import type { Clock } from '../../../src/clock.ts';
import { type Answered, addressRefused, createRequests, type Requests } from '../../../src/http/client.ts';
import { MountedCredentials } from '../../../src/mounted-credentials.ts';
import { redactText } from '../../../src/redact.ts';
import type { Alert } from '../alert.ts';
import type { Later } from '../later.ts';
import { messageOf } from '../message.ts';
import { matches } from '../policy.ts';
import type { Match, WebhookSettings } from '../settings/alert-settings.ts';
import type { Notice } from '../states/alert-groups.ts';
import { addressTest } from './addresses.ts';
import { type Delivery, DeliveryQueue, type Outcome, type Spool } from './delivery-queue.ts';
import { errorWords } from './error-words.ts';
import type { Receiver, ReceiverState, StoryOf } from './receiver.ts';
import { signatureOf } from './signature.ts';
import { readTemplate, type Template } from './template.ts';

export interface WebhookParts {
  readonly name: string;
  readonly match: Match;
  readonly settings: WebhookSettings;
  readonly cluster: string;
  readonly storyOf: StoryOf;
  readonly spool: Spool | undefined;
  readonly clock: Clock;
  readonly later: Later;
  readonly proxyEnv: NodeJS.ProcessEnv;
  readonly random?: () => number;
  /** Replaces the network in tests. */
  readonly requests?: Pick<Requests, 'send' | 'close'>;
}

const mounted = new MountedCredentials('alert-credentials');

export class Webhook implements Receiver {
  readonly name: string;
  readonly #parts: WebhookParts;
  readonly #queue: DeliveryQueue;
  readonly #template: Template | undefined;
  readonly #closing = new AbortController();

  constructor(parts: WebhookParts) {
    const { name, settings, spool, clock, later, random } = parts;
    this.name = name;
    this.#parts = parts;
    this.#template =
      settings.template === undefined ? undefined : readTemplate(settings.template, settings.contentType);
    this.#queue = new DeliveryQueue({
      most: settings.queue,
      spool,
      clock,
      later,
      random,
      send: (delivery) => this.#send(delivery),
    });
  }

  open(): Promise<void> {
    return this.#queue.open();
  }

  async notify(notice: Notice): Promise<void> {
    const { settings, cluster, storyOf } = this.#parts;
    const own = this.#ownOf(notice);
    if (own.firing.length + own.ended.length === 0) return;
    const message = messageOf(own, cluster, storyOf);
    const body = this.#template ? this.#template(message) : JSON.stringify(message);
    await this.#queue.add({ id: message.id, at: message.at, contentType: settings.contentType, body });
  }

  state(): ReceiverState {
    return { name: this.name, kind: 'webhook', ...this.#queue.state };
  }

  async close(): Promise<void> {
    // A running request gets a little more time.
    const grace = setTimeout(() => this.#closing.abort(new Error('the process ends')), 2000);
    await this.#queue.close();
    clearTimeout(grace);
    this.#closing.abort(new Error('the process ends'));
  }

  #ownOf(notice: Notice): Notice {
    const { match, settings } = this.#parts;
    const isOwn = (alert: Alert) => matches(match, alert);
    const firing = notice.firing.filter(isOwn);
    const ended = settings.ends ? notice.ended.filter(({ alert }) => isOwn(alert)) : [];
    return { ...notice, firing, ended };
  }

  async #send({ id, body, contentType }: Delivery): Promise<Outcome> {
    const { settings, clock } = this.#parts;
    const bytes = Buffer.from(body.toWellFormed());
    const seconds = Math.floor(clock() / 1000);
    const secret = settings.secretFile === undefined ? undefined : mounted.text(settings.secretFile);
    const url = new URL(settings.url ?? mounted.text(settings.urlFile ?? '').trim());
    const headers = {
      ...settings.headers,
      ...mounted.authorization(settings.credentials),
      'content-type': contentType,
      'x-cluster-insight-delivery': id,
      'x-cluster-insight-timestamp': seconds,
      ...(secret === undefined
        ? {}
        : { 'x-cluster-insight-signature': `sha256=${signatureOf(secret, seconds, bytes)}` }),
    };
    const requests = this.#parts.requests ?? this.#requests();
    try {
      return outcomeOf(await requests.send({ method: 'POST', url, headers, body: bytes }), clock());
    } catch (error) {
      const isRefused = (error as NodeJS.ErrnoException).code === addressRefused;
      return { kind: isRefused ? 'refused' : 'again', message: errorWords(error) };
    } finally {
      if (!this.#parts.requests) requests.close();
    }
  }

  /** Created per message: certificates may have changed. */
  #requests(): Requests {
    const { settings, proxyEnv } = this.#parts;
    const { caFile } = settings.credentials;
    return createRequests({
      ca: caFile === undefined ? undefined : mounted.bytes(caFile),
      proxyEnv,
      signal: this.#closing.signal,
      timeout: settings.timeout,
      allows: addressTest({ loopback: settings.allowLoopback, linkLocal: settings.allowLinkLocal }),
    });
  }
}

function outcomeOf(answer: Answered, now: number): Outcome {
  const { status, text } = answer;
  if (status >= 200 && status < 300) return { kind: 'taken' };
  const said = redactText((text.split('\n')[0] ?? '').slice(0, 200)).trim();
  const words = status >= 300 && status < 400 ? ' and redirects are not followed' : '';
  const message = `it answered with status ${status}${words}${said === '' ? '' : `: ${said}`}`;
  const passes = status === 408 || status === 429 || status >= 500;
  return passes ? { kind: 'again', message, after: retryAfter(answer, now) } : { kind: 'refused', message };
}

/** Milliseconds; from seconds or a date. */
export function retryAfter({ headers }: Pick<Answered, 'headers'>, now: number): number | undefined {
  const header = headers['retry-after'];
  if (header === undefined) return undefined;
  const ms = /^\d+$/.test(header) ? Number(header) * 1000 : Date.parse(header) - now;
  return Number.isFinite(ms) ? Math.max(0, ms) : undefined;
}
