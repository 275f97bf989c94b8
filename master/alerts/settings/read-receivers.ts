// Parses receivers: each has one kind and selects its alerts. Credentials are in separate files.
import { findingClasses } from '../../findings/contract.ts';
import {
  duration,
  flag,
  listOf,
  longText,
  mapOf,
  oneOf,
  oneOrMore,
  type Place,
  type Read,
  record,
  text,
  told,
  whole,
} from '../../yaml/checked.ts';
import type { AlertClass } from '../alert.ts';
import { readTemplate } from '../receivers/template.ts';
import type { ReceiverSettings } from './alert-settings.ts';
import { httpUrl, names, severity, type Tell, word } from './words.ts';

const alertClasses: readonly AlertClass[] = [...findingClasses, 'change'];
const minute = 60_000;
const usualType = 'application/json';

const path = text(/^\//, 'the whole path of a file');
/** Prometheus' grammar of label names. */
const labelName = /^[a-zA-Z_][a-zA-Z0-9_]*$/;
const ownLabels = ['alertname', 'cluster', 'severity', 'level', 'class', 'namespace', 'resource', 'type', 'id'];
/** A token of RFC 9110; framing headers must not be set. */
const headerName =
  /^(?!(?:host|content-length|content-type|transfer-encoding|connection|te|upgrade|trailer|expect)$)[!#$%&'*+.^_`|~0-9a-z-]+$/i;

const credentials = { bearerTokenFile: path, username: text(), passwordFile: path, caFile: path };
const alertmanager = record(
  {
    urls: oneOrMore(httpUrl),
    resolve: flag,
    resend: duration(5000, 10 * minute),
    allow: listOf(oneOf(['link-local'])),
    labels: mapOf(text(/^[^\p{Cc}]*$/u, 'a text on one line'), labelName, 'letters, digits and underscores'),
    ...credentials,
  },
  ['urls'],
);
const webhook = record({
  url: httpUrl,
  urlFile: path,
  secretFile: path,
  headers: mapOf(text(/^[\t\x20-\x7e]*$/, 'a text of plain characters'), headerName, 'a header that may be set'),
  template: longText,
  contentType: text(/^[\w.+-]+\/[\w.+-]+(; ?charset=[\w-]+)?$/, 'a media type'),
  timeout: duration(100, 2 * minute),
  allow: listOf(oneOf(['loopback', 'link-local'])),
  queue: whole(1, 100_000),
  ends: flag,
  ...credentials,
});
const match = record({
  severity: oneOrMore(severity),
  class: oneOrMore(oneOf(alertClasses)),
  namespace: names,
  alert: names,
  type: names,
});
const receiver = record({ name: word, match, alertmanager, webhook, log: record({}) }, ['name']);

export function receiversIn(value: unknown, tell: Tell): readonly ReceiverSettings[] {
  if (value === undefined || value === null) return [];
  if (!Array.isArray(value)) {
    tell({ place: ['receivers'], message: 'must be a list' });
    return [];
  }
  const found = new Map<string, ReceiverSettings>();
  for (const [at, each] of (value as unknown[]).entries()) {
    const place = ['receivers', at];
    const read = receiver(each, place, tell);
    const made = read && receiverOf(read, place, tell);
    if (made && found.has(made.name)) tell({ place: [...place, 'name'], message: `another is called ${made.name}` });
    else if (made) found.set(made.name, made);
  }
  return [...found.values()];
}

function receiverOf(read: Read<typeof receiver>, place: Place, tell: Tell): ReceiverSettings | undefined {
  const { name, match: matched = {}, alertmanager: alerting, webhook: hook, log } = read;
  const kinds = [alerting, hook, log].filter((each) => each !== undefined);
  if (kinds.length !== 1) return told(tell, place, 'needs one of alertmanager, webhook, log');
  const common = { name, match: matched };
  if (log) return { ...common, kind: 'log' };
  const fault = alerting ? alertmanagerFault(alerting) : webhookFault(hook as Read<typeof webhook>);
  if (fault) return told(tell, [...place, alerting ? 'alertmanager' : 'webhook', fault.key], fault.message);
  if (alerting) return { ...common, ...alertmanagerOf(alerting) };
  return { ...common, ...webhookOf(hook as Read<typeof webhook>) };
}

interface KeyFault {
  readonly key: string;
  readonly message: string;
}

function loginFault({ username, passwordFile, bearerTokenFile }: Read<typeof webhook>): KeyFault | undefined {
  if ((username === undefined) !== (passwordFile === undefined))
    return {
      key: username === undefined ? 'passwordFile' : 'username',
      message: 'username and passwordFile belong together',
    };
  if (username === undefined || bearerTokenFile === undefined) return undefined;
  return { key: 'bearerTokenFile', message: 'excludes username and passwordFile' };
}

function alertmanagerFault(said: Read<typeof alertmanager>): KeyFault | undefined {
  const own = Object.keys(said.labels ?? {}).find((name) => ownLabels.includes(name) && name !== 'cluster');
  if (own !== undefined) return { key: 'labels', message: `${own} is a label of every alert already` };
  return loginFault(said);
}

function webhookFault(said: Read<typeof webhook>): KeyFault | undefined {
  const template = templateFault(said);
  if (template !== undefined) return { key: 'template', message: template };
  if ((said.url === undefined) === (said.urlFile === undefined))
    return { key: 'url', message: 'needs one of url, urlFile' };
  return loginFault(said);
}

function templateFault({ template, contentType = usualType }: Read<typeof webhook>): string | undefined {
  if (template === undefined) return undefined;
  try {
    readTemplate(template, contentType);
    return undefined;
  } catch (error) {
    return (error as Error).message;
  }
}

function alertmanagerOf(said: Read<typeof alertmanager>) {
  const { urls, resolve = false, resend = minute, labels = {}, allow = [], ...login } = said;
  const allowLinkLocal = allow.includes('link-local');
  return { kind: 'alertmanager' as const, urls, resolve, resend, allowLinkLocal, labels, credentials: login };
}

function webhookOf(said: Read<typeof webhook>) {
  const { bearerTokenFile, username, passwordFile, caFile, allow = [] } = said;
  return {
    kind: 'webhook' as const,
    url: said.url,
    urlFile: said.urlFile,
    secretFile: said.secretFile,
    credentials: { bearerTokenFile, username, passwordFile, caFile },
    headers: said.headers ?? {},
    template: said.template,
    contentType: said.contentType ?? usualType,
    timeout: said.timeout ?? 10_000,
    allowLoopback: allow.includes('loopback'),
    allowLinkLocal: allow.includes('link-local'),
    queue: said.queue ?? 1000,
    ends: said.ends ?? true,
  };
}
